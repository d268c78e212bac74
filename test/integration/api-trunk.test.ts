import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { TrunkSettings } from '../../src/domain/trunk/trunk.ts';
import { trunkDefaults } from '../../src/domain/trunk/trunk-defaults.ts';
import { writeTrunkHealth } from '../../src/domain/trunk/trunk-health.ts';
import { createTrunk, getTrunk } from '../../src/domain/trunk/trunk-store.ts';
import { openTestApi, type TestApi } from '../support/api-server.ts';
import { at, type Json, listAt, numberAt } from '../support/json.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

/** Each setting other than its default. */
const everything = {
  name: 'everything',
  host: '2001:db8::1',
  port: 5070,
  transport: 'tls',
  outboundProxy: 'sip:proxy.example.com;lr',
  username: 'user',
  authUsername: 'auth',
  password: 'hunter2',
  registers: true,
  registerExpiresS: 600,
  tlsCaCertificates: pem('certificate'),
  tlsCertificate: pem('certificate'),
  tlsPrivateKey: pem('private-key'),
  tlsServerName: 'carillon.test',
  tlsIsVerified: false,
  mediaEncryption: 'sdes',
  dtmf: 'inband',
  offer: 'late',
  sessionExpiresS: null,
  maxRedirects: 2,
  stripPrefix: '86',
  addPrefix: '0',
  hasPlus: true,
  maxCps: 1,
  maxChannels: 2,
  codecs: ['PCMU'],
  callerIds: ['1', '2'],
  callerIdChoice: 'round_robin',
  callerIdHasPlus: true,
  fromUser: 'caller_id',
  fromDomain: 'ims.example.com',
  identity: 'p_asserted',
  isPrivate: true,
  headers: [
    { name: 'X-Task', value: '${taskId}' },
    { name: 'X-Task', value: 'again' },
  ],
  prefixes: ['86'],
  priority: 0,
  weight: 7,
  optionsIntervalS: 0,
  breakerFailures: 1,
  breakerFailurePercent: 100,
  isEnabled: false,
} satisfies Record<keyof TrunkSettings, Json>;

/** As it is read: secrets are only there or not. */
function asRead(settings: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const { password, tlsPrivateKey, ...readable } = settings;
  return { ...readable, hasPassword: password !== null, hasTlsPrivateKey: tlsPrivateKey !== null };
}

function withoutRow(answer: Json): Json {
  const { trunkId: _id, createdAt: _created, updatedAt: _updated, ...settings } = Object(answer);
  return settings;
}

test('every setting can be written when a trunk is made, and is read as it was written', async () => {
  const made = await api.admin('POST', '/trunks', everything);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.deepEqual(withoutRow(made.body), asRead(everything));
  const path = `/trunks/${numberAt(made.body, 'trunkId')}`;
  assert.deepEqual((await api.admin('GET', path)).body, made.body);
  await api.admin('DELETE', path);
});

test('every setting can be changed later, and back', async () => {
  const made = await api.admin('POST', '/trunks', { name: 'plain', host: 'h' });
  const path = `/trunks/${numberAt(made.body, 'trunkId')}`;
  const { name: _, ...change } = everything;
  const changed = await api.admin('PATCH', path, change);
  assert.deepEqual(withoutRow(changed.body), { ...asRead(everything), name: 'plain' });
  const back = await api.admin('PATCH', path, JSON.parse(JSON.stringify({ ...trunkDefaults, host: 'h' })));
  assert.deepEqual(withoutRow(back.body), withoutRow(made.body));
});

test('the status tells of circuit, registration and OPTIONS as each process sees them', async () => {
  const made = await api.admin('POST', '/trunks', { name: 'seen', host: 'h', registers: true, username: 'u' });
  const trunkId = numberAt(made.body, 'trunkId');
  const processId = randomUUID();
  const { db } = api.database;
  await db.insertInto('process').values({ process_id: processId, kind: 'dialer', host: 'h', pid: 7 }).execute();
  const reason = 'not registered: 403 Forbidden from h';
  const seen = {
    state: 'down',
    reason,
    activeCalls: 3,
    circuit: {
      state: 'open',
      since: '2026-01-01T00:00:00.000Z',
      reason: 'SIP 503 Service Unavailable',
      nextTryAt: '2026-01-01T00:00:05.000Z',
      recentCalls: 40,
      recentFailures: 20,
    },
    registration: {
      state: 'failed',
      reason: '403 Forbidden from h',
      expiresAt: null,
      nextTryAt: '2026-01-01T00:02:00.000Z',
    },
    options: { status: null, roundTripMs: null, at: '2026-01-01T00:00:01.000Z' },
  } as const;
  await writeTrunkHealth(db, processId, [{ trunkId, ...seen }]);
  const { body } = await api.admin('GET', `/trunks/${trunkId}/status`);
  assert.deepEqual([at(body, 'registers'), at(body, 'state'), at(body, 'reason')], [true, 'down', reason]);
  const { processId: shownId, updatedAt: _, ...shown } = Object(listAt(body, 'processes')[0]);
  assert.deepEqual([shownId, shown], [processId, seen]);
  await writeTrunkHealth(db, processId, [{ trunkId, ...seen, registration: null, options: null }]);
  const [again = null] = listAt((await api.admin('GET', `/trunks/${trunkId}/status`)).body, 'processes');
  assert.deepEqual([at(again, 'registration'), at(again, 'options')], [null, null]);
});

