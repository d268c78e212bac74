import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../support/api-server.ts';
import { at, numberAt, textAt } from '../support/json.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const http = { baseUrl: 'https://up.example.com/v3', appId: 'upstream', apiKey: 'key', apiSecret: 'hidden' };

test('a channel is made, shown without its secret, changed and deleted', async () => {
  const made = await api.admin('POST', '/sms-channels', { name: 'up', kind: 'http', http, maxTps: 5 });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { apiSecret: _, ...readable } = http;
  assert.deepEqual(at(made.body, 'http'), { ...readable, timeoutMs: 10_000, pollMs: 10_000, hasApiSecret: true });
  assert.doesNotMatch(JSON.stringify(made.body), /hidden/);
  const path = `/sms-channels/${numberAt(made.body, 'smsChannelId')}`;
  const changed = await api.admin('PATCH', path, { http: { pollMs: 500 }, senderId: 'ACME' });
  assert.deepEqual(
    [
      at(at(changed.body, 'http'), 'pollMs'),
      at(at(changed.body, 'http'), 'hasApiSecret'),
      at(changed.body, 'senderId'),
    ],
    [500, true, 'ACME'],
  );
  const row = await api.database.db
    .selectFrom('sms_channel')
    .select(['secrets', 'version'])
    .where('name', '=', 'up')
    .executeTakeFirstOrThrow();
  assert.deepEqual(row, { secrets: { apiSecret: 'hidden' }, version: 2 });
  const list = await api.admin('GET', '/sms-channels');
  assert.equal(at(list.body, 'total'), 1);
  const status = await api.admin('GET', `${path}/status`);
  assert.deepEqual([at(status.body, 'state'), at(status.body, 'queueLength')], ['idle', 0]);
  assert.equal((await api.admin('DELETE', path)).status, 204);
  assert.equal((await api.admin('GET', path)).status, 404);
});

test('an SMPP channel has its defaults, and keeps its password to itself', async () => {
  const smpp = { host: 'smpp.example.com', port: 2775, systemId: 'acme', password: 'secret12' };
  const made = await api.admin('POST', '/sms-channels', { name: 'carrier', kind: 'smpp', smpp });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const shown = at(made.body, 'smpp');
  assert.deepEqual([at(shown, 'window'), at(shown, 'hasPassword'), at(shown, 'tls')], [10, true, null]);
  assert.doesNotMatch(JSON.stringify(made.body), /secret12/);
});

test('what is no channel is refused, and says why', async () => {
  const bad: [object, number, RegExp][] = [
    [{ name: 'x', kind: 'http' }, 400, /http: is required/],
    [{ name: 'x', kind: 'outbox', http }, 400, /http: the channel is of kind outbox/],
    [{ name: 'x', kind: 'http', http: { ...http, baseUrl: 'ftp://a' } }, 400, /baseUrl/],
    [{ name: 'x', kind: 'http', http: { ...http, baseUrl: 'http://a/' } }, 400, /baseUrl/],
    [{ name: 'x', kind: 'http', http: { ...http, baseUrl: 'http://:x' } }, 400, /no URL/],
    [{ name: 'x', kind: 'pigeon' }, 400, /kind/],
    [{ name: 'x', kind: 'outbox', unknown: 1 }, 400, /unknown/],
    [{ name: 'carrier', kind: 'outbox' }, 409, /exists already/],
  ];
  for (const [body, status, message] of bad) {
    const answer = await api.admin('POST', '/sms-channels', body);
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.match(JSON.stringify(answer.body), message);
  }
});

test('an app of kind sms has a channel, which is then not deleted', async () => {
  const channel = await api.admin('POST', '/sms-channels', { name: 'outbox', kind: 'outbox' });
  const smsChannelId = numberAt(channel.body, 'smsChannelId');
  const accountId = api.account.accountId;
  const app = await api.admin('POST', '/apps', { accountId, name: 'texts', kind: 'sms' });
  assert.equal(at(app.body, 'smsChannelId'), null);
  const path = `/apps/${textAt(at(app.body, 'appId'))}`;
  assert.equal((await api.admin('PATCH', path, { smsChannelId: 999 })).status, 404);
  const changed = await api.admin('PATCH', path, { smsChannelId });
  assert.equal(at(changed.body, 'smsChannelId'), smsChannelId);
  assert.equal((await api.admin('PATCH', `/apps/${api.appId}`, { smsChannelId })).status, 400);
  const refused = await api.admin('DELETE', `/sms-channels/${smsChannelId}`);
  assert.equal(refused.status, 409);
  assert.match(JSON.stringify(refused.body), /is the channel of the apps/);
});

test('a test message waits for its channel, and is shown', async () => {
  const channel = await api.admin('POST', '/sms-channels', { name: 'trial', kind: 'outbox' });
  const id = numberAt(channel.body, 'smsChannelId');
  const sent = await api.admin('POST', `/sms-channels/${id}/test`, { to: '8613242926514', text: 'Is ${text1} there?' });
  assert.equal(sent.status, 201, JSON.stringify(sent.body));
  const shown = await api.admin('GET', `/sms-messages/${textAt(at(sent.body, 'msgId'))}`);
  assert.deepEqual(shown.body, sent.body);
  const facts = ['trigger', 'state', 'number', 'content', 'accountId', 'call'].map((name) => at(shown.body, name));
  assert.deepEqual(facts, ['test', 'queued', '8613242926514', 'Is ${text1} there?', null, null]);
  const status = await api.admin('GET', `/sms-channels/${id}/status`);
  assert.equal(at(status.body, 'queueLength'), 1);
  const found = await api.admin('GET', `/sms-messages?smsChannelId=${id}&state=queued`);
  assert.equal(at(found.body, 'total'), 1);
  assert.equal((await api.admin('GET', '/sms-messages/2611260000009999999')).status, 404);
  assert.equal((await api.admin('GET', '/sms-messages/nonsense')).status, 404);
});
