import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type AdminAnswer, adminToken, openTestApi, signed, type TestApi } from '../support/api-server.ts';
import { at, listAt, numberAt, textAt } from '../support/json.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

let count = 0;
const unique = (): string => `name ${++count}`;

function assertProblem(answer: AdminAnswer, status: number, pointers?: readonly string[]): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.type, /^application\/problem\+json/);
  assert.equal(at(answer.body, 'status'), status);
  assert.equal(typeof at(answer.body, 'title'), 'string');
  assert.equal(typeof at(answer.body, 'detail'), 'string');
  if (pointers)
    assert.deepEqual(
      listAt(answer.body, 'errors').map((error) => at(error, 'pointer')),
      pointers,
    );
}

test('an account is made, shown without its secret, changed, and can call', async () => {
  const name = unique();
  const made = await api.admin('POST', '/accounts', { name, ipAllowList: ['203.0.113.0/24', '::1/128'] });
  assert.equal(made.status, 201);
  const id = numberAt(made.body, 'accountId');
  const credentials = { apiKey: textAt(made.body, 'apiKey'), apiSecret: textAt(made.body, 'apiSecret') };
  const shown = await api.admin('GET', `/accounts/${id}`);
  assert.equal(shown.status, 200);
  assert.deepEqual(
    { ...Object(shown.body), createdAt: null, updatedAt: null },
    {
      accountId: id,
      name,
      apiKey: credentials.apiKey,
      timeZone: 'Asia/Shanghai',
      language: 'en',
      ipAllowList: ['203.0.113.0/24', '::1/128'],
      rateTableId: null,
      requiresRate: false,
      maxConcurrency: null,
      recordingDays: 60,
      speechProvider: 'espeak',
      isEnabled: true,
      createdAt: null,
      updatedAt: null,
    },
  );
  assert.deepEqual((await api.admin('GET', `/accounts/${id}/credentials`)).body, credentials);
  const changed = await api.admin('PATCH', `/accounts/${id}`, {
    ipAllowList: [],
    language: 'zh-CN',
    maxConcurrency: 5,
    recordingDays: 30,
  });
  assert.deepEqual(
    ['language', 'maxConcurrency', 'recordingDays', 'name'].map((field) => at(changed.body, field)),
    ['zh-CN', 5, 30, name],
  );
  const headers = signed(credentials, Date.now());
  const answer = await api.request('/voice/fileQuery', { method: 'POST', headers, body: {} });
  assert.equal(answer.code, 0);
  assert.equal(
    at((await api.admin('PATCH', `/accounts/${id}`, { maxConcurrency: null })).body, 'maxConcurrency'),
    null,
  );
});

test('a speech provider that is not set up is not given to an account', async () => {
  for (const [method, path, body] of [
    ['POST', '/accounts', { name: unique() }],
    ['PATCH', '/accounts/1000', {}],
  ] as const) {
    const refused = await api.admin(method, path, { ...body, speechProvider: 'google' });
    assert.equal(refused.status, 400);
    assert.match(
      textAt(refused.body, 'detail'),
      /speechProvider: google is not set up here: set CARILLON_GOOGLE_CREDENTIALS/,
    );
  }
});

test('an account that is disabled is refused within seconds', async () => {
  const made = await api.admin('POST', '/accounts', { name: unique() });
  const credentials = { apiKey: textAt(made.body, 'apiKey'), apiSecret: textAt(made.body, 'apiSecret') };
  const call = () =>
    api.request('/voice/fileQuery', { method: 'POST', headers: signed(credentials, Date.now()), body: {} });
  assert.equal((await call()).code, 0);
  await api.admin('PATCH', `/accounts/${numberAt(made.body, 'accountId')}`, { isEnabled: false });
  const deadline = Date.now() + 10_000;
  while ((await call()).code !== -1) assert.ok(Date.now() < deadline, 'the account was never refused');
});

test('listings are paged and hold no secret', async () => {
  for (let index = 0; index < 3; index++) await api.admin('POST', '/accounts', { name: unique() });
  const all = await api.admin('GET', '/accounts');
  const total = numberAt(all.body, 'total');
  assert.equal(listAt(all.body, 'items').length, total);
  const second = await api.admin('GET', '/accounts?page=2&pageSize=2');
  assert.deepEqual(listAt(second.body, 'items'), listAt(all.body, 'items').slice(2, 4));
  assert.deepEqual([at(second.body, 'page'), at(second.body, 'pageSize'), at(second.body, 'total')], [2, 2, total]);
  assert.doesNotMatch(JSON.stringify(all.body), /secret/i);
  assertProblem(await api.admin('GET', '/accounts?pageSize=0'), 400);
});

