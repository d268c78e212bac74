import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstStep, statesBefore, stepTask, type TaskInput } from './machine.ts';
import type { TaskStatus } from './status.ts';

const all: TaskStatus[] = [0, 1, 2, 3, 4, 5, 6];

/** Every input, and where it leads from each state that it applies in. */
const table: [TaskInput, Partial<Record<TaskStatus, TaskStatus>>][] = [
  [{ type: 'prepared', isDue: true }, { 6: 1 }],
  [{ type: 'prepared', isDue: false }, { 6: 0 }],
  [{ type: 'preparation-failed' }, { 6: 3 }],
  [{ type: 'send-time-came' }, { 0: 1 }],
  [{ type: 'all-calls-ended' }, { 1: 2, 5: 2 }],
  [{ type: 'cancel' }, { 0: 4, 1: 4, 5: 4 }],
  [{ type: 'suspend' }, { 0: 5, 1: 5 }],
  [{ type: 'means-used-up' }, { 1: 5 }],
  [{ type: 'resume', isDue: true }, { 5: 1 }],
  [{ type: 'resume', isDue: false }, { 5: 0 }],
  [{ type: 'change', needsPreparation: true, isDue: true }, { 0: 6 }],
  [{ type: 'change', needsPreparation: false, isDue: false }, { 0: 0 }],
  [{ type: 'change', needsPreparation: false, isDue: true }, { 0: 1 }],
];

test('every state on every input', () => {
  for (const [input, expected] of table) {
    for (const status of all) {
      const next = stepTask(status, input)?.status;
      assert.equal(next, expected[status], `${JSON.stringify(input)} in ${status}`);
    }
    assert.deepEqual(new Set(statesBefore(input)), new Set(Object.keys(expected).map(Number)));
  }
});

test('what follows from a step', () => {
  assert.deepEqual(stepTask(1, { type: 'all-calls-ended' })?.actions, ['advance-recall']);
  assert.deepEqual(stepTask(1, { type: 'cancel' })?.actions, ['announce', 'cancel-recall']);
  assert.deepEqual(stepTask(6, { type: 'preparation-failed' })?.actions, ['fail-recall']);
  assert.deepEqual(stepTask(5, { type: 'resume', isDue: false })?.actions, ['enqueue-start']);
  assert.deepEqual(firstStep({ needsPreparation: true, isDue: true }), { status: 6, actions: ['enqueue-prepare'] });
  assert.deepEqual(firstStep({ needsPreparation: false, isDue: true }), { status: 1, actions: ['announce'] });
  assert.deepEqual(firstStep({ needsPreparation: false, isDue: false }), { status: 0, actions: ['enqueue-start'] });
});

test('final states stay', () => {
  for (const status of [2, 3, 4] as const) {
    for (const [input] of table) assert.equal(stepTask(status, input), null);
  }
});
