import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { sql } from 'kysely';
import { noFarEndWords, nothingHeard } from '../../src/call/engine.ts';
import { outcomeOf } from '../../src/call/outcome.ts';
import { updateApp } from '../../src/domain/app/app-store.ts';
import { claimReports, listReportTargets } from '../../src/domain/report/claim-reports.ts';
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
  const reporter = startTestReporter(database.db, options);
  reporters.push(reporter);
  return reporter;
}

const eventually = <T>(what: string, ask: () => Promise<T | false> | T | false): Promise<T> =>
  until(ask, { what, timeoutMs: 30_000, everyMs: 20 });

test('each call is reported once, signed, and in the ledger', async () => {
  const app = await addReportedApp(database.db, far.url);
  const { voiceIds, taskId } = await endedCalls(database.db, app, 300);
  assert.deepEqual(await reportStates(database.db, app), { pending: 300 });
  startReporter();
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 300);
  assert.deepEqual(far.voiceIds().toSorted(), voiceIds);
  const deliveries = far.posts.map((post) => post.headers['carillon-delivery']);
  assert.equal(new Set(deliveries).size, 300);
  for (const post of far.posts) {
    assert.ok(isSigned(post, app.secret));
    assert.equal(post.headers['content-type'], 'application/json;charset=UTF-8');
    assert.ok(!post.body.startsWith('['));
    assert.equal(post.reports[0]?.taskId, taskId);
  }
  const rows = await database.db.selectFrom('report').selectAll().where('task_id', '=', taskId).execute();
  assert.deepEqual(rows.map((row) => row.delivery_id).toSorted(), deliveries.map(String).toSorted());
  for (const row of rows) assert.deepEqual([row.http_status, row.problem, row.tries], [200, null, 0]);
});

test('an app without a URL costs nothing and gets nothing; a paused one waits', async () => {
  const app = await addReportedApp(database.db, far.url);
  await updateApp(database.db, app.appId, { reportUrl: null });
  await endedCalls(database.db, app, 3);
  assert.deepEqual(await reportStates(database.db, app), {});
  await updateApp(database.db, app.appId, { reportUrl: far.url, isReportPaused: true });
  const { voiceIds } = await endedCalls(database.db, app, 3);
  assert.deepEqual(await reportStates(database.db, app), { pending: 3 });
  assert.ok(!(await listReportTargets(database.db)).some((target) => target.appSeq === app.appSeq));
  await updateApp(database.db, app.appId, { isReportPaused: false });
  startReporter();
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 3);
  assert.deepEqual(far.voiceIds().toSorted(), voiceIds);
});

test('batches: arrays of at most a hundred, one signature and one delivery id for each', async () => {
  const app = await addReportedApp(database.db, far.url, true);
  const { voiceIds, taskId } = await endedCalls(database.db, app, 250);
  startReporter();
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 250);
  assert.deepEqual(far.voiceIds().toSorted(), voiceIds);
  assert.deepEqual(
    far.posts.map((post) => post.reports.length).toSorted((a, b) => b - a),
    [100, 100, 50],
  );
  for (const post of far.posts) assert.ok(isSigned(post, app.secret) && post.body.startsWith('['));
  const deliveries = await sql<{ n: number }>`
    select count(distinct delivery_id)::int as n from report where task_id = ${taskId}`.execute(database.db);
  assert.equal(deliveries.rows[0]?.n, 3);
});

test('a receiver that refuses is tried nine times, each try is kept, and then the report is dead', async () => {
  const app = await addReportedApp(database.db, far.url);
  far.behave(503);
  const { taskId } = await endedCalls(database.db, app, 1);
  startReporter({ minuteMs: 1 });
  await eventually('the end of its tries', async () => (await reportStates(database.db, app)).dead === 1);
  assert.equal(far.posts.length, 9);
  const tries = await database.db.selectFrom('report_try').selectAll().where('task_id', '=', taskId).execute();
  assert.equal(tries.length, 8);
  for (const row of tries) assert.deepEqual([row.http_status, row.problem], [503, 'answered 503']);
  const [row] = await database.db.selectFrom('report').selectAll().where('task_id', '=', taskId).execute();
  assert.deepEqual([row?.state, row?.tries, row?.http_status, row?.problem], ['dead', 9, 503, 'answered 503']);
  const delivered = far.posts.map((post) => post.headers['carillon-delivery']);
  assert.deepEqual(
    [...tries.map((entry) => entry.delivery_id), row?.delivery_id].toSorted(),
    delivered.map(String).toSorted(),
  );
});