test('what is wrong with a body is pointed at', async () => {
  assertProblem(await api.admin('POST', '/accounts', {}), 400, ['#/name']);
  assertProblem(await api.admin('POST', '/accounts', { name: 5 }), 400, ['#/name']);
  assertProblem(await api.admin('POST', '/accounts', { name: 'x', 'a/b': 1 }), 400, ['#/a~1b']);
  assertProblem(await api.admin('POST', '/accounts', { name: unique(), timeZone: 'Mars/Base' }), 400);
  assertProblem(await api.admin('POST', '/accounts', { name: unique(), ipAllowList: ['300.0.0.0/8'] }), 400);
  assertProblem(await api.admin('POST', '/trunks', { name: unique(), host: 'h', port: 70_000, weight: 0 }), 400, [
    '#/port',
    '#/weight',
  ]);
  assertProblem(await api.admin('PATCH', '/accounts/1000', { apiKey: 'abcdefgh' }), 400, ['#/apiKey']);
});

test('not there is 404, taken is 409', async () => {
  const name = unique();
  await api.admin('POST', '/accounts', { name });
  assertProblem(await api.admin('POST', '/accounts', { name }), 409);
  assertProblem(await api.admin('GET', '/accounts/999999'), 404);
  assertProblem(await api.admin('PATCH', '/accounts/999999', { name: unique() }), 404);
  assertProblem(await api.admin('GET', '/accounts/x'), 400);
  assertProblem(await api.admin('GET', '/nothing'), 404);
  assertProblem(await api.admin('GET', '/tasks/1'), 404);
  assertProblem(await api.admin('GET', '/apps/nothing'), 404);
  assertProblem(await api.admin('DELETE', '/trunks/999999'), 404);
  assertProblem(await api.admin('GET', '/trunks/999999/status'), 404);
});

test('credentials of an existing client can be brought along, once', async () => {
  const credentials = { apiKey: 'MovedKey', apiSecret: 'MovedSecret' };
  const made = await api.admin('POST', '/accounts', { name: unique(), credentials });
  assert.equal(at(made.body, 'apiKey'), 'MovedKey');
  assertProblem(await api.admin('POST', '/accounts', { name: unique(), credentials }), 409);
});

test('apps', async () => {
  const accountId = api.account.accountId;
  const made = await api.admin('POST', '/apps', { accountId, name: unique(), kind: 'voice' });
  assert.equal(made.status, 201);
  const appId = textAt(made.body, 'appId');
  assert.deepEqual((await api.admin('GET', `/apps/${appId}`)).body, made.body);
  const listed = await api.admin('GET', `/apps?accountId=${accountId}`);
  assert.ok(listAt(listed.body, 'items').some((app) => at(app, 'appId') === appId));
  assert.equal(at((await api.admin('GET', '/apps?accountId=999999')).body, 'total'), 0);
  assertProblem(await api.admin('POST', '/apps', { accountId: 999_999, name: unique(), kind: 'voice' }), 404);
  assertProblem(await api.admin('POST', '/apps', { accountId, name: at(made.body, 'name'), kind: 'voice' }), 409);
  assertProblem(await api.admin('POST', '/apps', { accountId, name: unique(), kind: 'fax' }), 400);
});

test('trunks: the password is written and never read', async () => {
  const name = unique();
  const made = await api.admin('POST', '/trunks', {
    name,
    host: 'sip.example.com',
    username: 'u',
    password: 'hunter2',
    prefixes: ['86'],
  });
  assert.equal(made.status, 201);
  assert.doesNotMatch(JSON.stringify(made.body), /hunter2/);
  const id = numberAt(made.body, 'trunkId');
  assert.deepEqual(
    { ...Object(made.body), createdAt: null, updatedAt: null },
    {
      trunkId: id,
      name,
      host: 'sip.example.com',
      port: null,
      transport: null,
      outboundProxy: null,
      username: 'u',
      authUsername: null,
      hasPassword: true,
      registers: false,
      registerExpiresS: 3600,
      tlsCaCertificates: null,
      tlsCertificate: null,
      hasTlsPrivateKey: false,
      tlsServerName: null,
      tlsIsVerified: true,
      mediaEncryption: 'none',
      dtmf: 'auto',
      offer: 'early',
      sessionExpiresS: 1800,
      maxRedirects: 0,
      stripPrefix: '',
      addPrefix: '',
      hasPlus: false,
      callerIdChoice: 'by_callee',
      callerIdHasPlus: false,
      fromUser: 'username',
      fromDomain: null,
      identity: 'none',
      isPrivate: false,
      headers: [],
      optionsIntervalS: 30,
      breakerFailures: 5,
      breakerFailurePercent: 50,
      maxCps: 10,
      maxChannels: 100,
      codecs: ['PCMA', 'PCMU'],
      callerIds: [],
      prefixes: ['86'],
      priority: 10,
      weight: 1,
      isEnabled: true,
      createdAt: null,
      updatedAt: null,
    },
  );
  const stored = await api.database.db
    .selectFrom('trunk')
    .select('password')
    .where('trunk_id', '=', id)
    .executeTakeFirstOrThrow();
  assert.equal(stored.password, 'hunter2');
  const changed = await api.admin('PATCH', `/trunks/${id}`, { password: null, maxCps: 20, isEnabled: false });
  assert.deepEqual(
    [at(changed.body, 'hasPassword'), at(changed.body, 'maxCps'), at(changed.body, 'host')],
    [false, 20, 'sip.example.com'],
  );
  assert.equal(numberAt((await api.admin('GET', '/trunks')).body, 'total'), 1);
  assert.equal((await api.admin('DELETE', `/trunks/${id}`)).status, 204);
  assertProblem(await api.admin('GET', `/trunks/${id}`), 404);
});

