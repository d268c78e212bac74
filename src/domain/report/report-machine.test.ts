import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportState } from './report.ts';
import { type ReportInput, type ReportPosition, retryMinutes, step } from './report-machine.ts';

test('report: nine tries at the times of the contract, then dead', () => {
  let position: ReportPosition = { state: 'pending', tries: 0 };
  const waits: number[] = [];
  for (let tries = 1; tries <= 8; tries++) {
    const next = step(position, 'failed');
    assert.deepEqual(next.position, { state: 'retrying', tries });
    const [action] = next.actions;
    assert.equal(action?.type, 'tryAfter');
    waits.push(action.minutes * 60);
    position = next.position;
  }
  const minute = 60;
  assert.deepEqual(waits, [10, 30, minute, 5 * minute, 15 * minute, 60 * minute, 180 * minute, 360 * minute]);
  assert.equal(retryMinutes.length, 8);
  const last = step(position, 'failed');
  assert.deepEqual(last, { position: { state: 'dead', tries: 9 }, actions: [{ type: 'settle' }] });
});

const table: [
  from: ReportState,
  tries: number,
  input: ReportInput,
  to: ReportState,
  triesAfter: number,
  actions: string[],
][] = [
  ['pending', 0, 'delivered', 'delivered', 0, ['settle']],
  ['pending', 0, 'failed', 'retrying', 1, ['tryAfter']],
  ['pending', 0, 'requested', 'pending', 0, ['tryAfter']],
  ['pending', 0, 'outlasted', 'dead', 0, ['settle']],
  ['retrying', 3, 'outlasted', 'dead', 3, ['settle']],
  ['retrying', 3, 'delivered', 'delivered', 3, ['settle']],
  ['retrying', 3, 'failed', 'retrying', 4, ['tryAfter']],
  ['retrying', 8, 'failed', 'dead', 9, ['settle']],
  ['retrying', 8, 'requested', 'pending', 0, ['tryAfter']],
  ['delivered', 3, 'requested', 'pending', 0, ['tryAfter']],
  ['delivered', 3, 'delivered', 'delivered', 3, []],
  ['delivered', 3, 'failed', 'delivered', 3, []],
  ['delivered', 3, 'outlasted', 'delivered', 3, []],
  ['dead', 9, 'outlasted', 'dead', 9, []],
  ['dead', 9, 'requested', 'pending', 0, ['tryAfter']],
  ['dead', 9, 'delivered', 'dead', 9, []],
  ['dead', 9, 'failed', 'dead', 9, []],
];

for (const [from, tries, input, to, triesAfter, actions] of table) {
  test(`report: ${from} after ${tries} failures, ${input}`, () => {
    const next = step({ state: from, tries }, input);
    assert.deepEqual(next.position, { state: to, tries: triesAfter });
    assert.deepEqual(
      next.actions.map((action) => action.type),
      actions,
    );
  });
}
