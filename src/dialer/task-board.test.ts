import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ignoringMachines } from '../../test/support/call-plan.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { RunnableTask } from '../domain/task/claim.ts';
import type { CallSettings } from '../domain/task/settings.ts';
import { TaskBoard } from './task-board.ts';
import type { TaskPrompts } from './task-prompts.ts';

const me = 'process-1';

function task(taskId: number, change: Partial<RunnableTask> = {}): RunnableTask {
  const plan = {
    delayPlayS: 0,
    delayHangupS: 0,
    maxRingingS: 30,
    loopCount: 1,
    maxCallS: 60,
    isRecorded: false,
    ...ignoringMachines,
  };
  const account = {
    accountId: 1,
    timeZone: 'Asia/Shanghai',
    maxConcurrency: null,
    isAccountEnabled: true,
    isCharged: false,
    isDirect: false,
  };
  const list = {
    createdDay: '2026-01-05',
    displayNum: null,
    windows: [],
    waitingReason: null,
    nextSeq: 1,
    numberCount: 100,
    speechProvider: 'espeak' as const,
  };
  return { taskId, plan, promptId: 5, settings: {} as CallSettings, ...account, ...list, ...change };
}

/** A board whose prompts are ready for `ready` callees. */
function bench(ready = 50, trouble: string | null = null) {
  const clock = new FakeClock();
  const closed: number[] = [];
  const promptsFor = ({ taskId }: RunnableTask): TaskPrompts => ({
    trouble,
    advance: () => undefined,
    readyCount: () => ready,
    take: () => Promise.reject(new Error('not asked for here')),
    close: () => closed.push(taskId),
  });
  return { clock, closed, board: new TaskBoard({ processId: me, clock, promptsFor }) };
}

const nobody = new Map<number, number>();

test('task board: a task wants what is left of it and ready', () => {
  const { board } = bench(50);
  board.refresh([task(1), task(2, { nextSeq: 91 })]);
  const { contenders, reasons } = board.contenders(null, nobody);
  assert.deepEqual(
    contenders.map(({ taskId, want }) => [taskId, want]),
    [
      [1, 50],
      [2, 10],
    ],
  );
  assert.deepEqual(reasons, []);
});

test('task board: a claim of our own is not undone by an older reading', () => {
  const { board } = bench(100);
  board.refresh([task(1)]);
  board.claimed(1, 60);
  board.refresh([task(1, { nextSeq: 40 })]);
  assert.equal(board.contenders(null, nobody).contenders[0]?.want, 40);
  board.refresh([task(1, { nextSeq: 81 })]);
  assert.equal(board.contenders(null, nobody).contenders[0]?.want, 20);
});

const reasons: readonly (readonly [
  name: string,
  change: Partial<RunnableTask>,
  outage: string | null,
  reason: string,
])[] = [
  ['outside the windows', { windows: [{ start: '13:00', end: '14:00' }] }, null, 'outside the allowed sending times'],
  ['an unknown zone', { timeZone: 'Mars/Olympus' }, null, 'outside the allowed sending times'],
  ['a disabled account', { isAccountEnabled: false }, null, 'the account is disabled'],
  ['no trunk', {}, 'no trunk is set up', 'no trunk is set up'],
];
for (const [name, change, outage, reason] of reasons) {
  test(`task board: ${name} is told once, and again after a claim`, () => {
    const { board } = bench();
    board.refresh([task(1, change)]);
    const first = board.contenders(outage, nobody);
    assert.deepEqual([first.contenders, first.reasons], [[], [{ taskId: 1, reason }]]);
    assert.deepEqual(board.contenders(outage, nobody).reasons, []);
    board.claimed(1, 3);
    assert.deepEqual(board.contenders(outage, nobody).reasons, [{ taskId: 1, reason }]);
    board.forgetReason(1);
    assert.equal(board.contenders(outage, nobody).reasons.length, 1);
  });
}

test('task board: a reason that the table has already is not written again', () => {
  const { board } = bench();
  board.refresh([task(1, { waitingReason: 'no trunk is set up' })]);
  assert.deepEqual(board.contenders('no trunk is set up', nobody).reasons, []);
});

test('task board: trouble with the prompt is told', () => {
  const { board } = bench(0, 'the synthesizer is away');
  board.refresh([task(1)]);
  assert.deepEqual(board.contenders(null, nobody).reasons, [{ taskId: 1, reason: 'the synthesizer is away' }]);
});

test('task board: windows open at their minute', async () => {
  const { board, clock } = bench();
  // It is 12:00 in Shanghai.
  board.refresh([task(1, { windows: [{ start: '12:01', end: '12:02' }] })]);
  const isOpen = (): boolean => board.contenders(null, nobody).contenders.length > 0;
  const seen: boolean[] = [];
  for (let half = 0; half < 5; half += 1) {
    seen.push(isOpen());
    await clock.advance(30_000);
  }
  assert.deepEqual(seen, [false, false, true, true, false]);
});

test('task board: a task whose calls wait for a trunk claims no more, and says so after a while', async () => {
  const { board, clock } = bench();
  board.refresh([task(1)]);
  const waiting = new Map([[1, clock.monotonic()]]);
  assert.deepEqual(board.contenders(null, waiting), { contenders: [], reasons: [] });
  await clock.advance(2001);
  assert.equal(board.contenders(null, waiting).reasons.length, 1);
  assert.equal(board.contenders(null, nobody).contenders.length, 1);
});

test('task board: an account has what its share leaves', () => {
  const { board } = bench();
  board.refresh([task(1, { maxConcurrency: 9 }), task(2, { accountId: 2 })]);
  const alone = [{ processId: me, usage: {} }];
  const two = [...alone, { processId: 'process-2', usage: { 'account:1': 7 } }];
  assert.deepEqual([...board.accountRoom(alone)], [[1, 9]]);
  // Its share is 5, but the other one still holds 7 of the 9.
  assert.deepEqual([...board.accountRoom(two)], [[1, 2]]);
  for (let call = 0; call < 3; call += 1) board.opened(1);
  assert.deepEqual([...board.accountRoom(alone)], [[1, 6]]);
  assert.deepEqual([...board.accountRoom(two)], [[1, 0]]);
  assert.deepEqual(board.usage(two), { 'account:1': 3 });
  board.closed(1);
  assert.deepEqual([...board.accountRoom(alone)], [[1, 7]]);
});

test('task board: what is gone gives its prompts back', () => {
  const { board, closed } = bench();
  board.refresh([task(1), task(2), task(3)]);
  board.refresh([task(2), task(3, { promptId: 6 })]);
  assert.deepEqual(closed, [3, 1]);
  board.close();
  assert.deepEqual(closed, [3, 1, 2, 3]);
});

test('task board: a charged task that gave less than was asked for is left alone until it is read again', () => {
  const { board } = bench();
  const wanting = (): number[] => board.contenders(null, nobody).contenders.map(({ taskId }) => taskId);
  board.refresh([task(1, { isCharged: true }), task(2)]);
  board.fellShort(1);
  assert.deepEqual(wanting(), [2]);
  board.refresh([task(1, { isCharged: true, nextSeq: 4 }), task(2)]);
  assert.deepEqual(wanting(), [1, 2]);
});
