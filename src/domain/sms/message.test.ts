import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMsgId, parseMsgId } from './message.ts';

test('a message id holds the day and the number', () => {
  const key = { createdDay: '2026-11-26', smsId: 42 };
  assert.equal(formatMsgId(key), '2611260000000000042');
  assert.deepEqual(parseMsgId('2611260000000000042'), key);
});

test('what is no message id', () => {
  for (const text of [
    '',
    '42',
    '2613260000000000042',
    '2602300000000000042',
    '26112600000000000420',
    'x611260000000000042',
  ]) {
    assert.equal(parseMsgId(text), null, text);
  }
});
