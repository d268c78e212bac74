import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatVoiceId, parseVoiceId } from './voice-id.ts';

test('a record id is day, task id and six digits of seq', () => {
  assert.equal(formatVoiceId({ createdDay: '2026-03-09', taskId: 5000602, seq: 17 }), '2603095000602000017');
});

test('every key survives being written and read', () => {
  const day = fc
    .date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const key = fc.record({ createdDay: day, taskId: fc.integer({ min: 1 }), seq: fc.integer({ min: 1, max: 999_999 }) });
  fc.assert(fc.property(key, (expected) => assert.deepEqual(parseVoiceId(formatVoiceId(expected)), { ...expected })));
});

test('what is no record id is null', () => {
  for (const text of ['', 'abc', '260309', '2602305000602000017', '2613015000602000017']) {
    assert.equal(parseVoiceId(text), null, text);
  }
  assert.equal(parseVoiceId('2603095000602000000'), null, 'callees are numbered from 1');
  assert.equal(parseVoiceId('2603090500060000001x'), null);
});
