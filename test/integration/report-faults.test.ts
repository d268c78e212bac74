import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { sql } from 'kysely';
import { renewReportSecret, updateApp } from '../../src/domain/app/app-store.ts';
import { giveUpReports } from '../../src/domain/report/give-up-reports.ts';
import { replayReports } from '../../src/domain/report/replay-reports.ts';
import { getReport } from '../../src/domain/report/report-query.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Reporter, ReporterOptions } from '../../src/reporter/reporter.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openThrough } from '../support/dialer-fixture.ts';
import { isSigned, type ReportReceiver, startReportReceiver } from '../support/report-receiver.ts';
import { addReportedApp, endedCalls, reportStates } from '../support/reported-calls.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { startTestReporter } from '../support/test-reporter.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let far: ReportReceiver;
const reporters: Reporter[] = [];

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(async () => {
  far = await startReportReceiver();
});
afterEach(async () => {
  await Promise.all(reporters.splice(0).map((reporter) => reporter.close()));
  await far.close();
});

function startReporter(options: Partial<ReporterOptions> = {}): Reporter {
  const reporter = startTestReporter(options.db ?? database.db, options);
  reporters.push(reporter);
  return reporter;
}

const eventually = <T>(what: string, ask: () => Promise<T | false> | T | false): Promise<T> =>
  until(ask, { what, timeoutMs: 30_000, everyMs: 20 });

test('PostgreSQL away for longer than a lease: what arrived before is written, and not sent again', async (context) => {
  const { hostname, port } = new URL(database.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const own = openThrough(database, proxy.port);
  // When the database is back, the next try to write is seconds away, and the next one to claim is not.
  let failedWrites = 0;
  const random = {
    float: () => {
      failedWrites += 1;
      return 0.999;
    },
    hex: (bytes: number) => '0'.repeat(2 * bytes),
  };
  const app = await addReportedApp(database.db, far.url);
  const { voiceIds } = await endedCalls(database.db, app, 40);
  const reporter = startTestReporter(own.db, { random });
  context.after(async () => {
    proxy.restore();
    await reporter.close();
    await own.close();
    await proxy.close();
  });
  far.behave((response) => {
    proxy.cut();
    response.end();
  });
  await eventually('the first to arrive', () => far.posts.length > 0);
  await eventually('writing to be given up for three seconds', () => failedWrites >= 6);
  await sql`update report_due set leased_until = now() where app_seq = ${app.appSeq}`.execute(database.db);
  far.behave(200);
  proxy.restore();
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 40);
  assert.deepEqual(far.voiceIds().toSorted(), voiceIds);
});

test('one result that cannot be stored keeps no other from being stored', async () => {
  const [first, second] = [await addReportedApp(database.db, far.url), await addReportedApp(database.db, far.url)];
  const { taskId } = await endedCalls(database.db, first, 1);
  const { voiceIds } = await endedCalls(database.db, second, 20);
  // As after a retention that was killed: the ledger of the day is gone, while the report is on its way.
  await sql`select ensure_call_partitions('2001-01-01', '2001-01-01')`.execute(database.db);
  for (const table of ['task', 'call', 'report_due']) {
    await sql`update ${sql.table(table)} set created_day = '2001-01-01' where task_id = ${taskId}`.execute(database.db);
  }
  let dropped: Promise<unknown> | null = null;
  far.behave((response, post) => {
    if (post.reports[0]?.taskId !== taskId) {
      response.end();
      return;
    }
    dropped ??= sql`drop table report_20010101`.execute(database.db);
    void dropped.then(() => response.end());
  });
  startReporter();
  await eventually('the others', async () => (await reportStates(database.db, second)).delivered === 20);
  await eventually('the one', () => far.posts.some((post) => post.reports[0]?.taskId === taskId));
  // What is made after it still goes out.
  const later = await endedCalls(database.db, second, 5);
  await eventually('what came later', async () => (await reportStates(database.db, second)).delivered === 25);
  const others = far.posts.flatMap((post) => post.reports).filter((report) => report.taskId !== taskId);
  assert.deepEqual(others.map((report) => report.voiceId).toSorted(), [...voiceIds, ...later.voiceIds].toSorted());
});

