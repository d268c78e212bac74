import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount, updateAccount } from '../../src/domain/account/account-store.ts';
import { openTestApi, signed, type TestApi } from '../support/api-server.ts';
import { at } from '../support/json.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const vectorNow = 1_630_468_800_000;
const vectorHeaders = {
  'content-type': 'application/json;charset=UTF-8',
  sign: '05d7a50893e22a5c4bb3216ae3396c7c',
  timestamp: '1630468800',
  'api-key': 'bDqJFiq9',
};

test("the seed page's example request, as it is printed", async () => {
  api.setNow(vectorNow);
  const answer = await api.request('/v3/voice/recallFlow/queryPage', {
    method: 'POST',
    headers: vectorHeaders,
    body: '{\n"keyId":12\n}',
  });
  api.setNow(null);
  const message = 'recall flow 12 does not exist: use a keyId from recallFlow/queryPage';
  assert.deepEqual(answer, { httpStatus: 200, code: -22, msg: message, status: -22, reason: message, data: null });
});

for (const path of [
  '/v3/voice/fileQuery',
  '/voice/fileQuery',
  '//v3//voice/fileQuery',
  '/voice//fileQuery/',
  '/v3/voice/fileQuery?appid=x',
]) {
  test(`${path} is served`, async () => {
    const answer = await api.post(path, { current: 1, size: 20 });
    assert.deepEqual(answer, {
      httpStatus: 200,
      code: 0,
      msg: 'success',
      status: '0',
      reason: 'success',
      data: { total: 0, size: 20, current: 1, pages: 0, records: [] },
    });
  });
}

for (const path of [
  '/v3/voice/nothing',
  '/voice',
  '/v3/nothing',
  '/',
  '/voice/fileQuery/x',
  '/voice/%zz',
  '/v3/voice/group/call/detail',
]) {
  test(`${path} is unknown: HTTP 404 and -22, in the same shape`, async () => {
    const answer = await api.post(path, {});
    assert.equal(answer.httpStatus, 404);
    assert.equal(answer.code, -22);
    assert.equal(answer.status, '-22');
    assert.equal(answer.msg, answer.reason);
    assert.equal(answer.data, null);
  });
}

test('an unknown path is HTTP 404 whatever its body is', async () => {
  for (const body of ['{', '', '[]', 'x'.repeat(2 * 1024 * 1024)]) {
    const answer = await api.request('/v3/voice/nothing', { method: 'POST', body });
    assert.deepEqual([answer.httpStatus, answer.code], [404, -22], body.slice(0, 5));
    assert.match(answer.msg, /there is no POST/);
  }
});

test('large bodies of one account wait for each other, and all are answered', async () => {
  const body = `{${' '.repeat(9 * 1024 * 1024)}}`;
  const send = () => api.request('/v3/voice/group/call/send', { method: 'POST', body });
  const answers = await Promise.all(Array.from({ length: 5 }, send));
  assert.deepEqual(
    answers.map(({ msg }) => msg),
    Array(5).fill('appId: is required'),
  );
});

test('a known path with another method is HTTP 200 and -22', async () => {
  for (const method of ['GET', 'PUT', 'OPTIONS'] as const) {
    const answer = await api.request('/voice/fileQuery', { method });
    assert.deepEqual([answer.httpStatus, answer.code], [200, -22]);
    assert.match(answer.msg, new RegExp(`there is no ${method} /voice/fileQuery`));
  }
});

const garbage: readonly [name: string, headers: Record<string, string>, body: string, message: RegExp][] = [
  ['no JSON', {}, '{"a":', /not valid JSON/],
  ['nothing', {}, '', /empty/],
  ['form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=1', /not valid JSON/],
  ['no media type', { 'content-type': 'json' }, '{}', /Content-Type must be application\/json/],
  ['gzip', { 'content-encoding': 'gzip' }, '\u001f', /Content-Encoding gzip is not served/],
  ['lists in lists', {}, '['.repeat(100_000), /nested more than 100 levels/],
  ['a list', {}, '[]', /must be an object/],
  ['null', {}, 'null', /must be an object/],
  ['a number', {}, '5', /must be an object/],
  ['bytes', {}, '\u0000\u0001\ufffd', /not valid JSON/],
  ['over the limit', {}, JSON.stringify({ filler: 'x'.repeat(1024 * 1024) }), /larger than this endpoint allows/],
  ['a comment', {}, '{"a":1} // no', /not valid JSON/],
];
for (const [name, headers, body, message] of garbage) {
  test(`a body with ${name} is HTTP 200 and -22`, async () => {
    const answer = await api.request('/v3/voice/fileDel', {
      method: 'POST',
      headers: { ...signed(api.account, Date.now()), ...headers },
      body,
    });
    assert.deepEqual([answer.httpStatus, answer.code, answer.status, answer.data], [200, -22, '-22', null]);
    assert.match(answer.msg, message);
  });
}

