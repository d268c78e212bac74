import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { finishTasksIfDone } from '../../src/domain/task/completion.ts';
import { cancelTasks, resumeTasks, suspendTasks } from '../../src/domain/task/control.ts';
import { getTaskDetail, listTasks } from '../../src/domain/task/query.ts';
import { resendTask, type TaskResend } from '../../src/domain/task/resend.ts';
import { listResults } from '../../src/domain/task/results.ts';
import { startTask } from '../../src/domain/task/start.ts';
import type { TaskSubmission } from '../../src/domain/task/submission.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { type TaskChange, updateTask } from '../../src/domain/task/update.ts';
import { ignoringMachines } from '../support/call-plan.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  numbersOf,
  settingsOf,
  statusOfTask,
  submissionOf,
  variable as textVariable,
  withKey,
} from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;
let names = 0;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'control');
  accountId = fixture.account.accountId;
});
after(() => database.close());

const statusOf = (taskId: number) => statusOfTask(database.db, taskId);
const inAnHour = () => new Date(fixture.scheduling.clock.now() + 3_600_000);

function submit(fields: Partial<TaskSubmission> = {}): Promise<number> {
  names += 1;
  const submission = submissionOf(fixture, { taskName: `task ${names}`, ...fields });
  return submitTask(database.db, accountId, submission, fixture.scheduling);
}

async function force(taskId: number, status: number): Promise<void> {
  await sql`update task set status = ${status} where task_id = ${taskId}`.execute(database.db);
}

test('cancel, suspend and resume by state', async () => {
  const commands = { cancel: cancelTasks, suspend: suspendTasks, resume: resumeTasks };
  const allowed: Record<keyof typeof commands, Record<number, number>> = {
    cancel: { 0: 4, 1: 4, 5: 4 },
    suspend: { 0: 5, 1: 5 },
    resume: { 5: 1 },
  };
  for (const name of ['cancel', 'suspend', 'resume'] as const) {
    for (const status of [0, 1, 2, 3, 4, 5, 6]) {
      const taskId = await submit();
      await force(taskId, status);
      const run = commands[name](database.db, accountId, [taskId], fixture.scheduling);
      const next = allowed[name][status];
      if (next === undefined) await assert.rejects(run, withKey('wrongTaskState'), `${name} in ${status}`);
      else await run;
      assert.equal(await statusOf(taskId), next ?? status, `${name} in ${status}`);
    }
  }
});

test('a task suspended before its send time waits again, and its job finds it', async () => {
  const taskId = await submit({ sendTime: inAnHour() });
  await suspendTasks(database.db, accountId, [taskId], fixture.scheduling);
  await resumeTasks(database.db, accountId, [taskId], fixture.scheduling);
  assert.equal(await statusOf(taskId), 0);
  await suspendTasks(database.db, accountId, [taskId], fixture.scheduling);
  fixture.scheduling.advance(3_600_000);
  assert.equal(await startTask(database.db, taskId, fixture.scheduling), false, 'suspended stays suspended');
  await resumeTasks(database.db, accountId, [taskId], fixture.scheduling);
  assert.equal(await statusOf(taskId), 1);
});

test('a list is done as a whole or not at all, and the message names the tasks', async () => {
  const [calling, finished, suspended] = [await submit(), await submit(), await submit()];
  await force(finished, 2);
  await force(suspended, 5);
  const cancel = (taskIds: number[]) => cancelTasks(database.db, accountId, taskIds, fixture.scheduling);
  await assert.rejects(cancel([calling, finished, suspended]), (error: Error) => {
    assert.match(error.message, new RegExp(`${finished} \\(finished\\)`));
    assert.doesNotMatch(error.message, new RegExp(`${calling}|${suspended}`));
    return withKey('wrongTaskState')(error);
  });
  await assert.rejects(cancel([calling, 1]), withKey('unknownTask'));
  assert.equal(await statusOf(calling), 1);
  await cancel([calling, suspended, calling]);
  assert.deepEqual([await statusOf(calling), await statusOf(suspended)], [4, 4]);
});

test("another account's task does not exist", async () => {
  const other = await createDomainFixture(database, 'control, other');
  const taskId = await submit();
  const run = cancelTasks(database.db, other.account.accountId, [taskId], fixture.scheduling);
  await assert.rejects(run, withKey('unknownTask'));
  await assert.rejects(getTaskDetail(database.db, other.account.accountId, taskId), withKey('unknownTask'));
});

