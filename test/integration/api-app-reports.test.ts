import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../support/api-server.ts';
import { at, textAt } from '../support/json.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

let count = 0;
async function addApp(fields: object = {}): Promise<string> {
  count += 1;
  const body = { accountId: api.account.accountId, name: `app ${count}`, kind: 'voice', ...fields };
  const made = await api.admin('POST', '/apps', body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return textAt(made.body, 'appId');
}

test('an app has no report URL unless it is given one', async () => {
  const appId = await addApp();
  const { body } = await api.admin('GET', `/apps/${appId}`);
  assert.equal(at(body, 'reportUrl'), null);
  assert.equal(at(body, 'hasReportBatches'), false);
  assert.equal(at(body, 'isReportPaused'), false);
  assert.deepEqual((await api.admin('GET', `/apps/${appId}/report-secret`)).body, { reportSecret: null });
});

test('a report URL is set, changed and taken away; its secret stays until it is renewed', async () => {
  const appId = await addApp({ reportUrl: 'https://example.com/reports', hasReportBatches: true });
  const secret = textAt((await api.admin('GET', `/apps/${appId}/report-secret`)).body, 'reportSecret');
  assert.match(secret, /^[A-Za-z0-9]{32}$/);
  const change = { reportUrl: 'https://example.org/', hasReportBatches: false, isReportPaused: true, name: 'other' };
  const changed = await api.admin('PATCH', `/apps/${appId}`, change);
  assert.equal(changed.status, 200);
  for (const [name, value] of Object.entries(change)) assert.equal(at(changed.body, name), value);
  assert.doesNotMatch(JSON.stringify(changed.body), /secret/i);
  const cleared = await api.admin('PATCH', `/apps/${appId}`, { reportUrl: null });
  assert.equal(at(cleared.body, 'reportUrl'), null);
  assert.equal(textAt((await api.admin('GET', `/apps/${appId}/report-secret`)).body, 'reportSecret'), secret);
  const renewed = textAt((await api.admin('POST', `/apps/${appId}/report-secret`)).body, 'reportSecret');
  assert.notEqual(renewed, secret);
  assert.equal(textAt((await api.admin('GET', `/apps/${appId}/report-secret`)).body, 'reportSecret'), renewed);
  assert.deepEqual((await api.admin('PATCH', `/apps/${appId}`, {})).body, cleared.body);
});

test('what is no URL to report to is refused, and says why', async () => {
  const appId = await addApp();
  const bad = [
    'example.com',
    'ftp://example.com/',
    'http://10.0.0.1/',
    'http://[::1]:8080/',
    'http://169.254.169.254/',
  ];
  for (const reportUrl of bad) {
    const changed = await api.admin('PATCH', `/apps/${appId}`, { reportUrl });
    assert.equal(changed.status, 400, reportUrl);
    assert.match(textAt(changed.body, 'detail'), /reportUrl/, reportUrl);
    const body = { accountId: api.account.accountId, name: 'never', kind: 'voice', reportUrl };
    assert.equal((await api.admin('POST', '/apps', body)).status, 400, reportUrl);
  }
  assert.equal((await api.admin('PATCH', `/apps/${appId}`, { reportUrl: 'http://127.0.0.1:9/' })).status, 200);
});

test('unknown apps and taken names', async () => {
  const [first, second] = [await addApp({ name: 'taken' }), await addApp()];
  assert.ok(first);
  assert.equal((await api.admin('PATCH', `/apps/${second}`, { name: 'taken' })).status, 409);
  assert.equal((await api.admin('PATCH', '/apps/nothing', { name: 'x' })).status, 404);
  assert.equal((await api.admin('GET', '/apps/nothing/report-secret')).status, 404);
  assert.equal((await api.admin('POST', '/apps/nothing/report-secret')).status, 404);
});
