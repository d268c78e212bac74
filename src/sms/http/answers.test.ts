import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutgoingSms, SmsSendResult } from '../sms-transport.ts';
import { receiptsOf, resultsOf } from './answers.ts';
import type { Exchange } from './exchange.ts';

const message = (messageId: string, to: string): OutgoingSms => ({ messageId, to, from: null, text: 'hello' });
const two = [message('21412', '91856321412'), message('21413', '91856321413')];

function answered(body: unknown, httpStatus = 200): Exchange {
  return { type: 'answered', httpStatus, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** A result in a word: what the sender does with it. */
function wordOf(result: SmsSendResult | undefined): string | undefined {
  if (result?.type !== 'refused') return result?.type;
  return result.isFinal ? 'failed' : `again ${result.retryAfterMs ?? ''}`.trim();
}

test('the documented answer names what was taken, by order id', () => {
  const array = [
    { msgId: '2108021054011000096', number: '91856321413', orderId: '21413' },
    { msgId: '2108021054011000095', number: '91856321412', orderId: '21412' },
  ];
  const { results, health } = resultsOf(
    answered({ status: '0', reason: 'success', success: '2', fail: '0', array }),
    two,
  );
  assert.deepEqual(results, [
    { type: 'accepted', providerIds: ['2108021054011000095'] },
    { type: 'accepted', providerIds: ['2108021054011000096'] },
  ]);
  assert.deepEqual(health, { isUp: true, reason: null });
});

test('without order ids the number says whose entry it is; who has none was not taken', () => {
  const array = [{ msgId: '7', number: '91856321413' }];
  const { results } = resultsOf(answered({ status: 0, reason: 'success', array }), two);
  assert.deepEqual(results.map(wordOf), ['failed', 'accepted']);
  assert.deepEqual(results[1], { type: 'accepted', providerIds: ['7'] });
});

/** What may come instead, what becomes of the message, and whether the channel counts as up. */
const table: [string, Exchange, string, boolean][] = [
  ['no connection', { type: 'unsent', reason: 'connect ECONNREFUSED' }, 'again', false],
  ['no answer', { type: 'lost', reason: 'no answer in time' }, 'unknown', false],
  ['wrong key', answered({ status: '-1', reason: 'no' }), 'again 60000', false],
  ['no balance', answered({ status: '-10', reason: 'no' }), 'again 60000', false],
  ['no channel bound', answered({ status: '-19', reason: 'no' }), 'again 60000', false],
  ['too often', answered({ status: '-15', reason: 'no' }), 'again 5000', true],
  ['sensitive words', answered({ status: '-3', reason: 'no' }), 'failed', true],
  ['too long', answered({ status: '-5', reason: 'no' }), 'failed', true],
  ['bad number', answered({ code: -9, msg: 'no' }), 'failed', true],
  ['fault', answered({ status: '-18', reason: 'no' }), 'unknown', false],
  ['fault', answered({ status: '-12', reason: 'no' }), 'unknown', false],
  ['not JSON', answered('<html>'), 'unknown', false],
  ['JSON of somebody else', answered({ ok: true }), 'unknown', false],
  ['not found', answered('', 404), 'again', false],
  ['too many requests', answered('', 429), 'again', false],
  ['redirect', answered('', 302), 'again', false],
  ['request timeout', answered('', 408), 'unknown', false],
  ['server error', answered({ status: '0' }, 500), 'unknown', false],
  ['bad gateway', answered('', 502), 'unknown', false],
  ['unavailable', answered('', 503), 'again', false],
];

test('what is certain not to have been taken is sent again, what is uncertain never', () => {
  for (const [what, exchange, expected, isUp] of table) {
    const { results, health } = resultsOf(exchange, two);
    assert.deepEqual(results.map(wordOf), [expected, expected], what);
    assert.equal(health.isUp, isUp, what);
    assert.equal(health.reason === null, isUp, what);
  }
});

test('a report is a receipt once it is final', () => {
  const entry = (msgId: string, status: unknown) => ({
    msgId,
    number: '1',
    receiveTime: '2021-02-12T09:30:03+08:00',
    status,
  });
  const array = [
    entry('1', '0'),
    entry('2', -1),
    entry('3', '1'),
    entry('4', 2),
    { ...entry('5', '0'), receiveTime: 'soon' },
  ];
  const { receipts } = receiptsOf(answered({ status: '0', reason: 'success', array }));
  const doneAt = new Date('2021-02-12T01:30:03Z');
  assert.deepEqual(receipts, [
    { providerId: '1', state: 'delivered', doneAt, code: null },
    { providerId: '3', state: 'failed', doneAt, code: '1' },
    { providerId: '4', state: 'failed', doneAt, code: '2' },
    { providerId: '5', state: 'delivered', doneAt: null, code: null },
  ]);
});

test('a platform that does not answer has no receipts', () => {
  for (const exchange of [{ type: 'lost', reason: 'gone' } as const, answered('', 502), answered({ status: '-1' })]) {
    const { receipts, health } = receiptsOf(exchange);
    assert.deepEqual(receipts, []);
    assert.equal(health.isUp, false);
  }
});

test('of an answer that is none of the dialect nothing is told but its status', () => {
  // What a cloud's metadata service, or a neighbour, says to whoever can reach it.
  const bodies = ['{"AccessKeyId":"hidden","Token":"hidden"}', '<html>hidden</html>', 'hidden', '["hidden"]'];
  for (const status of [200, 302, 401, 404, 500]) {
    for (const body of bodies) {
      const exchange = answered(body, status);
      const told = JSON.stringify([resultsOf(exchange, two), receiptsOf(exchange)]);
      assert.doesNotMatch(told, /hidden/, `${status} ${body}`);
      assert.match(told, status === 200 ? /not one of the dialect/ : new RegExp(`HTTP ${status}`));
    }
  }
});
