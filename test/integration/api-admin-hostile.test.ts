import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLogger } from '../../src/lib/logger.ts';
import { type AdminAnswer, adminToken, openTestApi, type TestApi } from '../support/api-server.ts';
import { at, numberAt, textAt } from '../support/json.ts';

/** What no well-meaning client sends to the admin API: each is refused with what is wrong with it, and none is a fault of ours. */
let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

function assertRefused(answer: AdminAnswer, status: number, detail: RegExp): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.type, /^application\/problem\+json/);
  assert.match(textAt(answer.body, 'detail'), detail);
}

/** A request as it stands: `payload` is not touched. */
async function send(path: string, payload: string, headers: Record<string, string>, method: 'POST' | 'PUT' = 'POST') {
  const response = await api.inject({
    method,
    url: `/admin/v1${path}`,
    headers: { authorization: `Bearer ${adminToken}`, ...headers },
    payload,
  });
  return { status: response.statusCode, type: String(response.headers['content-type']), body: response.json() };
}

test('texts that PostgreSQL cannot store are refused, wherever they stand', async () => {
  const accountId = api.account.accountId;
  const channel = await api.admin('POST', '/sms-channels', { name: 'outbox', kind: 'outbox' });
  const bodies: readonly [method: 'POST' | 'PUT' | 'PATCH', path: string, body: object, field: string][] = [
    ['POST', '/accounts', { name: 'a\0' }, 'name'],
    ['POST', '/accounts', { name: 'half a pair \ud83d' }, 'name'],
    ['POST', '/accounts', { name: 'a', ipAllowList: ['203.0.113.7', '\0'] }, 'ipAllowList.1'],
    ['PATCH', `/accounts/${accountId}`, { timeZone: '\0' }, 'timeZone'],
    ['POST', '/apps', { accountId, name: '\0', kind: 'voice' }, 'name'],
    ['PATCH', `/apps/${api.appId}`, { reportUrl: 'https://example.com/\0' }, 'reportUrl'],
    ['POST', '/trunks', { name: '\0', host: 'sip.example.com' }, 'name'],
    ['POST', '/trunks', { name: 'a', host: 'h', headers: [{ name: 'X-A', value: '\0' }] }, 'headers.0.value'],
    ['POST', '/templates', { accountId, name: '\0', text: 'hello', lan: 'EN' }, 'name'],
    ['POST', '/templates', { accountId, name: 'a', text: 'hello\0', lan: 'EN' }, 'text'],
    ['POST', '/rate-tables', { name: '\0', currency: 'USD' }, 'name'],
    ['POST', '/sms-channels', { name: '\0', kind: 'outbox' }, 'name'],
    [
      'POST',
      `/sms-channels/${numberAt(channel.body, 'smsChannelId')}/test`,
      { to: '8613242926514', text: '\0' },
      'text',
    ],
    ['POST', '/reports/replay', { voiceIds: ['2611265000123000007\0'] }, 'voiceIds.0'],
  ];
  for (const [method, path, body, field] of bodies) {
    const answer = await api.admin(method, path, body);
    assertRefused(answer, 400, new RegExp(`^${field}: holds characters that are not valid Unicode text`));
    assert.equal(at(answer.body, 'errors', 0, 'pointer'), `#/${field.replaceAll('.', '/')}`);
  }
  for (const path of ['/apps/%00', '/voice-files/%00', '/reports/%00', '/sms-messages/%00', '/sms-messages?number=%00'])
    assertRefused(await api.admin('GET', path), 400, /not valid Unicode text/);
});

test('numbers and times that nothing can hold are refused', async () => {
  const { accountId } = api.account;
  for (const path of ['/accounts', '/sms-messages', `/accounts/${accountId}/voice-files`])
    assertRefused(await api.admin('GET', `${path}?page=1e300`), 400, /page/);
  const account = `/accounts/${accountId}`;
  assertRefused(await api.admin('PATCH', account, { rateTableId: 1e300 }), 400, /rateTableId/);
  const replays: readonly [body: object, detail: RegExp][] = [
    [{ taskId: 1, before: '2026-12-31T23:59:60Z' }, /^before: must be a time/],
    [{ appId: api.appId, from: '2026-11-26T23:59:60Z', to: '2026-11-27T00:00:00Z' }, /^from: must be a time/],
    [{ appId: api.appId, from: '2026-11-26T00:00:00Z', to: '2026-12-31T23:59:60Z' }, /^to: must be a time/],
    [{ appId: api.appId, from: '2026-11-27T00:00:00Z', to: '2026-11-26T00:00:00Z' }, /^to: must not be before from/],
    [{ taskId: 1, from: '2026-11-26T00:00:00Z' }, /^from: goes with appId only/],
    [{ voiceIds: ['1'], to: '2026-11-26T00:00:00Z' }, /^to: goes with appId only/],
    [{ voiceIds: ['1'], taskId: 1 }, /^voiceIds: must be given, or else taskId/],
  ];
  for (const [body, detail] of replays) assertRefused(await api.admin('POST', '/reports/replay', body), 400, detail);
  assertRefused(await api.admin('POST', '/trace-rules', { expiresAt: '2026-12-31T23:59:60Z' }), 400, /must be a time/);
});

