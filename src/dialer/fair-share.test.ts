import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allot, type Contender, firstTurns, type Turns } from './fair-share.ts';

const task = (taskId: number, want: number, accountId = 1): Contender => ({
  ...{ taskId, accountId, want, isUrgent: false },
});
const urgent = (taskId: number, want: number, accountId = 1): Contender => ({
  ...{ taskId, accountId, want, isUrgent: true },
});
const none = new Map<number, number>();
const counts = (room: number, tasks: Contender[], accounts = none, turns = firstTurns): Record<number, number> =>
  Object.fromEntries(allot(room, tasks, accounts, turns).allotments.map(({ taskId, count }) => [taskId, count]));

/** What each task got in so many dealings of `room` calls that follow each other. */
function dealtIn(dealings: number, room: number, tasks: readonly Contender[]): Record<number, number> {
  const got = new Map(tasks.map(({ taskId }) => [taskId, 0]));
  let turns: Turns = firstTurns;
  for (let dealing = 0; dealing < dealings; dealing += 1) {
    const dealt = allot(room, tasks, none, turns);
    turns = dealt.turns;
    for (const { taskId, count } of dealt.allotments) got.set(taskId, (got.get(taskId) ?? 0) + count);
  }
  return Object.fromEntries(got);
}

test('fair share: the big one gets no more than the small one, then the rest', () => {
  assert.deepEqual(counts(10, [task(1, 200_000), task(2, 20)]), { 1: 5, 2: 5 });
  assert.deepEqual(counts(10, [task(1, 200_000), task(2, 2)]), { 1: 8, 2: 2 });
});

test('fair share: little room is taken in turns', () => {
  const tasks = [task(1, 9), task(2, 9), task(3, 9)];
  const after = (lastOther: number): Turns => ({ ...firstTurns, lastOther });
  assert.deepEqual(counts(1, tasks), { 1: 1 });
  assert.deepEqual(counts(1, tasks, none, after(1)), { 2: 1 });
  assert.deepEqual(counts(2, tasks, none, after(2)), { 3: 1, 1: 1 });
  assert.deepEqual(counts(1, [task(1, 9), task(3, 9)], none, after(2)), { 3: 1 }, 'whose turn it was has gone');
  assert.deepEqual(counts(1, [task(3, 9), task(1, 9)], none, after(3)), { 1: 1 }, 'one that came back');
  assert.deepEqual(dealtIn(8, 2, [...tasks, task(4, 9)]), { 1: 4, 2: 4, 3: 4, 4: 4 });
});

test('fair share: an account is held to its room over its tasks', () => {
  const tasks = [task(1, 9, 7), task(2, 9, 7), task(3, 9, 8)];
  assert.deepEqual(counts(12, tasks, new Map([[7, 3]])), { 1: 2, 2: 1, 3: 9 });
  assert.deepEqual(counts(12, tasks, new Map([[7, 0]])), { 3: 9 });
});

test('fair share: the urgent come first in each turn, whoever is served first', () => {
  const tasks = [task(1, 200_000), task(2, 9), urgent(3, 1), urgent(4, 1000)];
  for (const last of [0, 1, 2, 3, 4]) {
    const turns = { lastUrgent: last, lastOther: last, urgentRun: 0 };
    assert.deepEqual(counts(2, tasks, none, turns), { 3: 1, 4: 1 });
  }
  assert.deepEqual(counts(7, tasks), { 1: 2, 2: 2, 3: 1, 4: 2 });
  assert.deepEqual(counts(1, tasks, new Map([[1, 1]])), { 3: 1 }, 'also of the room of their own account');
});

test('fair share: direct calls without end leave tasks a quarter, and every task its part of it', () => {
  const flood = Array.from({ length: 1000 }, (_, index) => urgent(100 + index, 1000));
  const tasks = [task(1, 200_000), task(2, 20), task(3, 9)];
  // As much at a time as a slow trunk gives, and as a fast one.
  for (const [dealings, room] of [
    [24, 1],
    [8, 3],
    [1, 24],
  ] as const) {
    const dealt = dealtIn(dealings, room, [...tasks, ...flood]);
    assert.deepEqual([dealt[1], dealt[2], dealt[3]], [2, 2, 2], `${dealings} times ${room}`);
    assert.equal(Math.max(...flood.map(({ taskId }) => dealt[taskId] ?? 0)), 1);
  }
});

test('fair share: a direct call to many gets no more than any other while all want some', () => {
  assert.deepEqual(counts(8, [task(1, 99), task(2, 99), task(3, 99), urgent(4, 1000)]), { 1: 2, 2: 2, 3: 2, 4: 2 });
});

test('fair share: who may not call does not hold up the others', () => {
  const tasks = [task(1, 9, 7), task(2, 9, 7), urgent(3, 9, 7), urgent(4, 9, 8)];
  assert.deepEqual(counts(5, tasks, new Map([[7, 0]]), { ...firstTurns, urgentRun: 3 }), { 4: 5 });
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
    fc.property(fc.nat(200), tasks, fc.nat(40), (room, contenders, lastOther) => {
      const dealt = counts(room, contenders, none, { ...firstTurns, lastOther });
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
