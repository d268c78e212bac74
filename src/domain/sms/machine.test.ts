import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SmsInput, smsChange, stepSms } from './machine.ts';
import { type SmsState, smsStates } from './message.ts';

/** Every input, and where it leads from each state that it applies in. */
const table: [SmsInput, Partial<Record<SmsState, SmsState>>][] = [
  [{ type: 'claimed' }, { queued: 'sending' }],
  [{ type: 'accepted' }, { sending: 'sent', unknown: 'sent' }],
  [
    { type: 'refused', isFinal: true },
    { sending: 'failed', unknown: 'failed' },
  ],
  [{ type: 'refused', isFinal: false }, { sending: 'queued' }],
  [{ type: 'in-doubt' }, { sending: 'unknown' }],
  [{ type: 'receipt', isDelivered: true }, { sent: 'delivered' }],
  [
    { type: 'receipt', isDelivered: false },
    { sent: 'failed', unknown: 'failed' },
  ],
  [{ type: 'no-receipt' }, { sent: 'unknown' }],
  [{ type: 'validity-over' }, { queued: 'expired' }],
];

test('every state on every input', () => {
  for (const [input, expected] of table) {
    for (const state of smsStates) {
      assert.equal(stepSms(state, input) ?? undefined, expected[state], `${JSON.stringify(input)} in ${state}`);
    }
    const { from, to } = smsChange(input);
    assert.deepEqual(new Set(from), new Set(Object.keys(expected)));
    assert.deepEqual(new Set(Object.values(expected)), new Set([to]), `${input.type} leads to one state`);
  }
});

test('final states stay', () => {
  for (const state of ['delivered', 'failed', 'expired'] as const) {
    for (const [input] of table) assert.equal(stepSms(state, input), null);
  }
});

test('nothing leads back to the queue but the refusal of what was being sent', () => {
  const ways = table.flatMap(([input]) =>
    smsStates.filter((state) => stepSms(state, input) === 'queued').map((from) => [input.type, from]),
  );
  assert.deepEqual(ways, [['refused', 'sending']]);
});