test('a failed try is repeated at the time of the contract', async () => {
  const app = await addReportedApp(database.db, far.url);
  far.behave(500);
  await endedCalls(database.db, app, 1);
  startReporter({ minuteMs: 60_000 });
  await eventually('the first try', async () => (await reportStates(database.db, app)).retrying === 1);
  const row = await database.db
    .selectFrom('report_due')
    .selectAll()
    .where('app_seq', '=', app.appSeq)
    .executeTakeFirst();
  const tried = await sql<{ s: number }>`
    select extract(epoch from d.due_at - t.tried_at)::float8 as s from report_due d join report_try t using (task_id, seq)
     where d.app_seq = ${app.appSeq}`.execute(database.db);
  assert.equal(row?.tries, 1);
  assert.equal(row?.leased_until, null);
  const waitS = tried.rows[0]?.s ?? 0;
  assert.ok(waitS >= 9.9 && waitS < 20, `due again after ${waitS} s`);
});

test('a receiver that is down gets probes instead of a storm, and everything when it is back', async () => {
  const app = await addReportedApp(database.db, far.url);
  far.behave(500);
  const { voiceIds } = await endedCalls(database.db, app, 400);
  startReporter({ minuteMs: 60_000 });
  await eventually('the first failures', () => far.posts.length >= 10);
  await eventually('a probe', () => far.posts.length >= 15);
  const tried = far.posts.length;
  assert.ok(tried < 100, `${tried} POSTs to a receiver that is down`);
  far.behave(200);
  // What was tried in vain waits for its ten seconds; the rest comes at once.
  await eventually(
    'the rest',
    async () => ((await reportStates(database.db, app)).delivered ?? 0) >= 400 - far.posts.length,
  );
  // Only those that wait: a row that is changed while its delivery is written would be sent again.
  await sql`update report_due set due_at = now() where app_seq = ${app.appSeq} and tries > 0`.execute(database.db);
  await eventually('all', async () => (await reportStates(database.db, app)).delivered === 400);
  const good = far.voiceIds().slice(-400);
  assert.deepEqual([...new Set(far.voiceIds())].toSorted(), voiceIds);
  assert.equal(new Set(good).size, 400);
});

test('a receiver that never answers holds up nobody else', async () => {
  const slow = await startReportReceiver();
  slow.behave(() => undefined);
  const [slowApp, quickApp] = [await addReportedApp(database.db, slow.url), await addReportedApp(database.db, far.url)];
  await endedCalls(database.db, slowApp, 500);
  const timing = { deadlineMs: 2000, leaseMs: 10_000, marginMs: 500 };
  startReporter({ timing });
  await eventually('the slow receiver to be busy', () => slow.posts.length >= 4);
  await endedCalls(database.db, quickApp, 500);
  await eventually('the others', async () => (await reportStates(database.db, quickApp)).delivered === 500);
  assert.deepEqual(await reportStates(database.db, slowApp).then((states) => states.delivered), undefined);
  assert.ok(slow.connections <= 16, `${slow.connections} connections to the slow receiver`);
  await Promise.all(reporters.splice(0).map((reporter) => reporter.close()));
  await slow.close();
});

test('two processes share the work, and each report is sent once', async () => {
  const app = await addReportedApp(database.db, far.url);
  const { voiceIds, taskId } = await endedCalls(database.db, app, 2000);
  // Answers that take a while, so that neither can take all.
  far.behave((response) => setTimeout(() => response.end(), 5));
  startReporter();
  startReporter();
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 2000);
  assert.deepEqual(far.voiceIds().toSorted(), voiceIds);
  const { rows } = await sql<{ n: number }>`
    select count(distinct process_id)::int as n from report where task_id = ${taskId}`.execute(database.db);
  assert.equal(rows[0]?.n, 2);
});

test('what a process had claimed when it died is sent by another when the lease is over', async () => {
  const app = await addReportedApp(database.db, far.url);
  const { voiceIds } = await endedCalls(database.db, app, 5);
  const targets = (await listReportTargets(database.db)).filter((target) => target.appSeq === app.appSeq);
  const dead = await claimReports(
    database.db,
    targets.map((target) => ({ target, room: 3 })),
    1500,
  );
  assert.equal(dead.length, 3);
  startReporter();
  await eventually('those that were free', async () => (await reportStates(database.db, app)).delivered === 2);
  const leased = new Set(dead.map((report) => report.body.voiceId));
  assert.ok(far.voiceIds().every((voiceId) => !leased.has(voiceId)));
  await eventually('the rest', async () => (await reportStates(database.db, app)).delivered === 5);
  assert.deepEqual(far.voiceIds().toSorted(), voiceIds);
});