test('cancel and suspend at the same time, lists in opposite orders: no deadlock, one winner per task', async () => {
  for (let turn = 0; turn < 10; turn += 1) {
    const tasks = [await submit(), await submit(), await submit()];
    const results = await Promise.allSettled([
      cancelTasks(database.db, accountId, tasks, fixture.scheduling),
      suspendTasks(database.db, accountId, [...tasks].reverse(), fixture.scheduling),
      cancelTasks(database.db, accountId, [...tasks].reverse(), fixture.scheduling),
    ]);
    for (const result of results) {
      if (result.status === 'rejected') assert.ok(withKey('wrongTaskState')(result.reason), String(result.reason));
    }
    assert.equal([results[0], results[2]].filter((result) => result?.status === 'fulfilled').length, 1);
    for (const taskId of tasks) assert.equal(await statusOf(taskId), 4);
  }
});

test('a task is finished exactly when its last call has ended, also while suspended', async () => {
  const taskId = await submit();
  assert.deepEqual(await finishTasksIfDone(database.db, [taskId], fixture.scheduling), []);
  await suspendTasks(database.db, accountId, [taskId], fixture.scheduling);
  await callEverybody(fixture, taskId, () => 50);
  const detail = await getTaskDetail(database.db, accountId, taskId);
  assert.equal(detail.status, 2);
  assert.equal(detail.finishedAt?.getTime(), fixture.scheduling.clock.now());
  assert.deepEqual(await finishTasksIfDone(database.db, [taskId], fixture.scheduling), [], 'only once');
  const cancelled = await submit();
  await cancelTasks(database.db, accountId, [cancelled], fixture.scheduling);
  await callEverybody(fixture, cancelled, () => 50);
  assert.equal(await statusOf(cancelled), 4, 'a cancelled task stays cancelled');
});

test('update changes a waiting task and only that', async () => {
  const taskId = await submit({ sendTime: inAnHour(), displayNum: '100', windows: [{ start: '09:00', end: '18:00' }] });
  const taken = await submit({ taskName: 'taken' });
  const change: TaskChange = {
    taskId,
    taskName: 'changed',
    settings: settingsOf({ voiceFileId: fixture.fileId }),
    displayNum: null,
    plan: { loopCount: 3 },
    sendTime: null,
    windows: null,
  };
  const update = (fields: Partial<TaskChange>) =>
    updateTask(database.db, accountId, { ...change, ...fields }, fixture.scheduling);
  await update({});
  const detail = await getTaskDetail(database.db, accountId, taskId);
  assert.equal(detail.taskName, 'changed');
  assert.equal(detail.displayNum, '100');
  assert.equal(detail.status, 0);
  assert.deepEqual(detail.plan, {
    delayPlayS: 0,
    delayHangupS: 0,
    maxRingingS: 60,
    loopCount: 3,
    maxCallS: 40,
    isRecorded: false,
    ...ignoringMachines,
  });
  assert.deepEqual(detail.windows, [{ start: '09:00', end: '18:00' }]);
  await assert.rejects(update({ taskName: 'taken' }), withKey('taskNameTaken'));
  await assert.rejects(update({ settings: settingsOf({ voiceFileId: 'none' }) }), withKey('unknownVoiceFile'));
  const text = settingsOf({ source: 3, text: `Hello ${textVariable(1)}, ${textVariable(2)}`, lan: 'EN' });
  await assert.rejects(update({ settings: text }), (error: Error) => {
    assert.match(error.message, /^3 callees .* 1 \(8613242926514: text1\), 2 \(8613242926515: text1\)/);
    return withKey('missingVariables')(error);
  });
  await assert.rejects(update({ taskId: taken }), withKey('taskNotWaiting'));
  await assert.rejects(update({ taskId: 1 }), withKey('unknownTask'));
  await update({ settings: settingsOf({ source: 3, text: 'Hello', lan: 'EN' }) });
  assert.equal(await statusOf(taskId), 6, 'a new text is prepared');
  assert.deepEqual(fixture.scheduling.enqueued.at(-1), { name: 'task.prepare', data: { taskId }, startAfter: null });
  const due = await submit({ sendTime: inAnHour() });
  await update({ taskId: due, taskName: 'now', sendTime: new Date(fixture.scheduling.clock.now()) });
  assert.equal(await statusOf(due), 1);
});