test('status: processes, trunks by process, running tasks and calls in progress', async () => {
  const { db } = api.database;
  const trunk = await api.admin('POST', '/trunks', { name: unique(), host: '192.0.2.1' });
  const trunkId = numberAt(trunk.body, 'trunkId');
  const processId = randomUUID();
  await db.insertInto('process').values({ process_id: processId, kind: 'dialer', host: 'h', pid: 7 }).execute();
  await db
    .insertInto('trunk_health')
    .values({ trunk_id: trunkId, process_id: processId, state: 'down', reason: '503', active_calls: 2 })
    .execute();
  const uploaded = await api.post('/voice/fileUpload', { fileName: 'x.wav', file: '' });
  assert.equal(uploaded.code, -21);
  const sent = await api.post('/voice/group/call/send', {
    appId: api.appId,
    taskName: unique(),
    numberList: ['861320', '8613201', '8613202'],
    source: 3,
    text: 'hi',
    lan: 'EN',
    loopCount: 1,
    maxCalls: 9,
  });
  const taskId = numberAt(sent.data);
  await db
    .updateTable('task')
    .set({ status: 1, next_seq: 4, ended_count: 1, success_count: 1, waiting_reason: 'outside windows' })
    .where('task_id', '=', taskId)
    .execute();
  const progress = (await api.admin('GET', `/tasks/${taskId}`)).body;
  const expected = {
    taskId,
    status: 1,
    statusName: 'calling',
    waitingReason: 'outside windows',
    numberCount: 3,
    calledCount: 3,
    callsInProgress: 2,
    endedCount: 1,
    successCount: 1,
    failCount: 0,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, at(progress, key)])), expected);
  const status = (await api.admin('GET', '/status')).body;
  assert.deepEqual(listAt(status, 'runningTasks'), [progress]);
  assert.equal(at(status, 'tasksByStatus', 'calling'), 1);
  assert.equal(at(status, 'callsInProgress'), 0);
  const process = listAt(status, 'processes').find((entry) => at(entry, 'processId') === processId) ?? null;
  assert.deepEqual([at(process, 'kind'), at(process, 'status'), at(process, 'pid')], ['dialer', 'live', 7]);
  assert.deepEqual(listAt((await api.admin('GET', '/processes')).body).length, listAt(status, 'processes').length);
  const trunkStatus = (await api.admin('GET', `/trunks/${trunkId}/status`)).body;
  assert.deepEqual(
    [at(trunkStatus, 'state'), at(trunkStatus, 'reason'), at(trunkStatus, 'activeCalls')],
    ['down', '503', 2],
  );
  assert.deepEqual(
    listAt(trunkStatus, 'processes').map((report) => [at(report, 'processId'), at(report, 'state')]),
    [[processId, 'down']],
  );
  assert.deepEqual(
    listAt(status, 'trunks').map((entry) => at(entry, 'trunkId')),
    [trunkId],
  );
});

