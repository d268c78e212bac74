import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { taskStatus } from '../../src/domain/task/status.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  addAccount,
  addTask,
  addTrunk,
  benchDialer,
  callSummary,
  dialedSeqs,
  openThrough,
  quickTiming,
  taskRow,
} from '../support/dialer-fixture.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const finished = (taskId: number) => async (): Promise<boolean> =>
  (await taskRow(database.db, taskId)).status === taskStatus.finished;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How long a process had been silent when it was dead, by the server's clock; null: it is not. */
async function silenceOfDead(processId: string): Promise<{ ms: number } | null> {
  const row = await database.db
    .selectFrom('process')
    .select(sql<number>`(extract(epoch from clock_timestamp() - heartbeat_at) * 1000)::float8`.as('ms'))
    .where('process_id', '=', processId)
    .where('status', '=', 'dead')
    .executeTakeFirst();
  return row ?? null;
}

test('a dialer that dies: its calls end once, the others go on, nobody is called twice', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 200, channels: 100 });
  let calls = 0;
  const behave = () => {
    calls += 1;
    // Every other call is answered; the rest ring until the callee declines.
    return calls % 2 === 0
      ? { ringAfterMs: 5, answerAfterMs: 10 }
      : { ringAfterMs: 5, reject: { afterMs: 400, sipStatus: 603 } };
  };
  const doomed = benchDialer(database, behave, { promptMs: 300 });
  const other = benchDialer(database, behave, { promptMs: 300 });
  try {
    await doomed.dialer.start();
    await other.dialer.start();
    await pause(quickTiming.leaseMs + 200);
    const taskId = await addTask(database.db, { owner, callees: 400 });
    await until(() => doomed.engine.dials.length > 40, { what: 'calls of the doomed', timeoutMs: 5000, everyMs: 5 });
    doomed.dialer.kill();
    const open = await database.db
      .selectFrom('call')
      .select(sql<number>`count(*)::int`.as('n'))
      .where('process_id', '=', doomed.processId)
      .where('state', '<>', 'ended')
      .executeTakeFirstOrThrow();
    assert.ok(open.n > 0, 'something must be left open');
    const silence = await until(() => silenceOfDead(doomed.processId), {
      what: 'the death to be seen',
      timeoutMs: 10_000,
      everyMs: 20,
    });
    assert.ok(silence.ms >= quickTiming.leaseMs, `buried after ${silence.ms} ms`);
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 20_000 });

    const task = await taskRow(database.db, taskId);
    assert.equal(task.ended_count, 400);
    assert.equal(task.success_count + task.fail_count, 400);
    const rows = await database.db.selectFrom('call').selectAll().where('task_id', '=', taskId).execute();
    assert.equal(rows.length, 400);
    assert.ok(rows.every((row) => row.state === 'ended' && row.call_status !== null));
    assert.equal(rows.filter((row) => row.call_status === 50).length, task.success_count);
    const lost = rows.filter((row) => row.outcome_class === 'indeterminate');
    // A flush that was under way at the death may still have been committed.
    assert.ok(lost.length > 0 && lost.length <= open.n, `${lost.length} of ${open.n}`);
    assert.ok(lost.every((row) => row.process_id === doomed.processId));
    assert.ok(lost.every((row) => row.call_status === (row.answered_at ? 50 : 60)));
    const dialed = dialedSeqs([doomed.engine, other.engine], taskId);
    assert.equal(new Set(dialed).size, dialed.length, 'somebody was called twice');
  } finally {
    await other.dialer.drain(0);
    await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
  }
});