test('after a body over the limit the connection stays open: a client that is still writing is to read the answer', async () => {
  const headers = signed(api.account, Date.now());
  const payload = 'x'.repeat(2 * 1024 * 1024);
  const response = await api.inject({ method: 'POST', url: '/v3/voice/fileDel', headers, payload });
  assert.deepEqual([response.statusCode, response.json().code], [200, -22]);
  assert.notEqual(response.headers.connection, 'close');
});

test('JSON is read whatever the Content-Type says, and fields of unknown names are ignored', async () => {
  const { 'content-type': _, ...untyped } = signed(api.account, Date.now());
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'APPLICATION/JSON; charset="utf-8"', 'text/json'];
  const body = '\ufeff{"__proto__":{"size":7},"constructor":{"prototype":{}},"size":"3"}';
  for (const headers of [untyped, ...types.map((type) => ({ ...untyped, 'content-type': type }))]) {
    const answer = await api.request('/v3/voice/fileQuery', { method: 'POST', headers, body });
    assert.deepEqual([answer.code, at(answer.data, 'size')], [0, 3], JSON.stringify(headers));
  }
});

test('no body at all, and no content type', async () => {
  const { 'content-type': _, ...headers } = signed(api.account, Date.now());
  const answer = await api.request('/v3/voice/fileDel', { method: 'POST', headers });
  assert.deepEqual([answer.httpStatus, answer.code], [200, -22]);
});

test('authentication comes before everything that the body can be', async () => {
  const answer = await api.request('/v3/voice/fileDel', { method: 'POST', headers: {}, body: '{' });
  assert.deepEqual([answer.httpStatus, answer.code, answer.status], [200, -1, '-1']);
});

test('key, signature, time and address are refused in the order of the contract', async () => {
  const other = await createAccount(api.database.db, { name: 'other', ipAllowList: ['203.0.113.0/24'] });
  const now = Date.now();
  const good = signed(other, now);
  const cases: [Record<string, string>, string, number][] = [
    [{ ...good, 'api-key': 'unknown' }, '203.0.113.5', -1],
    [{ ...good, sign: 'f'.repeat(32) }, '203.0.113.5', -1],
    [{ ...signed(other, now - 31 * 60_000) }, '198.51.100.1', -16],
    [{ ...signed(other, now + 31 * 60_000) }, '203.0.113.5', -16],
    [good, '198.51.100.1', -2],
    [{ ...good, 'x-forwarded-for': '203.0.113.5' }, '198.51.100.1', -2],
    [good, '203.0.113.5', 0],
    [{ ...good, sign: String(good.sign).toUpperCase() }, '::ffff:203.0.113.5', 0],
  ];
  for (const [headers, address, code] of cases) {
    const answer = await api.request('/voice/fileQuery', { method: 'POST', headers, body: {}, address });
    assert.equal(answer.code, code, `${JSON.stringify(headers)} from ${address}: ${answer.msg}`);
  }
});

test('behind a proxy that is trusted, the address that it names counts, and from others it does not', async () => {
  const other = await openTestApi({ trustProxy: ['10.0.0.0/8'] });
  await updateAccount(other.database.db, other.account.accountId, { ipAllowList: ['203.0.113.0/24'] });
  const headers = { ...signed(other.account, Date.now()), 'x-forwarded-for': '203.0.113.5' };
  const from = (address: string) => other.request('/voice/fileQuery', { method: 'POST', headers, body: {}, address });
  assert.equal((await from('10.0.0.1')).code, 0);
  assert.equal((await from('198.51.100.1')).code, -2);
  await other.close();
});

test('the timestamp that has expired is refused in the words of the contract', async () => {
  const answer = await api.request('/voice/fileQuery', { method: 'POST', headers: vectorHeaders, body: {} });
  assert.deepEqual([answer.status, answer.reason], ['-16', 'timestamp expires']);
});

