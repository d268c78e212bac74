import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { adminToken, signed } from '../support/api-server.ts';
import { openTaskApi, type TaskApi } from '../support/api-task.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';

let api: TaskApi;
before(async () => {
  api = await openTaskApi();
});
after(() => api.close());

let count = 0;

async function admin(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Json> {
  const answer = await api.admin(method, path, body);
  assert.ok(answer.status < 300, JSON.stringify(answer.body));
  return answer.body;
}

async function newTable(currency = 'EUR'): Promise<number> {
  count += 1;
  const table = await admin('POST', '/rate-tables', { name: `table ${count}`, currency, quoteExchange: '1.1' });
  return numberAt(table, 'rateTableId');
}

async function importCsv(rateTableId: number, payload: string, query = ''): Promise<{ status: number; body: Json }> {
  const response = await api.inject({
    method: 'PUT',
    url: `/admin/v1/rate-tables/${rateTableId}/rates${query}`,
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'text/csv' },
    payload,
  });
  return { status: response.statusCode, body: response.json() };
}

async function exportCsv(rateTableId: number): Promise<string> {
  const headers = { authorization: `Bearer ${adminToken}` };
  return (await api.inject({ method: 'GET', url: `/admin/v1/rate-tables/${rateTableId}/rates.csv`, headers })).body;
}

/** An entry of the account's balance, named by a key. */
async function addEntry(key: string, body: object): Promise<{ status: number; body: Json }> {
  const response = await api.inject({
    method: 'POST',
    url: `/admin/v1/accounts/${api.account.accountId}/balance/entries`,
    headers: { authorization: `Bearer ${adminToken}`, 'idempotency-key': key },
    payload: body,
  });
  return { status: response.statusCode, body: response.json() };
}

const head = 'prefix,code,billPeriod,rate\n';

test('rates go in as CSV, change by CSV and one by one, and come out as they are', async () => {
  const id = await newTable();
  const first = await importCsv(id, `${head}86,China,60+60,0.05\n8613,"China, mobile",6+6,0.07\n1,USA,1+1,0.01\n`);
  assert.deepEqual(first.body, { added: 3, changed: 0, removed: 0, unchanged: 0, errorCount: 0, rowErrors: [] });
  const ids = await sql<{
    ids: number[];
  }>`select array_agg(rate_id) as ids from rate where rate_table_id = ${id}`.execute(api.database.db);
  const again = await importCsv(id, `${head}86,China,60+60,0.050000\n8613,"China, mobile",6+6,0.08\n`);
  assert.deepEqual(again.body, { added: 0, changed: 1, removed: 1, unchanged: 1, errorCount: 0, rowErrors: [] });
  assert.equal(await exportCsv(id), `${head}86,China,60+60,0.05\n8613,"China, mobile",6+6,0.08\n`);
  const before = await sql<{ rate: string }>`
    select rate from rate where rate_id = any(${ids.rows[0]?.ids ?? []}::bigint[]) and prefix = '8613'`.execute(
    api.database.db,
  );
  assert.equal(before.rows[0]?.rate, '0.070000', 'a call may refer to it');
  await importCsv(id, `${head}44,UK,1+1,0.5\n`, '?mode=merge');
  await admin('PUT', `/rate-tables/${id}/rates/49`, { code: 'Germany', billPeriod: '30+6', rate: '0.02' });
  await admin('DELETE', `/rate-tables/${id}/rates/86`);
  const listed = await admin('GET', `/rate-tables/${id}/rates?limit=2`);
  assert.deepEqual(
    listAt(listed, 'items').map((rate) => at(rate, 'prefix')),
    ['44', '49'],
  );
  const rest = await admin('GET', `/rate-tables/${id}/rates?limit=2&after=${textAt(listed, 'next')}`);
  assert.deepEqual(listAt(rest, 'items'), [{ prefix: '8613', code: 'China, mobile', billPeriod: '6+6', rate: '0.08' }]);
  assert.equal(at(rest, 'next'), null);
});

