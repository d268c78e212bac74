import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Reporter } from '../../src/reporter/reporter.ts';
import { openTestApi, type TestApi } from '../support/api-server.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { isSigned, type ReportReceiver, startReportReceiver } from '../support/report-receiver.ts';
import { addReportedApp, endedCalls, type ReportedApp, reportStates } from '../support/reported-calls.ts';
import { startTestReporter } from '../support/test-reporter.ts';
import { until } from '../support/until.ts';

let api: TestApi;
let far: ReportReceiver;
let reporter: Reporter;
before(async () => {
  api = await openTestApi();
  far = await startReportReceiver();
  reporter = startTestReporter(api.database.db, { minuteMs: 1 });
});
after(async () => {
  await reporter.close();
  await far.close();
  await api.close();
});

async function settledAs(app: ReportedApp, state: 'delivered' | 'dead', count: number): Promise<void> {
  const ask = async () => (await reportStates(api.database.db, app))[state] === count;
  await until(ask, { what: `${count} reports to be ${state}`, timeoutMs: 30_000, everyMs: 20 });
}

async function replay(body: object): Promise<Json> {
  const answer = await api.admin('POST', '/reports/replay', body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

test('a dead report shows each of its tries, and is delivered when it is asked for', async () => {
  far.behave(503);
  const app = await addReportedApp(api.database.db, far.url);
  const { voiceIds, taskId } = await endedCalls(api.database.db, app, 1);
  await settledAs(app, 'dead', 1);
  const voiceId = voiceIds[0] ?? '';
  const shown = (await api.admin('GET', `/reports/${voiceId}`)).body;
  assert.deepEqual([at(shown, 'state'), at(shown, 'tries'), at(shown, 'dueAt')], ['dead', 9, null]);
  assert.deepEqual([at(shown, 'voiceId'), at(shown, 'taskId'), at(shown, 'appId')], [voiceId, taskId, app.appId]);
  const tries = listAt(shown, 'allTries');
  assert.equal(tries.length, 9);
  for (const entry of tries) assert.deepEqual([at(entry, 'httpStatus'), at(entry, 'problem')], [503, 'answered 503']);
  assert.deepEqual(at(shown, 'lastTry'), tries.at(-1));
  const ofApp = await api.admin('GET', `/apps/${app.appId}/reports?state=dead`);
  assert.deepEqual(
    [at(ofApp.body, 'total'), listAt(ofApp.body, 'items').map((item) => at(item, 'voiceId'))],
    [1, [voiceId]],
  );

  far.behave(200);
  const answer = await replay({ voiceIds: [voiceId, 'nonsense', '2601019999999000001'] });
  assert.deepEqual([at(answer, 'requested'), at(answer, 'isComplete')], [1, true]);
  await settledAs(app, 'delivered', 1);
  const after = (await api.admin('GET', `/reports/${voiceId}`)).body;
  assert.deepEqual([at(after, 'state'), at(after, 'tries'), listAt(after, 'allTries').length], ['delivered', 0, 10]);
});

test('a task is replayed as a whole, or by state; what is delivered meanwhile is not replayed again', async () => {
  far.behave(200);
  const app = await addReportedApp(api.database.db, far.url);
  const { voiceIds, taskId } = await endedCalls(api.database.db, app, 30);
  await settledAs(app, 'delivered', 30);
  const sent = far.posts.length;
  assert.equal(at(await replay({ taskId, states: ['dead'] }), 'requested'), 0);
  const whole = await replay({ taskId });
  assert.deepEqual([at(whole, 'requested'), at(whole, 'isComplete')], [30, true]);
  await settledAs(app, 'delivered', 30);
  assert.deepEqual(
    far.posts
      .slice(sent)
      .flatMap((post) => post.reports.map((report) => report.voiceId))
      .toSorted(),
    voiceIds,
  );
  assert.equal(at(await replay({ taskId, before: textAt(whole, 'before') }), 'requested'), 0);
  const listed = await api.admin('GET', `/tasks/${taskId}/reports?pageSize=10&page=3`);
  assert.equal(at(listed.body, 'total'), 30);
  assert.deepEqual(
    listAt(listed.body, 'items').map((item) => at(item, 'seq')),
    [21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
  );
  assert.equal(at((await api.admin('GET', `/tasks/${taskId}/reports?state=dead`)).body, 'total'), 0);
});

test('a span of time of an app', async () => {
  const app = await addReportedApp(api.database.db, far.url);
  const other = await addReportedApp(api.database.db, far.url);
  await endedCalls(api.database.db, app, 4);
  await endedCalls(api.database.db, other, 4);
  await settledAs(app, 'delivered', 4);
  await settledAs(other, 'delivered', 4);
  // Later, not earlier: a call does not end before the day of its task, and that may have begun an hour ago.
  await sql`update report set made_at = now() + interval '3 hours' where app_seq = ${app.appSeq} and seq <= 2`.execute(
    api.database.db,
  );
  const ahead = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
  const sent = far.posts.length;
  const span = { appId: app.appId, from: ahead(2), to: ahead(4) };
  assert.equal(at(await replay(span), 'requested'), 2);
  await settledAs(app, 'delivered', 4);
  assert.equal(far.posts.length - sent, 2);
});

test('those that wait are counted and listed, and can be hurried', async () => {
  const app = await addReportedApp(api.database.db, far.url);
  await api.admin('PATCH', `/apps/${app.appId}`, { isReportPaused: true });
  const { taskId } = await endedCalls(api.database.db, app, 3);
  await sql`update report_due set tries = 5, due_at = now() + interval '1 hour' where task_id = ${taskId} and seq = 1`.execute(
    api.database.db,
  );
  const counts = (await api.admin('GET', `/apps/${app.appId}/report-counts`)).body;
  assert.deepEqual(
    ['pending', 'retrying', 'dead', 'deliveredOfLastDay'].map((name) => numberAt(counts, name)),
    [2, 1, 0, 0],
  );
  assert.match(textAt(counts, 'oldestDueAt'), /^2/);
  const retrying = await api.admin('GET', `/apps/${app.appId}/reports?state=retrying`);
  assert.deepEqual(
    listAt(retrying.body, 'items').map((item) => [at(item, 'seq'), at(item, 'tries')]),
    [[1, 5]],
  );
  assert.equal(at(await replay({ taskId, states: ['retrying'] }), 'requested'), 1);
  const again = (await api.admin('GET', `/apps/${app.appId}/report-counts`)).body;
  assert.deepEqual([at(again, 'pending'), at(again, 'retrying')], [3, 0]);
});

test('the last round of a direct call is found by the id that its client was given', async () => {
  const { db } = api.database;
  far.behave(200);
  const app = await addReportedApp(db, far.url);
  const first = await endedCalls(db, app, 1);
  const last = await endedCalls(db, app, 1);
  await settledAs(app, 'delivered', 2);
  const voiceId = first.voiceIds[0] ?? '';
  await sql`update task set voice_id = ${voiceId}, is_hidden = true where task_id = ${last.taskId}`.execute(db);
  await sql`delete from report where task_id = ${first.taskId}`.execute(db);
  const flow = await sql<{ id: number }>`
    insert into recall_flow (account_id, task_id, recall_type, interval_min, recall_num, is_hidden)
    values (${app.owner.accountId}, ${first.taskId}, 1, 1, 1, true) returning flow_id as id`.execute(db);
  await sql`insert into recall_node (flow_id, ordinal, task_id) values (${flow.rows[0]?.id}, 1, ${last.taskId})`.execute(
    db,
  );
  const shown = (await api.admin('GET', `/reports/${voiceId}`)).body;
  assert.deepEqual([at(shown, 'taskId'), at(shown, 'state')], [last.taskId, 'delivered']);
  const sent = far.posts.length;
  assert.equal(at(await replay({ voiceIds: [voiceId] }), 'requested'), 1);
  await settledAs(app, 'delivered', 1);
  assert.equal(far.posts[sent]?.reports[0]?.voiceId, voiceId);
});

test('a receiver is tried with a signed report that says it is none', async () => {
  const app = await addReportedApp(api.database.db, far.url);
  far.behave(204);
  const good = await api.admin('POST', `/apps/${app.appId}/report-test`);
  assert.deepEqual([good.status, at(good.body, 'isDelivered'), at(good.body, 'httpStatus')], [200, true, 204]);
  const post = far.posts.at(-1);
  assert.ok(post && isSigned(post, app.secret));
  assert.deepEqual([post.headers['carillon-test'], post.reports[0]?.isTest], ['true', true]);
  far.behave(404);
  const bad = await api.admin('POST', `/apps/${app.appId}/report-test`);
  assert.deepEqual([at(bad.body, 'isDelivered'), at(bad.body, 'problem')], [false, 'answered 404']);
  far.behave(200);
  await api.admin('PATCH', `/apps/${app.appId}`, { reportUrl: null });
  assert.equal((await api.admin('POST', `/apps/${app.appId}/report-test`)).status, 400);
});

test('what is not there and what makes no sense', async () => {
  for (const path of [
    '/reports/2601015000001000001',
    '/reports/x',
    '/tasks/1/reports',
    '/apps/x/reports?state=dead',
    '/apps/x/report-counts',
  ]) {
    assert.equal((await api.admin('GET', path)).status, 404, path);
  }
  const now = new Date().toISOString();
  const bad = [
    {},
    { taskId: 1, voiceIds: ['1'] },
    { appId: 'x' },
    { appId: 'x', from: now },
    { taskId: 1, states: ['pending'] },
    { voiceIds: [] },
  ];
  for (const body of bad)
    assert.equal((await api.admin('POST', '/reports/replay', body)).status, 400, JSON.stringify(body));
  assert.equal((await api.admin('POST', '/reports/replay', { taskId: 1 })).status, 404);
  assert.equal((await api.admin('POST', '/reports/replay', { appId: 'x', from: now, to: now })).status, 404);
  assert.equal((await api.admin('GET', `/apps/${api.appId}/reports?state=delivered`)).status, 400);
});