const endpoints: readonly [method: 'GET' | 'POST', path: string, code: string, status: string][] = [
  ['POST', '/fileUpload', 'number', 'string'],
  ['POST', '/fileQuery', 'number', 'string'],
  ['POST', '/fileDel', 'number', 'string'],
  ['POST', '/group/call/send', 'number', 'string'],
  ['POST', '/group/call/query', 'number', 'string'],
  ['GET', '/group/call/detail/1', 'number', 'string'],
  ['POST', '/group/call/update', 'number', 'string'],
  ['POST', '/group/call/resend', 'number', 'string'],
  ['POST', '/group/call/cancel', 'string', 'string'],
  ['POST', '/group/call/provisional', 'string', 'string'],
  ['POST', '/group/call/resume', 'string', 'string'],
  ['POST', '/group/call/records', 'number', 'string'],
  ['POST', '/recallFlow/update', 'number', 'number'],
  ['POST', '/recallFlow/cancel', 'number', 'number'],
  ['POST', '/recallFlow/queryPage', 'number', 'number'],
  ['POST', '/recallFlow/queryDetail', 'number', 'string'],
  ['GET', '/recordGroup/1', 'number', 'string'],
  ['POST', '/recordGroupQuery', 'number', 'string'],
  ['POST', '/group/call/send/ai', 'number', 'string'],
  ['POST', '/group/call/update/ai', 'number', 'string'],
  ['POST', '/group/call/resend/ai', 'number', 'string'],
  ['POST', '/group/call/send/agent', 'number', 'string'],
];
for (const [method, path, code, status] of endpoints) {
  test(`${path} has a ${code} code and a ${status} status, whatever goes wrong`, async () => {
    const unsigned = await api.request(`/v3/voice${path}`, { method, headers: {} });
    assert.deepEqual([typeof unsigned.code, typeof unsigned.status], [code, status]);
    assert.deepEqual([Number(unsigned.code), Number(unsigned.status), unsigned.httpStatus], [-1, -1, 200]);
    if (method === 'GET') return;
    for (const [body, expected] of [
      ['{', -22],
      [5, -22],
    ] as const) {
      const refused = await api.post(`/v3/voice${path}`, body);
      assert.deepEqual([typeof refused.code, typeof refused.status], [code, status]);
      assert.deepEqual([Number(refused.code), refused.httpStatus], [expected, 200]);
      assert.deepEqual(Object.keys(refused), ['httpStatus', 'code', 'msg', 'status', 'reason', 'data']);
    }
  });
}

test('the AI variants say that they are out of scope', async () => {
  const answer = await api.post('/v3/voice/group/call/send/ai', { taskName: 'x' });
  assert.equal(answer.code, -22);
  assert.match(answer.msg, /group\/call\/send\/ai is not offered here/);
});

test("messages are in the account's language, soon after it was changed", async () => {
  const account = await createAccount(api.database.db, { name: '中文', language: 'zh-CN' });
  const send = () => api.request('/voice/fileDel', { method: 'POST', headers: signed(account, Date.now()), body: {} });
  assert.equal((await send()).msg, 'fileIdList：必填');
  await updateAccount(api.database.db, account.accountId, { language: 'en' });
  const deadline = Date.now() + 10_000;
  while ((await send()).msg !== 'fileIdList: is required')
    assert.ok(Date.now() < deadline, 'the change was never seen');
});

test('health', async () => {
  assert.equal((await api.inject({ url: '/healthz' })).statusCode, 200);
  const ready = await api.inject({ url: '/readyz' });
  assert.deepEqual(
    [ready.statusCode, ready.json()],
    [200, { status: 'ready', parts: { database: 'ready', migrations: 'ready' } }],
  );
});

test('not ready while a migration is missing; the process is up all the same', async () => {
  const other = await openTestApi();
  await other.database.db.deleteFrom('migration').execute();
  const missing = await other.inject({ url: '/readyz' });
  assert.equal(missing.statusCode, 503);
  assert.match(missing.json().parts.migrations, /not applied: 0001_core.sql/);
  assert.equal(missing.json().parts.database, 'ready');
  assert.equal((await other.inject({ url: '/healthz' })).statusCode, 200);
  await other.close();
});

test('a fault of ours is -18, says nothing of itself, and not ready says why', async () => {
  const other = await openTestApi();
  await other.post('/voice/fileQuery', {});
  await other.database.pool.query('alter table voice_file rename to voice_file_gone');
  const answer = await other.post('/voice/fileQuery', {});
  assert.deepEqual([answer.httpStatus, answer.code, answer.status, answer.data], [200, -18, '-18', null]);
  assert.match(answer.msg, /^system exception/);
  assert.doesNotMatch(answer.msg, /voice_file|relation|select/);
  await other.close();
});