test('a bad row refuses the file, and is named; or is left out', async () => {
  const id = await newTable();
  const file = `${head}86,China,60+60,0.05\nabc,X,1+1,1\n`;
  const refused = await importCsv(id, file);
  assert.equal(refused.status, 400);
  assert.deepEqual([at(refused.body, 'status'), at(refused.body, 'errorCount')], [400, 1]);
  const named = listAt(refused.body, 'rowErrors').map((error) => [
    at(error, 'row'),
    at(error, 'column'),
    at(error, 'value'),
  ]);
  assert.deepEqual(named, [[3, 'prefix', 'abc']]);
  assert.equal(await exportCsv(id), head);
  const taken = await importCsv(id, file, '?skipInvalid=true');
  assert.deepEqual([taken.status, at(taken.body, 'added'), at(taken.body, 'errorCount')], [200, 1, 1]);
});

test('a hundred thousand rates are imported, and imported again without a change', async () => {
  const id = await newTable();
  const rows = Array.from({ length: 100_000 }, (_, n) => `${100_000 + n},area ${n},60+60,0.${n % 10}1`);
  const file = `${head}${rows.join('\n')}\n`;
  assert.deepEqual(at((await importCsv(id, file)).body, 'added'), 100_000);
  assert.deepEqual(at((await importCsv(id, file)).body, 'unchanged'), 100_000);
  assert.equal((await exportCsv(id)).length, file.length);
});

test('a table: names, currencies, exchange, deletion', async () => {
  const id = await newTable();
  await importCsv(id, `${head}86,China,60+60,0.05\n`);
  assert.equal((await api.admin('POST', '/rate-tables', { name: 'x', currency: 'EUR' })).status, 400);
  assert.equal(
    (await api.admin('POST', '/rate-tables', { name: 'x', currency: 'USD', quoteExchange: '2' })).status,
    400,
  );
  assert.equal(textAt(await admin('POST', '/rate-tables', { name: 'dollars', currency: 'USD' }), 'quoteExchange'), '1');
  assert.equal((await api.admin('POST', '/rate-tables', { name: 'dollars', currency: 'USD' })).status, 409);
  assert.equal(textAt(await admin('PATCH', `/rate-tables/${id}`, { quoteExchange: '1.25' }), 'quoteExchange'), '1.25');
  const rates = await sql<{ exchange: string; isRetired: boolean }>`
    select trim_scale(quote_exchange) as exchange, retired_at is not null as "isRetired" from rate where rate_table_id = ${id} order by rate_id`.execute(
    api.database.db,
  );
  assert.deepEqual(rates.rows, [
    { exchange: '1.1', isRetired: true },
    { exchange: '1.25', isRetired: false },
  ]);
  const account = await admin('POST', '/accounts', { name: 'with rates', rateTableId: id, requiresRate: true });
  assert.deepEqual([at(account, 'rateTableId'), at(account, 'requiresRate')], [id, true]);
  assert.equal((await api.admin('DELETE', `/rate-tables/${id}`)).status, 409);
  await admin('PATCH', `/accounts/${numberAt(account, 'accountId')}`, { rateTableId: null });
  await admin('DELETE', `/rate-tables/${id}`);
  assert.equal((await api.admin('GET', `/rate-tables/${id}`)).status, 404);
  assert.equal(
    (await api.admin('PATCH', `/accounts/${numberAt(account, 'accountId')}`, { rateTableId: id })).status,
    400,
  );
  assert.equal((await api.admin('POST', '/accounts', { name: 'none', rateTableId: 999_999 })).status, 400);
});