test('resend: all, failed, nobody, never called', async () => {
  const source = await submit();
  const { callees: _, appId: __, ...rest } = submissionOf(fixture);
  const resend = (fields: Partial<TaskResend>) =>
    resendTask(
      database.db,
      accountId,
      { ...rest, sourceTaskId: source, appId: null, resendType: 1, ...fields },
      fixture.scheduling,
    );
  await assert.rejects(resend({ taskName: 'r0' }), withKey('wrongTaskState'));
  await callEverybody(fixture, source, (seq) => (seq === 2 ? 50 : 20));
  const failed = await resend({ taskName: 'r1' });
  assert.deepEqual(await numbersOf(database.db, failed), ['8613242926514', '8613242926516']);
  assert.equal((await getTaskDetail(database.db, accountId, failed)).sourceTaskId, source);
  assert.equal((await numbersOf(database.db, await resend({ taskName: 'r2', resendType: 0 }))).length, 3);
  await assert.rejects(resend({ taskName: 'r2' }), withKey('taskNameTaken'));
  await callEverybody(fixture, failed, () => 50);
  await assert.rejects(resend({ taskName: 'r3', sourceTaskId: failed }), withKey('nobodyLeft'));
  const cancelled = await submit();
  await cancelTasks(database.db, accountId, [cancelled], fixture.scheduling);
  const again = await resend({ taskName: 'r4', sourceTaskId: cancelled });
  assert.equal((await numbersOf(database.db, again)).length, 3, 'those never called are called');
});

test('the list filters and pages', async () => {
  const other = await createDomainFixture(database, 'listing');
  const id = other.account.accountId;
  const submitNamed = (taskName: string, fields: Partial<TaskSubmission> = {}) =>
    submitTask(database.db, id, submissionOf(other, { taskName, ...fields }), other.scheduling);
  const first = await submitNamed('100% of_them');
  const second = await submitNamed('other');
  const third = await submitNamed('spoken', { settings: settingsOf({ source: 3, text: 'Guten Tag', lan: 'DE' }) });
  const now = other.scheduling.clock.now();
  const filter = {
    from: new Date(now - 1000),
    to: new Date(now + 1000),
    statusList: [],
    appSeq: null,
    searchCondition: null,
  };
  const list = async (fields: Partial<Parameters<typeof listTasks>[2]>, page = { current: 1, size: 10 }) => {
    const found = await listTasks(database.db, id, { ...filter, ...fields }, page);
    return { ids: found.records.map((task) => task.taskId), total: found.total, pages: found.pages };
  };
  assert.deepEqual(await list({}), { ids: [third, second, first], total: 3, pages: 1 });
  assert.deepEqual(await list({}, { current: 2, size: 2 }), { ids: [first], total: 3, pages: 2 });
  assert.deepEqual((await list({ statusList: [6] })).ids, [third]);
  assert.deepEqual((await list({ searchCondition: '0% of_' })).ids, [first]);
  assert.deepEqual((await list({ searchCondition: '%' })).ids, [first]);
  assert.deepEqual((await list({ searchCondition: 'guten' })).ids, [third]);
  assert.deepEqual((await list({ searchCondition: 'HELLO.wav' })).ids, [second, first]);
  assert.deepEqual((await list({ to: new Date(now - 1) })).ids, []);
  const app = await database.db
    .selectFrom('app')
    .select('app_seq')
    .where('app_id', '=', other.appId)
    .executeTakeFirstOrThrow();
  assert.equal((await list({ appSeq: app.app_seq })).total, 3);
  assert.equal((await list({ appSeq: app.app_seq + 1 })).total, 0);
});

test('results by status and number', async () => {
  const taskId = await submit();
  await callEverybody(fixture, taskId, (seq) => (seq === 2 ? 50 : 10));
  const results = async (callStatusList: number[], number: string | null) => {
    const page = await listResults(
      database.db,
      accountId,
      { taskId, callStatusList, number },
      { current: 1, size: 10 },
    );
    return page.records.map((result) => [result.seq, result.record?.callStatus]);
  };
  assert.deepEqual(await results([], null), [
    [1, 10],
    [2, 50],
    [3, 10],
  ]);
  assert.deepEqual(await results([10, 20], null), [
    [1, 10],
    [3, 10],
  ]);
  assert.deepEqual(await results([], '8613242926515'), [[2, 50]]);
  assert.deepEqual(await results([10], '8613242926515'), []);
});
