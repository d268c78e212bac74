import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allot, type Contender } from './fair-share.ts';

const task = (taskId: number, want: number, accountId = 1): Contender => ({
  ...{ taskId, accountId, want, isUrgent: false },
});
const urgent = (taskId: number, want: number, accountId = 1): Contender => ({
  ...{ taskId, accountId, want, isUrgent: true },
});
const none = new Map<number, number>();
const counts = (room: number, tasks: Contender[], accounts = none, startAt = 0): Record<number, number> =>
  Object.fromEntries(allot(room, tasks, accounts, startAt).map(({ taskId, count }) => [taskId, count]));

test('fair share: the big one gets no more than the small one, then the rest', () => {
  assert.deepEqual(counts(10, [task(1, 200_000), task(2, 20)]), { 1: 5, 2: 5 });
  assert.deepEqual(counts(10, [task(1, 200_000), task(2, 2)]), { 1: 8, 2: 2 });
});

test('fair share: little room is taken in turns', () => {
  const tasks = [task(1, 9), task(2, 9), task(3, 9)];
  assert.deepEqual(counts(1, tasks, none, 0), { 1: 1 });
  assert.deepEqual(counts(1, tasks, none, 1), { 2: 1 });
  assert.deepEqual(counts(2, tasks, none, 2), { 3: 1, 1: 1 });
});

test('fair share: an account is held to its room over its tasks', () => {
  const tasks = [task(1, 9, 7), task(2, 9, 7), task(3, 9, 8)];
  assert.deepEqual(counts(12, tasks, new Map([[7, 3]])), { 1: 2, 2: 1, 3: 9 });
  assert.deepEqual(counts(12, tasks, new Map([[7, 0]])), { 3: 9 });
});

test('fair share: the urgent come first in each turn, whoever is served first', () => {
  const tasks = [task(1, 200_000), task(2, 9), urgent(3, 1), urgent(4, 1000)];
  for (const startAt of [0, 1, 2, 3]) assert.deepEqual(counts(2, tasks, none, startAt), { 3: 1, 4: 1 });
  assert.deepEqual(counts(7, tasks), { 1: 2, 2: 2, 3: 1, 4: 2 });
  assert.deepEqual(counts(1, tasks, new Map([[1, 1]])), { 3: 1 }, 'also of the room of their own account');
});

test('fair share: nothing to deal, nobody to deal to', () => {
  assert.deepEqual(counts(0, [task(1, 5)]), {});
  assert.deepEqual(counts(5, []), {});
  assert.deepEqual(counts(5, [task(1, 0)]), {});
});

test('fair share: all the room that can be used is used, and no two that want more differ by more than one', () => {
  const tasks = fc
    .array(fc.nat(30), { minLength: 1, maxLength: 20 })
    .map((wants) => wants.map((want, index) => task(index, want)));
  fc.assert(
    fc.property(fc.nat(200), tasks, fc.nat(40), (room, contenders, startAt) => {
      const dealt = counts(room, contenders, none, startAt);
      const total = Object.values(dealt).reduce((sum, count) => sum + count, 0);
      assert.equal(
        total,
        Math.min(
          room,
          contenders.reduce((sum, { want }) => sum + want, 0),
        ),
      );
      const unsatisfied = contenders
        .filter(({ taskId, want }) => (dealt[taskId] ?? 0) < want)
        .map(({ taskId }) => dealt[taskId] ?? 0);
      const most = Math.max(0, ...Object.values(dealt));
      for (const count of unsatisfied) assert.ok(most - count <= 1);
    }),
  );
});