test('an account that pays in advance: -26, -10, its balance and what came and went', async () => {
  const { accountId } = api.account;
  const path = `/accounts/${accountId}/balance`;
  for (const url of ['/v3/getBalance', '/getBalance', '/sms/getBalance', '/v3/sms/getBalance/']) {
    const { code, status, data, ...postpaid } = await api.request(url);
    assert.deepEqual([code, status], [0, '0']);
    assert.deepEqual([at(data, 'balance'), at(postpaid, 'balance'), at(postpaid, 'credit')], ['0', '0', '0']);
  }
  assert.equal((await api.admin('PUT', path, {})).status, 400, 'without rates it has no currency');
  const id = await newTable();
  await importCsv(id, `${head}8613,China,60+60,0.3\n`);
  await admin('PATCH', `/accounts/${accountId}`, { rateTableId: id, requiresRate: true });
  const unrated = await api.send({ numberList: ['8613242926514', '442071234567', '4915112345678'] });
  assert.equal(unrated.code, -26);
  assert.match(unrated.msg, /^2 of the numbers have no rate.*2 \(442071234567\), 3 \(4915112345678\)/);
  await admin('PUT', path, { credit: '0.1' });
  const empty = await api.send();
  assert.equal(empty.code, -10);
  assert.match(empty.msg, /0\.1 EUR are available.* 0\.3;/);
  assert.equal((await addEntry('k1', { kind: 'topUp', amount: '0.150' })).status, 201);
  const repeated = await addEntry('k1', { kind: 'topUp', amount: '0.15' });
  assert.deepEqual([repeated.status, at(repeated.body, 'amount')], [200, '0.15']);
  assert.equal((await addEntry('k1', { kind: 'topUp', amount: '0.2' })).status, 409);
  assert.equal((await api.send()).code, -10);
  assert.equal((await addEntry('k2', { kind: 'gift', amount: '0.05', note: 'welcome' })).status, 201);
  assert.equal((await api.send()).code, 0);
  for (const bad of [
    { kind: 'gift', amount: '-1' },
    { kind: 'topUp', amount: '0' },
    { kind: 'topUp', amount: '1e3' },
    { kind: 'correction', amount: '-0.300001' },
  ]) {
    assert.equal((await addEntry('bad', bad)).status, 400, JSON.stringify(bad));
  }
  assert.equal((await addEntry('k3', { kind: 'correction', amount: '-0.25' })).status, 201);
  const answer = await api.request('/v3/getBalance');
  const { balance, gift, credit, available, currency } = Object(answer);
  assert.deepEqual([balance, gift, credit, available, currency], ['-0.1', '0.05', '0.1', '0.05', 'EUR']);
  assert.deepEqual(Object(await admin('GET', path)).available, '0.05');
  assert.deepEqual(
    listAt(await admin('GET', `${path}/entries`), 'items').map((entry) => [at(entry, 'kind'), at(entry, 'amount')]),
    [
      ['correction', '-0.25'],
      ['gift', '0.05'],
      ['topUp', '0.15'],
    ],
  );
  assert.equal((await api.admin('PUT', path, { credit: '0' })).status, 400, 'more of the credit is used');
  const dollars = await admin('POST', '/rate-tables', { name: 'other money', currency: 'USD' });
  const other = { rateTableId: numberAt(dollars, 'rateTableId') };
  assert.equal((await api.admin('PATCH', `/accounts/${accountId}`, other)).status, 400);
  assert.equal((await api.admin('PATCH', `/accounts/${accountId}`, { rateTableId: null })).status, 400);
});

test('getBalance: who may ask, and what a locked account is told', async () => {
  const made = await admin('POST', '/accounts', { name: 'locked' });
  const account = { apiKey: textAt(made, 'apiKey'), apiSecret: textAt(made, 'apiSecret') };
  const asked = (headers: Record<string, string>) => api.request('/v3/getBalance', { headers });
  assert.equal((await asked({})).code, -1);
  assert.equal((await asked(signed(api.account, Date.now() - 3_600_000))).code, -16);
  await admin('PATCH', `/accounts/${numberAt(made, 'accountId')}`, { isEnabled: false });
  assert.equal((await asked(signed(account, Date.now()))).code, -13);
  assert.equal((await asked({ ...signed(account, Date.now()), sign: 'x' })).code, -1);
});