test('a process whose clock is an hour ahead: its tries are kept in the right order and can be asked for again', async () => {
  const app = await addReportedApp(database.db, far.url);
  const { voiceIds, taskId } = await endedCalls(database.db, app, 3);
  const ahead = { ...systemClock, now: () => Date.now() + 3_600_000 };
  startReporter({ clock: ahead });
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 3);
  const request = { scope: { type: 'task', taskId }, states: ['delivered'], before: null } as const;
  const answer = await replayReports(database.db, request);
  assert.deepEqual([answer.requested, answer.isComplete], [3, true]);
  await eventually('them again', async () => (await reportStates(database.db, app)).delivered === 3);
  assert.equal(far.posts.length, 6);
  const { tries } = await getReport(database.db, voiceIds[0] ?? '');
  const [first, second] = tries.map((one) => one.deliveryId);
  const sent = far.posts.filter((post) => post.reports[0]?.voiceId === voiceIds[0]);
  assert.deepEqual(
    [first, second],
    sent.map((post) => post.headers['carillon-delivery']),
  );
  const again = await replayReports(database.db, { ...request, before: answer.before });
  assert.equal(again.requested, 0);
});

test('what waits goes to where the app has its reports then, with the secret of then', async () => {
  const app = await addReportedApp(database.db, far.url);
  await updateApp(database.db, app.appId, { isReportPaused: true });
  const { voiceIds } = await endedCalls(database.db, app, 5);
  await updateApp(database.db, app.appId, { reportUrl: null, isReportPaused: false });
  const other = await addReportedApp(database.db, far.url);
  await endedCalls(database.db, other, 1);
  startReporter();
  await eventually('the report of another app', async () => (await reportStates(database.db, other)).delivered === 1);
  assert.deepEqual(await reportStates(database.db, app), { pending: 5 });

  const secret = await renewReportSecret(database.db, app.appId);
  await updateApp(database.db, app.appId, { reportUrl: `${far.url}/new` });
  await eventually('them', async () => (await reportStates(database.db, app)).delivered === 5);
  const sent = far.posts.filter((post) => post.path === '/reports/new');
  assert.deepEqual(sent.flatMap((post) => post.reports.map((report) => report.voiceId)).toSorted(), voiceIds);
  for (const post of sent) assert.ok(isSigned(post, secret) && !isSigned(post, app.secret));

  // Renewed while it runs, as soon as the change is seen.
  const next = await renewReportSecret(database.db, app.appId);
  await eventually('the next secret', async () => {
    await endedCalls(database.db, app, 1);
    await eventually('them', async () => (await reportStates(database.db, app)).pending === undefined);
    const last = far.posts.at(-1);
    return last !== undefined && isSigned(last, next);
  });
});

test('what waited behind a receiver that never answers goes to the new URL at once', async () => {
  const app = await addReportedApp(database.db, far.url);
  const held: ServerResponse[] = [];
  far.behave((response, post) => {
    if (post.path === '/reports/new') response.end();
    else held.push(response);
  });
  await endedCalls(database.db, app, 10);
  // Longer than the test has time for.
  startReporter({ timing: { deadlineMs: 60_000, leaseMs: 120_000, marginMs: 1000 } });
  await eventually('four to be under way', () => held.length === 4);
  await updateApp(database.db, app.appId, { reportUrl: `${far.url}/new` });
  await eventually('the others', async () => (await reportStates(database.db, app)).delivered === 6);
  for (const response of held) response.end();
  await eventually('the four', async () => (await reportStates(database.db, app)).delivered === 10);
});

