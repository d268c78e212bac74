import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { sweepDeadProcesses } from '../../src/domain/process/sweep.ts';
import { CallLedger } from '../../src/domain/record/call-ledger.ts';
import { type CallSnapshot, endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import { textsAnswer } from '../../src/domain/sms/follow-calls.ts';
import { runnableTasks } from '../../src/domain/task/claim.ts';
import type { HangUpSms } from '../../src/domain/task/settings.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, claimFrom, noScheduling } from '../support/dialer-fixture.ts';
import { type Ending, endedAs } from '../support/ended-call.ts';
import { addSmsApp, texting } from '../support/sms-fixture.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

type Claimed = { readonly taskId: number; readonly createdDay: string; readonly processId: string };

/** A task that texts, with one open call for each callee. */
async function claimedTask(sms: Partial<HangUpSms>, callees: number): Promise<Claimed> {
  const owner = await addAccount(database.db);
  const { appId } = await addSmsApp(database.db, owner.accountId);
  const taskId = await addTask(database.db, { owner, callees, hangUpSms: texting(appId, sms) });
  const processId = randomUUID();
  await registerProcess(database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  const [first] = await claimFrom(database.db, processId, [{ taskId, max: callees }]);
  assert.ok(first);
  return { taskId, createdDay: first.createdDay, processId };
}

async function end({ processId }: Claimed, snapshots: readonly CallSnapshot[]): Promise<void> {
  await database.db.transaction().execute((tx) => endCalls(tx, processId, snapshots, noScheduling));
}

async function messagesOf(taskId: number) {
  return database.db
    .selectFrom('sms_message')
    .select(['seq', 'trigger', 'state', 'due_at as dueAt', 'reason'])
    .where('task_id', '=', taskId)
    .orderBy('seq')
    .execute();
}

/** Every way a call may end that a trigger looks at, and which triggers hold then. */
const endings: readonly { ending: Ending; key: string | null; holds: readonly string[] }[] = [
  { ending: 'answered', key: '1', holds: ['success', 'feedback'] },
  { ending: 'answered', key: '2', holds: ['success'] },
  { ending: 'answered', key: null, holds: ['success'] },
  { ending: 'machine', key: null, holds: ['failed', 'ring'] },
  { ending: 'rang', key: null, holds: ['failed', 'ring'] },
  { ending: 'refused', key: null, holds: ['failed'] },
];

test('every combination of triggers on every kind of end', async () => {
  const all = ['success', 'feedback', 'failed', 'ring'];
  for (let bits = 1; bits < 16; bits += 1) {
    const [successPush, feedbackPush, failedPush, ringPush] = all.map((_, index) => ((bits >> index) & 1) as 0 | 1);
    const chosen = all.filter((_, index) => ((bits >> index) & 1) === 1);
    const sms = { successPush, feedbackPush, failedPush, ringPush, feedbackValue: '1' };
    const claimed = await claimedTask(sms, endings.length);
    await end(
      claimed,
      endings.map(({ ending, key }, index) => endedAs(ending, { ...claimed, seq: index + 1, key })),
    );
    // All answered and ringing calls rang as well.
    const expected = endings.flatMap(({ holds, ending }, index) => {
      const held = ending === 'answered' ? [...holds, 'ring'] : holds;
      const trigger = all.find((name) => chosen.includes(name) && held.includes(name));
      return trigger === undefined ? [] : [`${index + 1} ${trigger}`];
    });
    const made = (await messagesOf(claimed.taskId)).map(({ seq, trigger }) => `${seq} ${trigger}`);
    assert.deepEqual(made, expected, chosen.join(' '));
  }
});

test('a message is made once, however often the end is written', async () => {
  const claimed = await claimedTask({ failedPush: 1 }, 2);
  const snapshots = [1, 2].map((seq) => endedAs('rang', { ...claimed, seq, key: null }));
  for (let round = 0; round < 3; round += 1) await end(claimed, snapshots);
  assert.equal((await messagesOf(claimed.taskId)).length, 2);
});

test('a task that does not text makes none', async () => {
  const claimed = await claimedTask({ hangUpSms: 0, failedPush: 1 }, 1);
  await end(claimed, [endedAs('rang', { ...claimed, seq: 1, key: null })]);
  assert.deepEqual(await messagesOf(claimed.taskId), []);
});

test('an app without a channel has failed messages', async () => {
  const claimed = await claimedTask({ failedPush: 1 }, 1);
  await database.db.updateTable('app').set({ sms_channel_id: null }).where('kind', '=', 'sms').execute();
  await end(claimed, [endedAs('rang', { ...claimed, seq: 1, key: null })]);
  const [message] = await messagesOf(claimed.taskId);
  assert.deepEqual([message?.state, message?.reason], ['failed', 'the app has no SMS channel']);
});

test('an answer is texted at its time, also while the call is up, and the end adds nothing', async () => {
  const claimed = await claimedTask({ successPush: 1, successPushTime: 30, feedbackPush: 1, feedbackValue: '1' }, 2);
  const [task] = (await runnableTasks(database.db)).filter(({ taskId }) => taskId === claimed.taskId);
  // All its callees are claimed, so that it is not runnable any more; the dialer has it from before.
  assert.equal(task, undefined);
  const ledger = new CallLedger({
    db: database.db,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId: claimed.processId,
    scheduling: noScheduling,
    flushDelayMs: 1,
  });
  const ended = endedAs('answered', { ...claimed, seq: 1, key: '1' });
  ledger.report({ ...ended, state: 'answered', feedbackValue: null, digits: null, textsAnswer: true, end: null });
  await ledger.drain(AbortSignal.timeout(10_000));
  const [early] = await messagesOf(claimed.taskId);
  assert.equal(early?.trigger, 'success');
  assert.equal(early?.dueAt.getTime(), (ended.answeredAt?.getTime() ?? 0) + 30_000);
  ledger.report({ ...ended, textsAnswer: true });
  ledger.report({ ...endedAs('answered', { ...claimed, seq: 2, key: null }), textsAnswer: true });
  await ledger.drain(AbortSignal.timeout(10_000));
  ledger.close();
  const made = await messagesOf(claimed.taskId);
  assert.deepEqual(
    made.map(({ seq, trigger }) => [seq, trigger]),
    [
      [1, 'success'],
      [2, 'success'],
    ],
  );
});

test('who answered is known at the end only where it is to be found out', async () => {
  for (const [detectsMachine, expected] of [
    [false, true],
    [true, false],
  ] as const) {
    const owner = await addAccount(database.db);
    const hangUpSms = texting('x', { successPush: 1 });
    const taskId = await addTask(database.db, { owner, callees: 1, hangUpSms, detectsMachine });
    const task = (await runnableTasks(database.db)).find((candidate) => candidate.taskId === taskId);
    assert.ok(task);
    assert.equal(textsAnswer(task), expected);
  }
});

test('the calls of a dead process are texted as well, once', async () => {
  const claimed = await claimedTask({ failedPush: 1, successPush: 1 }, 2);
  const { db } = database;
  await db
    .updateTable('call')
    .set({ state: 'answered', answered_at: new Date() })
    .where('task_id', '=', claimed.taskId)
    .where('seq', '=', 1)
    .execute();
  await db
    .updateTable('process')
    .set({ heartbeat_at: new Date(0) })
    .where('process_id', '=', claimed.processId)
    .execute();
  await Promise.all([1, 2, 3].map(() => sweepDeadProcesses(db, 1000, noScheduling)));
  const made = await messagesOf(claimed.taskId);
  assert.deepEqual(
    made.map(({ seq, trigger }) => [seq, trigger]),
    [
      [1, 'success'],
      [2, 'failed'],
    ],
  );
});
