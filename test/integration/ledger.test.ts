import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { noFarEndWords, nothingHeard } from '../../src/call/engine.ts';
import { indeterminateOutcome, localOutcome, type Outcome, outcomeOf } from '../../src/call/outcome.ts';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { CallLedger } from '../../src/domain/record/call-ledger.ts';
import { type CallSnapshot, endCalls, writeProgress } from '../../src/domain/record/call-ledger-sql.ts';
import { runnableTasks } from '../../src/domain/task/claim.ts';
import { taskStatus } from '../../src/domain/task/status.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  addAccount,
  addTask,
  callSummary,
  claimFrom,
  noScheduling,
  openThrough,
  taskRow,
} from '../support/dialer-fixture.ts';
import { goodMedia } from '../support/media-stats.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

async function addProcess(): Promise<string> {
  const processId = randomUUID();
  await registerProcess(database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  return processId;
}

const answered = outcomeOf({
  cause: 'remote-hangup',
  hasRung: true,
  isAnswered: true,
  sipStatus: 200,
  reason: '',
  ...nothingHeard,
  ...noFarEndWords,
});
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 5, 4, 0, second));

async function snapshots(taskId: number, outcome: Outcome | null): Promise<CallSnapshot[]> {
  const rows = await database.db.selectFrom('call').selectAll().where('task_id', '=', taskId).orderBy('seq').execute();
  return rows.map((row) => ({
    createdDay: row.created_day,
    taskId,
    seq: row.seq,
    state: outcome ? 'ended' : 'ringing',
    trunkId: 4,
    attempt: 2,
    displayNum: '555',
    invitedAt: at(0),
    ringingAt: at(1),
    answeredAt: outcome?.callStatus === 50 ? at(2) : null,
    feedbackValue: outcome && row.seq === 1 ? '1' : null,
    digits: outcome && row.seq === 1 ? '12' : null,
    end: outcome ? { endedAt: at(5), outcome, ...nothingHeard } : null,
  }));
}

/** A task with `claimed` calls open in a process of its own. */
async function claimedTask(claimed: number, callees = claimed): Promise<{ taskId: number; processId: string }> {
  const owner = await addAccount(database.db);
  const taskId = await addTask(database.db, { owner, callees });
  const processId = await addProcess();
  const rows = await claimFrom(database.db, processId, [{ taskId, max: claimed }]);
  assert.equal(rows.length, claimed);
  return { taskId, processId };
}

test('claim: tasks of several days in one statement, whose plan has the partitions of these days only', async () => {
  const owner = await addAccount(database.db);
  const [today, yesterday] = [new Date(), new Date(Date.now() - 86_400_000)].map((at) => at.toISOString().slice(0, 10));
  const add = (createdDay = '') => addTask(database.db, { owner, callees: 2, createdDay });
  const [a, b] = [await add(today), await add(yesterday)];
  const processId = await addProcess();
  await database.db.connection().execute(async (connection) => {
    const claimed = await claimFrom(connection, processId, [
      { taskId: a, max: 5 },
      { taskId: b, max: 5 },
    ]);
    assert.deepEqual(
      claimed.map(({ taskId, createdDay, seq }) => [taskId, createdDay, seq]),
      [a, a, b, b].map((taskId, index) => [taskId, taskId === a ? today : yesterday, (index % 2) + 1]),
    );
    const { rows } = await sql<{ name: string; statement: string }>`
      select name, statement from pg_prepared_statements where statement like ${`%${yesterday}%${today}%insert into call%`}`.execute(
      connection,
    );
    const [prepared] = rows;
    const plan = await sql<{ 'QUERY PLAN': string }>`
      explain execute ${sql.id(prepared?.name ?? '')} (null, null, null, null, null)`.execute(connection);
    const scanned = plan.rows.flatMap((row) => / on (callee_\d+)/.exec(row['QUERY PLAN'])?.[1] ?? []);
    assert.deepEqual(new Set(scanned), new Set([today, yesterday].map((day) => `callee_${day?.replaceAll('-', '')}`)));
  });
});