test('an orderly end gives back what was not sent', async () => {
  const app = await addReportedApp(database.db, far.url);
  far.behave((response) => setTimeout(() => response.end(), 300));
  await endedCalls(database.db, app, 50);
  const reporter = startReporter();
  await eventually('the first', () => far.posts.length >= 4);
  await reporter.close();
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from report_due where app_seq = ${app.appSeq} and leased_until is not null`.execute(
    database.db,
  );
  assert.equal(rows[0]?.n, 0);
  const { delivered = 0, pending = 0 } = await reportStates(database.db, app);
  assert.equal(delivered, far.posts.length);
  assert.equal(delivered + pending, 50);
});

test('while PostgreSQL is away nothing is lost, and what came of POSTs is written when it is back', async () => {
  const { hostname, port } = new URL(database.url);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
  const own = openThrough(database, proxy.port);
  const app = await addReportedApp(database.db, far.url);
  let isAway = false;
  far.behave((response) => {
    // The first POST takes the database away while it is under way.
    if (!isAway && far.posts.length > 5) {
      isAway = true;
      proxy.cut();
    }
    response.end();
  });
  const { voiceIds } = await endedCalls(database.db, app, 200);
  const reporter = startReporter({ db: own.db });
  await eventually('the database to be away', () => isAway);
  const before = await reportStates(database.db, app);
  assert.ok((before.pending ?? 0) > 0);
  proxy.restore();
  await sql`update report_due set leased_until = now() + interval '1 second' where leased_until is not null and app_seq = ${app.appSeq}`.execute(
    database.db,
  );
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 200);
  assert.deepEqual([...new Set(far.voiceIds())].toSorted(), voiceIds);
  await reporter.close();
  await own.close();
  await proxy.close();
});

test('a name that stands for an address of ours is never connected to, and the tries say why', async () => {
  const app = await addReportedApp(database.db, `http://rebind.example:${far.port}/`);
  await endedCalls(database.db, app, 1);
  startReporter({
    minuteMs: 1,
    resolve: (_name, _options, callback) => callback(null, [{ address: '169.254.169.254', family: 4 }]),
  });
  await eventually('the end of its tries', async () => (await reportStates(database.db, app)).dead === 1);
  const row = await database.db
    .selectFrom('report')
    .selectAll()
    .where('app_seq', '=', app.appSeq)
    .executeTakeFirstOrThrow();
  assert.equal(row.problem, 'rebind.example is 169.254.169.254, which is no public address');
  assert.equal(row.http_status, null);
  assert.equal(far.connections, 0);
});

test('another URL, another secret and another form are taken over while it runs', async () => {
  const app = await addReportedApp(database.db, 'http://127.0.0.1:1/');
  startReporter();
  await endedCalls(database.db, app, 3);
  await eventually('failures', async () => (await reportStates(database.db, app)).retrying === 3);
  await updateApp(database.db, app.appId, { reportUrl: far.url, hasReportBatches: true });
  await sql`update report_due set due_at = now() where app_seq = ${app.appSeq}`.execute(database.db);
  await eventually('the reports', async () => (await reportStates(database.db, app)).delivered === 3);
  assert.ok(far.posts.every((post) => post.body.startsWith('[') && isSigned(post, app.secret)));
});

test('the reports of a day that was dropped go with it', async () => {
  const app = await addReportedApp(database.db, far.url);
  const { taskId } = await endedCalls(database.db, app, 2);
  await database.db.deleteFrom('call').where('task_id', '=', taskId).execute();
  startReporter();
  await eventually('them to be gone', async () => Object.keys(await reportStates(database.db, app)).length === 0);
  assert.deepEqual(far.posts, []);
});

test('the ring of a call that was not answered, as it is reported', async () => {
  const app = await addReportedApp(database.db, far.url);
  const busy = outcomeOf({
    ...{ cause: 'rejected', hasRung: true, isAnswered: false, sipStatus: 486, reason: 'Busy Here' },
    ...nothingHeard,
    ...noFarEndWords,
  });
  const { voiceIds, taskId } = await endedCalls(database.db, app, 1, busy);
  startReporter();
  await eventually('the report', () => far.posts.length === 1);
  const report = { ...far.posts[0]?.reports[0] };
  assert.equal(typeof report.submitTime, 'number');
  assert.deepEqual(
    { ...report, submitTime: 0 },
    {
      ...{ voiceId: voiceIds[0], type: 1, callee: '86130000001', displayNum: '555', submitTime: 0 },
      ...{ callTime: Date.UTC(2026, 0, 5, 4, 0, 0), ringingTime: Date.UTC(2026, 0, 5, 4, 0, 1), answerTime: null },
      ...{
        hangupTime: Date.UTC(2026, 0, 5, 4, 0, 8),
        callDuration: 0,
        chargedDuration: 0,
        billPeriod: null,
        code: null,
      },
      ...{ voiceFileId: null, recordingFileId: null, rate: null, baseCost: '0', cost: '0' },
      ...{ terminationCode: '486', terminationReason: busy.terminationReason, sipCode: '486', feedbackValue: '-1' },
      ...{ calledInfo: null, ringDuration: 7, currency: null, settleRate: null, quoteExchange: null, settlePay: null },
      ...{
        outRecallCount: 0,
        taskId,
        sourceTaskId: null,
        scriptId: null,
        intent: null,
        dimensionId: null,
        callStatus: 10,
      },
      ...{ appId: app.appId, digits: null, causeCode: null },
    },
  );
});