test('secrets are in no answer, also not in one that refuses them', async () => {
  const fresh = { ...everything, name: 'secrets' };
  const made = await api.admin('POST', '/trunks', fresh);
  const path = `/trunks/${numberAt(made.body, 'trunkId')}`;
  const answers = [
    made,
    await api.admin('GET', path),
    await api.admin('GET', '/trunks'),
    await api.admin('GET', `${path}/status`),
    await api.admin('PATCH', path, { password: 'hunter2' }),
    await api.admin('POST', '/trunks', fresh),
    await api.admin('PATCH', path, { tlsCertificate: null }),
    await api.admin('PATCH', path, { password: `hunter2${'x'.repeat(200)}` }),
  ];
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [201, 200, 200, 200, 200, 409, 400, 400],
  );
  const key = pem('private-key').split('\n')[1] ?? '';
  for (const answer of answers) {
    const text = JSON.stringify(answer.body);
    assert.ok(!text.includes('hunter2') && !text.includes(key), text);
  }
});

const refusals: readonly (readonly [what: string, fields: Readonly<Record<string, Json>>, pointer: string])[] = [
  ['a setting that does not exist', { stripPrefixes: '1' }, '#/stripPrefixes'],
  ['a transport that does not exist', { transport: 'ws' }, '#/transport'],
  ['a header as a pair', { headers: [['X-A', '1']] }, '#/headers/0'],
  ['a header that is ours', { headers: [{ name: 'Via', value: '1' }] }, '#/headers'],
  ['a registration without a user', { registers: true }, '#/username'],
  ['a caller id with a plus', { callerIds: ['+4930'] }, '#/callerIds'],
  ['a host with a port', { host: 'sip.example.com:5060' }, '#/host'],
  ['a key without its certificate', { tlsPrivateKey: pem('private-key') }, '#/tlsCertificate'],
];
for (const [what, fields, pointer] of refusals) {
  test(`refused and pointed at: ${what}`, async () => {
    const answer = await api.admin('POST', '/trunks', { name: 'refused', host: 'h', ...fields });
    assert.equal(answer.status, 400);
    assert.equal(at(listAt(answer.body, 'errors')[0] ?? null, 'pointer'), pointer, JSON.stringify(answer.body));
  });
}

test('the defaults that are described are those of the table', async () => {
  const { trunkId } = await createTrunk(api.database.db, { name: 'defaults', host: 'h' });
  const {
    trunkId: _id,
    name: _name,
    host: _host,
    createdAt: _created,
    updatedAt: _updated,
    ...settings
  } = await getTrunk(api.database.db, trunkId);
  assert.deepEqual(settings, trunkDefaults);
});

test('OpenAPI describes every setting, with its default where a trunk is made', async () => {
  const document = (await api.inject({ url: '/admin/v1/openapi.json' })).json();
  const bodyOf = (path: string, method: string) =>
    document.paths[path][method].requestBody.content['application/json'].schema;
  const creation = bodyOf('/admin/v1/trunks', 'post');
  const change = bodyOf('/admin/v1/trunks/{id}', 'patch');
  assert.deepEqual(Object.keys(creation.properties).sort(), Object.keys(everything).sort());
  assert.deepEqual(Object.keys(change.properties).sort(), Object.keys(everything).sort());
  assert.deepEqual(creation.required.sort(), ['host', 'name']);
  for (const [setting, value] of Object.entries(trunkDefaults)) {
    assert.deepEqual(creation.properties[setting].default, value, setting);
    assert.equal(change.properties[setting].default, undefined, `${setting}: what is left out of a change stays`);
  }
});