test('claim: in order, with variables, once, and no further than the list', async () => {
  const owner = await addAccount(database.db);
  const [a, b] = [await addTask(database.db, { owner, callees: 5 }), await addTask(database.db, { owner, callees: 3 })];
  const processId = await addProcess();
  const first = await claimFrom(database.db, processId, [
    { taskId: b, max: 10 },
    { taskId: a, max: 2 },
  ]);
  assert.deepEqual(
    first.map(({ taskId, seq }) => [taskId, seq]),
    [
      [a, 1],
      [a, 2],
      [b, 1],
      [b, 2],
      [b, 3],
    ],
  );
  assert.deepEqual([first[1]?.number, first[1]?.variables], ['86130000002', ['name 2']]);
  const second = await claimFrom(database.db, processId, [
    { taskId: a, max: 10 },
    { taskId: b, max: 10 },
  ]);
  assert.deepEqual(
    second.map(({ taskId, seq }) => [taskId, seq]),
    [
      [a, 3],
      [a, 4],
      [a, 5],
    ],
  );
  const runnable = await runnableTasks(database.db);
  assert.ok(!runnable.some(({ taskId }) => taskId === a || taskId === b), 'nothing is left of them');
});

test('end: what the far side said is in the row', async () => {
  const { taskId, processId } = await claimedTask(1);
  const busy = outcomeOf({
    cause: 'rejected',
    hasRung: false,
    isAnswered: false,
    sipStatus: 503,
    reason: 'Service Unavailable',
    ...nothingHeard,
    q850Cause: 17,
    endReason: 'User busy',
    retryAfterS: null,
  });
  const ends = await snapshots(taskId, busy);
  await database.db.transaction().execute((tx) => endCalls(tx, processId, ends, noScheduling));
  const row = await database.db
    .selectFrom('call')
    .select(['sip_status', 'call_status', 'q850_cause', 'end_reason'])
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  assert.deepEqual(row, { sip_status: 503, call_status: 10, q850_cause: 17, end_reason: 'User busy' });
});

test('end: how the audio went and who answered are in the row, of a call that was answered', async () => {
  const { taskId, processId } = await claimedTask(2);
  const machine = {
    result: 'machine',
    evidence: { speechMs: 4200, note: 'it\'s \\ "long"' },
    decidedAfterMs: 2100,
  } as const;
  const [heard, unheard] = await snapshots(taskId, answered);
  assert.ok(heard?.end && unheard);
  const ends = [{ ...heard, end: { ...heard.end, media: goodMedia, machine } }, unheard];
  await database.db.transaction().execute((tx) => endCalls(tx, processId, ends, noScheduling));
  const rows = await database.db
    .selectFrom('call')
    .select(['media', 'machine'])
    .where('task_id', '=', taskId)
    .orderBy('seq')
    .execute();
  assert.deepEqual(rows, [
    { media: goodMedia, machine },
    { media: null, machine: null },
  ]);
});

test('claim: nothing for a process that is dead, or from a task that is not being called', async () => {
  const owner = await addAccount(database.db);
  const taskId = await addTask(database.db, { owner, callees: 5 });
  const processId = await addProcess();
  const claim = () => claimFrom(database.db, processId, [{ taskId, max: 1 }]);
  for (const status of [0, 2, 3, 4, 5, 6] as const) {
    await database.db.updateTable('task').set({ status }).where('task_id', '=', taskId).execute();
    assert.deepEqual(await claim(), []);
  }
  await database.db.updateTable('task').set({ status: 1, waiting_reason: 'x' }).where('task_id', '=', taskId).execute();
  await database.db.updateTable('process').set({ status: 'dead' }).where('process_id', '=', processId).execute();
  assert.deepEqual(await claim(), []);
  assert.deepEqual(
    [(await taskRow(database.db, taskId)).next_seq, (await taskRow(database.db, taskId)).waiting_reason],
    [1, 'x'],
  );
  await database.db.updateTable('process').set({ status: 'live' }).where('process_id', '=', processId).execute();
  assert.equal((await claim()).length, 1);
  assert.equal((await taskRow(database.db, taskId)).waiting_reason, null);
});