test('OpenAPI 3.1 describes every resource, and no more', async () => {
  const response = await api.inject({ url: '/admin/v1/openapi.json' });
  const document = response.json();
  assert.match(document.openapi, /^3\.1\./);
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(Object(methods)).map((method) => `${method} ${path.replace('/admin/v1', '')}`),
  );
  assert.deepEqual(described.sort(), [
    'delete /rate-tables/{id}',
    'delete /rate-tables/{id}/rates/{prefix}',
    'delete /sms-channels/{id}',
    'delete /templates/{id}',
    'delete /trace-rules/{id}',
    'delete /trunks/{id}',
    'get /accounts',
    'get /accounts/{id}',
    'get /accounts/{id}/balance',
    'get /accounts/{id}/balance/entries',
    'get /accounts/{id}/credentials',
    'get /accounts/{id}/voice-files',
    'get /apps',
    'get /apps/{appId}',
    'get /apps/{appId}/report-counts',
    'get /apps/{appId}/report-secret',
    'get /apps/{appId}/reports',
    'get /processes',
    'get /rate-tables',
    'get /rate-tables/{id}',
    'get /rate-tables/{id}/rates',
    'get /rate-tables/{id}/rates.csv',
    'get /reports/{voiceId}',
    'get /sms-channel-status',
    'get /sms-channels',
    'get /sms-channels/{id}',
    'get /sms-channels/{id}/status',
    'get /sms-messages',
    'get /sms-messages/{msgId}',
    'get /status',
    'get /tasks/{id}',
    'get /tasks/{id}/calls',
    'get /tasks/{id}/calls/{seq}',
    'get /tasks/{id}/calls/{seq}/recording',
    'get /tasks/{id}/calls/{seq}/trace',
    'get /tasks/{id}/calls/{seq}/trace.pcap',
    'get /tasks/{id}/calls/{seq}/trace.svg',
    'get /tasks/{id}/calls/{seq}/trace.txt',
    'get /tasks/{id}/reports',
    'get /templates',
    'get /templates/{id}',
    'get /trace-rules',
    'get /trace-rules/{id}',
    'get /trunk-status',
    'get /trunks',
    'get /trunks/{id}',
    'get /trunks/{id}/status',
    'get /voice-files/{fileId}',
    'get /voice-files/{fileId}/waveform.svg',
    'patch /accounts/{id}',
    'patch /apps/{appId}',
    'patch /rate-tables/{id}',
    'patch /sms-channels/{id}',
    'patch /templates/{id}',
    'patch /trunks/{id}',
    'post /accounts',
    'post /accounts/{id}/balance/entries',
    'post /accounts/{id}/balance/resume-tasks',
    'post /apps',
    'post /apps/{appId}/report-secret',
    'post /apps/{appId}/report-test',
    'post /rate-tables',
    'post /reports/replay',
    'post /sms-channels',
    'post /sms-channels/{id}/test',
    'post /templates',
    'post /trace-rules',
    'post /trunks',
    'post /trunks/{id}/test',
    'put /accounts/{id}/balance',
    'put /rate-tables/{id}/rates',
    'put /rate-tables/{id}/rates/{prefix}',
  ]);
  const refused = document.paths['/admin/v1/accounts'].post.responses;
  assert.deepEqual(Object.keys(refused).sort(), ['201', '4XX', '500']);
  const trace = '/admin/v1/tasks/{id}/calls/{seq}/trace';
  const typesOf = (path: string): string[] => Object.keys(document.paths[path].get.responses['200'].content);
  assert.deepEqual(typesOf(trace), ['application/json', 'text/plain']);
  assert.deepEqual(typesOf(`${trace}.txt`), ['text/plain']);
  assert.deepEqual(typesOf(`${trace}.svg`), ['image/svg+xml']);
  assert.deepEqual(typesOf(`${trace}.pcap`), ['application/vnd.tcpdump.pcap']);
});

test('bodies that are not JSON', async () => {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
  const broken = await api.inject({ method: 'POST', url: '/admin/v1/accounts', headers, payload: '{' });
  assert.equal(broken.statusCode, 400);
  assert.match(String(broken.headers['content-type']), /^application\/problem\+json/);
  const form = await api.inject({
    method: 'POST',
    url: '/admin/v1/accounts',
    headers: { ...headers, 'content-type': 'text/plain' },
    payload: 'x',
  });
  assert.equal(form.statusCode, 415);
});

test('a fault of ours is 500 and says nothing of itself', async () => {
  const other = await openTestApi();
  await other.database.pool.query('alter table trunk rename to trunk_gone');
  const answer = await other.admin('GET', '/trunks');
  assertProblem(answer, 500);
  assert.doesNotMatch(JSON.stringify(answer.body), /trunk/);
  await other.close();
});

test('wrong tokens are 401, many of them 429, and the right one passes all the while', async () => {
  const ask = async (authorization: string | undefined, remoteAddress: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization };
    return (await api.inject({ url: '/admin/v1/processes', headers, remoteAddress })).statusCode;
  };
  for (const wrong of [
    undefined,
    '',
    'Bearer',
    'Bearer x',
    `Basic ${adminToken}`,
    `Bearer ${adminToken}x`,
    adminToken,
  ]) {
    assert.equal(await ask(wrong, '198.51.100.1'), 401, String(wrong));
  }
  for (let failures = 7; failures < 10; failures++) assert.equal(await ask('Bearer x', '198.51.100.1'), 401);
  assert.equal(await ask('Bearer x', '198.51.100.1'), 429);
  assert.equal(await ask(`Bearer ${adminToken}`, '198.51.100.1'), 200);
  assert.equal(await ask('Bearer x', '198.51.100.2'), 401);
  for (let index = 0; index < 50; index++) assert.equal(await ask(`bearer ${adminToken}`, '198.51.100.3'), 200);
});