test('more than one request moves is asked for until it is complete, each report once', async () => {
  const app = await addReportedApp(database.db, far.url);
  await updateApp(database.db, app.appId, { isReportPaused: true });
  const { taskId } = await endedCalls(database.db, app, 1);
  // What 25,000 more calls of the task left behind: most are dead, some are being retried.
  await sql`
    insert into report (created_day, task_id, seq, tries, app_seq, made_at, tried_at, took_ms, process_id, delivery_id, state, problem)
    select d.created_day, d.task_id, n, 9, d.app_seq, d.made_at, d.made_at, 1, gen_random_uuid(), gen_random_uuid(), 'dead', 'x'
      from report_due d, generate_series(2, 20002) n where d.task_id = ${taskId}`.execute(database.db);
  await sql`
    insert into report_due (task_id, app_seq, created_day, seq, tries, due_at)
    select task_id, app_seq, created_day, n, 8, now() - interval '1 second' * (n % 2)
      from report_due, generate_series(20003, 25001) n where task_id = ${taskId}`.execute(database.db);
  const span = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000) };
  const scope = { type: 'app', appSeq: app.appSeq, ...span } as const;
  const first = await replayReports(database.db, { scope, states: ['dead', 'retrying'], before: null });
  assert.deepEqual([first.requested, first.isComplete], [20_000, false]);
  const second = await replayReports(database.db, { scope, states: ['dead', 'retrying'], before: first.before });
  assert.deepEqual([second.requested, second.isComplete], [5000, true]);
  assert.deepEqual(await reportStates(database.db, app), { pending: 25_001 });
});

test('nothing waits longer behind the probes of a receiver that is down than its tries would take', async () => {
  const app = await addReportedApp(database.db, far.url);
  far.behave(503);
  const { taskId } = await endedCalls(database.db, app, 300);
  // The schedule takes six seconds, and a probe every fifth of one.
  startReporter({ minuteMs: 10 });
  await eventually('them to be given up', async () => ((await reportStates(database.db, app)).dead ?? 0) >= 200);
  const { rows } = await sql<{ problem: string; http_status: number; tries: number; n: number }>`
    select problem, http_status, max(tries) as tries, count(*)::int as n from report where task_id = ${taskId} and state = 'dead' and problem like 'not tried%'
     group by problem, http_status`.execute(database.db);
  const [row] = rows;
  assert.deepEqual([rows.length, row?.http_status], [1, 503]);
  assert.equal(row?.problem, 'not tried, for its receiver was down all the time: answered 503');
  assert.ok(row.tries < 9 && row.n >= 200, JSON.stringify(row));
  assert.ok(far.posts.length < 200, `${far.posts.length} POSTs`);
  // What an operator asks for is tried anew, and not given up for having waited before.
  far.behave(200);
  await replayReports(database.db, { scope: { type: 'task', taskId }, states: ['dead'], before: null });
  await eventually('all', async () => (await reportStates(database.db, app)).delivered === 300);
});

test('of an app that is down only what has waited that long is given up, and nothing of another app', async () => {
  const [down, other] = [await addReportedApp(database.db, far.url), await addReportedApp(database.db, far.url)];
  for (const app of [down, other]) {
    await endedCalls(database.db, app, 1);
    await sql`
      insert into report_due (task_id, app_seq, created_day, seq, due_at)
      select task_id, app_seq, created_day, n, now() - interval '11 hours' + interval '1 hour' * (n % 3)
        from report_due, generate_series(2, 7501) n where app_seq = ${app.appSeq}`.execute(database.db);
  }
  const leased = sql`update report_due set leased_until = now() + interval '1 minute' where app_seq = ${down.appSeq} and seq = 3`;
  await leased.execute(database.db);
  const probe = { deliveryId: randomUUID(), tookMs: 10_000, httpStatus: null, problem: 'no answer within 10 s' };
  const giving = { appSeq: down.appSeq, minuteMs: 60_000, processId: randomUUID(), probe };
  assert.equal(await giveUpReports(database.db, giving), 2499);
  assert.equal(await giveUpReports(database.db, giving), 0);
  assert.deepEqual(await reportStates(database.db, down), { dead: 2499, pending: 5002 });
  assert.deepEqual(await reportStates(database.db, other), { pending: 7501 });
});