test('claim: nothing after its time by the clock of the server', async () => {
  const owner = await addAccount(database.db);
  const taskId = await addTask(database.db, { owner, callees: 3 });
  const processId = await addProcess();
  const claim = (until: number) => claimFrom(database.db, processId, [{ taskId, max: 2 }], new Date(until));
  assert.deepEqual(await claim(Date.now() - 60_000), []);
  assert.equal((await claim(Date.now() + 60_000)).length, 2);
});

test('claim: many at once on one task never overlap', async () => {
  const owner = await addAccount(database.db);
  const taskId = await addTask(database.db, { owner, callees: 300 });
  const processIds = [await addProcess(), await addProcess()];
  const claims = Array.from({ length: 60 }, (_, index) =>
    claimFrom(database.db, processIds[index % 2] ?? '', [{ taskId, max: 7 }]),
  );
  const seqs = (await Promise.all(claims)).flat().map(({ seq }) => seq);
  assert.deepEqual(
    seqs.sort((a, b) => a - b),
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
});

test('claim: reads a range of one partition however long the list is', async () => {
  const owner = await addAccount(database.db);
  const taskId = await addTask(database.db, { owner, callees: 50_000 });
  const processId = await addProcess();
  for (const fromSeq of [1, 25_000, 49_951]) {
    await database.db.updateTable('task').set({ next_seq: fromSeq }).where('task_id', '=', taskId).execute();
    const rowsRead = await database.db.transaction().execute(async (tx) => {
      const before = await calleesRead(tx);
      assert.equal((await claimFrom(tx, processId, [{ taskId, max: 50 }])).length, 50);
      return (await calleesRead(tx)) - before;
    });
    assert.equal(rowsRead, 50);
  }
});

/** The callee rows that this transaction has read, by scans of tables and of indexes, and what its connection has not reported yet. */
async function calleesRead(tx: TestDatabase['db']): Promise<number> {
  const reads = await sql<{ n: number }>`
    select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::int as n
    from pg_stat_xact_user_tables where relname like 'callee%'`.execute(tx);
  return reads.rows[0]?.n ?? 0;
}

test('ledger: ended calls are written and counted, once', async () => {
  const { taskId, processId } = await claimedTask(4, 5);
  const ended = await snapshots(taskId, answered);
  const end = () => database.db.transaction().execute((tx) => endCalls(tx, processId, ended, noScheduling));
  assert.deepEqual([await end(), await end()], [4, 0]);
  const task = await taskRow(database.db, taskId);
  assert.deepEqual(
    [task.ended_count, task.success_count, task.fail_count, task.key_feedback_count, task.call_duration_s, task.status],
    [4, 4, 0, 1, 12, taskStatus.calling],
  );
  const row = await database.db
    .selectFrom('call')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('seq', '=', 1)
    .executeTakeFirstOrThrow();
  assert.deepEqual(
    [row.state, row.trunk_id, row.attempt, row.display_num, row.feedback_value, row.digits],
    ['ended', 4, 2, '555', '1', '12'],
  );
  assert.deepEqual([row.invited_at, row.ringing_at, row.answered_at, row.ended_at], [at(0), at(1), at(2), at(5)]);
});

test('ledger: the last call finishes the task', async () => {
  const { taskId, processId } = await claimedTask(3);
  const ended = await snapshots(taskId, localOutcome('noTrunk', 'x'));
  await database.db.transaction().execute((tx) => endCalls(tx, processId, ended.slice(0, 2), noScheduling));
  assert.equal((await taskRow(database.db, taskId)).status, taskStatus.calling);
  await database.db.transaction().execute((tx) => endCalls(tx, processId, ended, noScheduling));
  const task = await taskRow(database.db, taskId);
  assert.deepEqual([task.status, task.ended_count, task.fail_count], [taskStatus.finished, 3, 3]);
});

test("ledger: another process's calls are not touched", async () => {
  const { taskId } = await claimedTask(2);
  const stranger = await addProcess();
  const ended = await snapshots(taskId, answered);
  const changed = await database.db.transaction().execute((tx) => endCalls(tx, stranger, ended, noScheduling));
  assert.deepEqual([changed, (await taskRow(database.db, taskId)).ended_count], [0, 0]);
});

test('ledger: the same calls ended by several at once are counted once', async () => {
  const { taskId, processId } = await claimedTask(200);
  const ended = await snapshots(taskId, indeterminateOutcome('processDied', false));
  const end = () => database.db.transaction().execute((tx) => endCalls(tx, processId, ended, noScheduling));
  const counts = await Promise.all([end(), end(), end(), end()]);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    200,
  );
  assert.equal((await taskRow(database.db, taskId)).ended_count, 200);
});