test('a dialer that is taken for dead stops calling and says so', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 100, channels: 50 });
  const it = benchDialer(database, () => ({ ringAfterMs: 5, answerAfterMs: 10, hangUpAfterMs: 50 }));
  try {
    await it.dialer.start();
    const taskId = await addTask(database.db, { owner, callees: 5000 });
    await until(() => it.engine.dials.length > 20, { what: 'calls', timeoutMs: 5000, everyMs: 5 });
    await database.db.updateTable('process').set({ status: 'dead' }).where('process_id', '=', it.processId).execute();
    const { next_seq: cursor } = await taskRow(database.db, taskId);
    await until(() => it.isFenced(), { what: 'the fence', timeoutMs: 5000 });
    const dialed = it.engine.dials.length;
    await pause(300);
    assert.equal(it.engine.dials.length, dialed);
    assert.equal((await taskRow(database.db, taskId)).next_seq, cursor, 'a dead process claims nothing');
    await database.db.updateTable('task').set({ status: taskStatus.cancelled }).where('task_id', '=', taskId).execute();
  } finally {
    it.dialer.kill();
    await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
  }
});

for (const [away, leave, back] of [
  ['away', 'cut', 'restore'],
  ['frozen', 'freeze', 'thaw'],
] as const) {
  test(`while the database is ${away} calls go on and none start; afterwards everything is written`, async () => {
    const url = new URL(database.url);
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    const far = openThrough(database, proxy.port);
    const owner = await addAccount(database.db);
    const trunkId = await addTrunk(database.db, { cps: 100, channels: 50 });
    const it = benchDialer(far, () => ({ ringAfterMs: 5, answerAfterMs: 10, hangUpAfterMs: 600 }), { promptMs: 1000 });
    try {
      await it.dialer.start();
      const taskId = await addTask(database.db, { owner, callees: 200 });
      await until(() => it.engine.activeCalls > 15, { what: 'calls', timeoutMs: 5000, everyMs: 5 });
      proxy[leave]();
      // As long as it may take that the last claim has come through.
      await pause(quickTiming.leaseMs / 2);
      const dialed = it.engine.dials.length;
      // Longer than the lease: silent, but not dead, because nobody could have spoken.
      await pause(quickTiming.leaseMs * 1.5);
      assert.equal(it.engine.dials.length, dialed, 'no call started');
      await until(() => it.engine.activeCalls === 0, { what: 'the calls to go on to their end', timeoutMs: 5000 });
      assert.ok(it.dialer.figures().unwrittenResults > 0);
      proxy[back]();
      await until(finished(taskId), { what: 'the task to finish', timeoutMs: 20_000 });
      const summary = await callSummary(database.db, taskId);
      const strays = summary['ended 60 indeterminate'] ?? 0;
      assert.equal((summary['ended 50 success'] ?? 0) + strays, 200);
      // At most the one claim that was under way when the line was cut. One that a frozen server gets to late takes nothing.
      assert.ok(strays <= (leave === 'cut' ? 20 : 0), `${strays} claims were lost`);
      const seqs = dialedSeqs([it.engine], taskId);
      assert.equal(new Set(seqs).size, seqs.length);
      assert.equal(it.isFenced(), false);
    } finally {
      await it.dialer.drain(0);
      await far.close();
      await proxy.close();
      await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
    }
  });
}

test('a claim whose answer is lost is found and ended, so the task finishes', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 100, channels: 50 });
  const it = benchDialer(database, () => ({ reject: { afterMs: 5, sipStatus: 486 } }), { limits: { strayMs: 300 } });
  try {
    await it.dialer.start();
    const taskId = await addTask(database.db, { owner, callees: 5 });
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 5000 });
    // As a claim leaves it whose connection broke after the commit.
    await sql`update task set status = 1, number_count = 6, next_seq = 7 where task_id = ${taskId}`.execute(
      database.db,
    );
    await sql`insert into call (created_day, task_id, seq, account_id, process_id, number)
      select created_day, task_id, 6, account_id, ${it.processId}::uuid, '8613000006' from task where task_id = ${taskId}`.execute(
      database.db,
    );
    await until(finished(taskId), { what: 'the task to finish again', timeoutMs: 5000 });
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 10 callee': 5, 'ended 60 indeterminate': 1 });
    assert.equal(it.engine.dials.length, 5);
  } finally {
    await it.dialer.drain(0);
    await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
  }
});