test('a balance that would outgrow its column is refused', async () => {
  const table = await api.admin('POST', '/rate-tables', { name: 'large', currency: 'USD' });
  const account = await api.admin('POST', '/accounts', { name: 'rich', rateTableId: at(table.body, 'rateTableId') });
  const path = `/accounts/${numberAt(account.body, 'accountId')}/balance`;
  assert.equal((await api.admin('PUT', path, {})).status, 200);
  const topUp = (key: string) =>
    send(`${path}/entries`, '{"kind":"topUp","amount":"999999999999"}', {
      'content-type': 'application/json',
      'idempotency-key': key,
    });
  assert.equal((await topUp('first')).status, 201);
  assertRefused(await topUp('second'), 400, /^amount: would make more than a balance can hold/);
});

test('what belongs to an account that is not there, or not prepaid, is 404 and says which', async () => {
  for (const path of ['/accounts/999999/balance', '/accounts/999999/balance/entries', '/accounts/999999/voice-files'])
    assertRefused(await api.admin('GET', path), 404, /^account 999999 does not exist/);
  const { accountId } = api.account;
  for (const path of [`/accounts/${accountId}/balance`, `/accounts/${accountId}/balance/entries`])
    assertRefused(await api.admin('GET', path), 404, /has no balance: it is postpaid until PUT/);
});

test("a platform's address holds no password, which would be shown with it, and nothing that a path cannot follow", async () => {
  const http = { appId: 'upstream', apiKey: 'key', apiSecret: 'secret' };
  const bad: readonly [baseUrl: string, detail: RegExp][] = [
    ['https://me:hidden@up.example.com/v3', /must not hold a user name or password/],
    ['https://up.example.com/v3?tenant=1', /must not have a query/],
    ['https://up.example.com/v3#a', /must not have a query or a fragment/],
  ];
  for (const [baseUrl, detail] of bad) {
    const body = { name: 'up', kind: 'http', http: { ...http, baseUrl } };
    const refused = await api.admin('POST', '/sms-channels', body);
    assertRefused(refused, 400, detail);
    assert.doesNotMatch(JSON.stringify(refused.body), /hidden/);
  }
});

test('a body of another type than the CSV of rates is a problem like any other', async () => {
  const table = await api.admin('POST', '/rate-tables', { name: 'rates', currency: 'USD' });
  const path = `/rate-tables/${numberAt(table.body, 'rateTableId')}/rates`;
  assertRefused(await send(path, '{}', { 'content-type': 'application/json' }, 'PUT'), 400, /must be text\/csv/);
  assertRefused(await api.admin('PUT', path), 400, /must be text\/csv/);
  const csv = 'prefix,code,billPeriod,rate\n86,\0,60+60,0.05\n';
  const refused = await send(path, csv, { 'content-type': 'text/csv' }, 'PUT');
  assertRefused(refused, 400, /nothing was changed: 1 .* skipInvalid=true/);
  assert.deepEqual([at(refused.body, 'rowErrors', 0, 'row'), at(refused.body, 'rowErrors', 0, 'column')], [2, 'code']);
});

test('bodies that are too deep, too large, or reach for prototypes', async () => {
  const json = { 'content-type': 'application/json' };
  const deep = `{"name":${'['.repeat(400_000)}${']'.repeat(400_000)}}`;
  assertRefused(await send('/accounts', deep, json), 400, /name/);
  assertRefused(await send('/accounts', '{"name":"a","__proto__":{"isEnabled":false}}', json), 400, /not valid JSON/);
  assertRefused(await send('/accounts', 'x'.repeat(1024 * 1024 + 1), json), 413, /too large/);
  const csv = { 'content-type': 'text/csv' };
  assertRefused(await send('/rate-tables/1/rates', 'x'.repeat(64 * 1024 * 1024 + 1), csv, 'PUT'), 413, /too large/);
});

test('what changes something is logged with the names of its fields, and no log holds a secret', async () => {
  const lines: string[] = [];
  const logger = createLogger('api', 'debug', { write: (line) => lines.push(line) });
  const other = await openTestApi({ logger });
  const smpp = { host: 'smpp.example.com', port: 2775, systemId: 'acme', password: 'hunter2' };
  await other.admin('POST', '/sms-channels', { name: 'carrier', kind: 'smpp', smpp });
  const trunk = { name: 'carrier', host: 'sip.example.com', username: 'acme' };
  assert.equal((await other.admin('POST', '/trunks', { ...trunk, password: 'hunter3' })).status, 201);
  await other.admin('GET', '/trunks?page=1');
  assert.equal((await other.admin('POST', '/trunks', { ...trunk, password: 'hunter4' })).status, 409);
  // A fault in the middle of it, of which PostgreSQL tells the row.
  await other.database.pool.query(
    `alter table trunk add constraint no_more check (password is distinct from 'hunter5')`,
  );
  const failed = await other.admin('POST', '/trunks', { ...trunk, name: 'other', password: 'hunter5' });
  assert.equal(failed.status, 500);
  // Closing waits for what is logged after an answer.
  await other.close();
  const told = lines.map((line) => JSON.parse(line));
  const changes = told.filter(({ msg }) => msg === 'admin request changed something');
  assert.deepEqual(
    changes.map(({ method, path, fields, address, status }) => [method, path, fields, address, status]),
    [
      [
        'POST',
        '/admin/v1/sms-channels',
        ['name', 'kind', 'smpp.host', 'smpp.port', 'smpp.systemId', 'smpp.password'],
        '127.0.0.1',
        201,
      ],
      ['POST', '/admin/v1/trunks', ['name', 'host', 'username', 'password'], '127.0.0.1', 201],
    ],
  );
  assert.equal(told.filter(({ msg }) => msg === 'admin request failed').length, 1);
  assert.doesNotMatch(lines.join(''), /hunter\d/);
});