function ledgerOn(db: TestDatabase['db'], processId: string): CallLedger {
  return new CallLedger({
    db,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId,
    scheduling: noScheduling,
    maxPending: 10,
  });
}

test('ledger: an answer is in the table in a moment, an end replaces it', async () => {
  const { taskId, processId } = await claimedTask(1);
  const ledger = ledgerOn(database.db, processId);
  const [ringing] = await snapshots(taskId, null);
  const [ended] = await snapshots(taskId, answered);
  assert.ok(ringing && ended);
  ledger.report(ringing);
  ledger.report({ ...ringing, state: 'answered', answeredAt: at(2) });
  await until(async () => (await callSummary(database.db, taskId))['answered - -'] === 1, {
    what: 'the answer',
    timeoutMs: 2000,
    everyMs: 5,
  });
  ledger.report(ended);
  assert.equal(ledger.isPending(taskId, 1), true);
  await ledger.drain(AbortSignal.timeout(30_000));
  assert.deepEqual(
    [await callSummary(database.db, taskId), ledger.isPending(taskId, 1)],
    [{ 'ended 50 success': 1 }, false],
  );
  ledger.close();
});

test('ledger: an older state that the server gets to late does not undo a newer one', async () => {
  const { taskId, processId } = await claimedTask(1);
  const [ringing] = await snapshots(taskId, null);
  assert.ok(ringing);
  const answering: CallSnapshot = { ...ringing, state: 'answered', answeredAt: at(2) };
  const pressed: CallSnapshot = { ...answering, feedbackValue: '7', digits: '7' };
  for (const late of [ringing, answering]) {
    for (const snapshot of [ringing, answering, pressed, late]) await writeProgress(database.db, processId, [snapshot]);
    const [row] = await database.db.selectFrom('call').selectAll().where('task_id', '=', taskId).execute();
    assert.deepEqual([row?.state, row?.answered_at, row?.digits], ['answered', at(2), '7']);
  }
});

test('ledger: a bad value does not hold up the rest', async () => {
  const { taskId, processId } = await claimedTask(3);
  const ledger = ledgerOn(database.db, processId);
  for (const ended of await snapshots(taskId, answered)) {
    // PostgreSQL's text has no NUL.
    ledger.report(ended.seq === 2 ? { ...ended, displayNum: 'a\u0000b' } : ended);
  }
  await ledger.drain(AbortSignal.timeout(30_000));
  ledger.close();
  assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 2, 'dialing - -': 1 });
});

test('ledger: while PostgreSQL is away results are kept and nothing new may start', async () => {
  const url = new URL(database.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  const far = openThrough(database, proxy.port);
  const { taskId, processId } = await claimedTask(30);
  const ledger = ledgerOn(far.db, processId);
  try {
    proxy.cut();
    const all = await snapshots(taskId, answered);
    for (const ended of all.slice(0, 5)) ledger.report(ended);
    await until(() => !ledger.hasRoom, { what: 'the ledger to notice', timeoutMs: 5000, everyMs: 10 });
    for (const ended of all) ledger.report(ended);
    assert.equal(ledger.backlog, 30);
    await assert.rejects(ledger.drain(AbortSignal.timeout(300)), { name: 'TimeoutError' });
    proxy.restore();
    await ledger.drain(AbortSignal.timeout(30_000));
    assert.deepEqual(
      [ledger.backlog, ledger.hasRoom, (await taskRow(database.db, taskId)).success_count],
      [0, true, 30],
    );
  } finally {
    ledger.close();
    await far.close();
    await proxy.close();
  }
});
