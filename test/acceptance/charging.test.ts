import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { requestDialect, signedHeaders } from '../support/dialect-client.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { type ReportReceiver, startReportReceiver } from '../support/report-receiver.ts';
import { type Sipp, startSippServer } from '../support/sipp.ts';
import { sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const scenario = fileURLToPath(new URL('../interop/carrier/uas-talk-by-number.xml', import.meta.url));
/** As an operator's spreadsheet has them. */
const csv = [
  'prefix,code,billPeriod,rate',
  '861,China,60+60,0.07',
  '8613,"China, mobile",1+1,0.333333',
  '86138,"China, mobile (other)",3+2,0.1',
  '44,Great Britain,60+60,0.4',
];
const rates = new Map([
  ['8613', { first: 1, step: 1, micros: 333_333n }],
  ['86138', { first: 3, step: 2, micros: 100_000n }],
  ['861', { first: 60, step: 60, micros: 70_000n }],
  ['44', { first: 60, step: 60, micros: 400_000n }],
]);
const longestFirst = [...rates.keys()].sort((a, b) => b.length - a.length);

// The last four digits are how long they talk, ms; 0000 is busy.
const taskNumbers = ['86130000300', '86130001200', '86130000000', '86138002300', '86138000300', '86110000700'];
const groupNumbers = ['86130010900', '86138010000', '86138011600', '86110010300'];
const dearNumbers = ['44000000300', '44000010300', '44000020300', '44000030300'];

let carillon: Carillon;
let sipp: Sipp;
let receiver: ReportReceiver;
before(async () => {
  receiver = await startReportReceiver();
  // Of the dear ones two can be paid for.
  sipp = await startSippServer({ scenario, calls: taskNumbers.length + groupNumbers.length + 2 });
  carillon = await startCarillon({ env: { CARILLON_REPORT_NETWORKS: '127.0.0.0/8' } });
  await carillon.addTrunk(sipp.port);
  await carillon.admin('PATCH', `/apps/${carillon.appId}`, { reportUrl: receiver.url });
});
after(async () => {
  await carillon?.stop();
  await sipp?.stop();
  await receiver?.close();
});

/** The admin API where it takes more than JSON. */
async function toAdmin(
  method: 'PUT' | 'POST',
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Json> {
  const usual = { Authorization: `Bearer ${carillon.adminToken}`, 'Content-Type': 'application/json' };
  const init = { method, headers: { ...usual, ...headers }, body };
  const response = await fetch(`${carillon.baseUrl}/admin/v1${path}`, init);
  const text = await response.text();
  assert.ok(response.ok, `${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

async function addEntry(kind: 'topUp' | 'correction', amount: string): Promise<void> {
  const path = `/accounts/${carillon.accountId}/balance/entries`;
  await toAdmin('POST', path, JSON.stringify({ kind, amount }), { 'Idempotency-Key': randomUUID() });
}

/** What is left, in millionths. */
async function moneyLeft(): Promise<{ balance: bigint; reserved: bigint; available: bigint }> {
  const headers = signedHeaders(carillon.credentials);
  const answer = await requestDialect(carillon.baseUrl, { method: 'GET', path: '/v3/getBalance', headers, body: null });
  const flat: Json = JSON.parse(JSON.stringify(answer));
  const amount = (name: string): bigint => micros(textAt(flat, name));
  return { balance: amount('balance'), reserved: amount('reserved'), available: amount('available') };
}

function micros(decimal: string): bigint {
  const [, sign = '', whole = '0', parts = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(decimal) ?? assert.fail(decimal);
  const amount = BigInt(whole) * 1_000_000n + BigInt(parts.padEnd(6, '0'));
  return sign === '-' ? -amount : amount;
}

/** As an amount is written down. */
function decimalOf(amount: bigint): string {
  return `${amount / 1_000_000n}.${String(amount % 1_000_000n).padStart(6, '0')}`;
}

const sumOf = (rows: readonly Json[], name: string): bigint =>
  rows.reduce<bigint>((sum, row) => sum + micros(textAt(row, name)), 0n);

/** What the charge of a call has to be, from how long it was. */
function assertCharge(record: Json): void {
  const callee = textAt(record, 'callee');
  const prefix = longestFirst.find((candidate) => callee.startsWith(candidate)) ?? '';
  const rate = rates.get(prefix);
  assert.ok(rate, `the rate of ${callee}`);
  const duration = numberAt(record, 'callDuration');
  assert.equal(duration > 0, !callee.endsWith('0000'), `${callee} was answered or not: ${JSON.stringify(record)}`);
  let charged = duration === 0 ? 0 : rate.first;
  while (charged < duration) charged += rate.step;
  // Half up: twice the amount, and a half more, in whole millionths.
  const cost = (2n * BigInt(charged) * rate.micros + 60n) / 120n;
  const told = [
    numberAt(record, 'chargedDuration'),
    micros(textAt(record, 'cost')),
    micros(textAt(record, 'baseCost')),
  ];
  assert.deepEqual(told, [charged, cost, (cost * 11n + 5n) / 10n], JSON.stringify(record));
  assert.deepEqual(
    [at(record, 'billPeriod'), micros(textAt(record, 'rate')), at(record, 'currency'), at(record, 'settlePay')],
    [`${rate.first}+${rate.step}`, rate.micros, 'EUR', at(record, 'cost')],
  );
}

/** All records of the account, as its client finds them. */
async function allRecords(): Promise<readonly Json[]> {
  const params = {
    strTime: new Date(Date.now() - 3_600_000).toISOString(),
    endTime: new Date(Date.now() + 60_000).toISOString(),
  };
  const answer = await carillon.post('/recordGroupQuery', { current: 1, size: 100, params });
  return listAt(answer.data, 'records');
}

test('a task and a sendGroup: records, reports and balance say the same to the last digit', async () => {
  const table = await carillon.admin('POST', '/rate-tables', { name: 'retail', currency: 'EUR', quoteExchange: '1.1' });
  const rateTableId = numberAt(table, 'rateTableId');
  const imported = await toAdmin('PUT', `/rate-tables/${rateTableId}/rates`, `${csv.join('\r\n')}\r\n`, {
    'Content-Type': 'text/csv',
  });
  assert.deepEqual([at(imported, 'added'), at(imported, 'errorCount')], [csv.length - 1, 0]);
  await carillon.admin('PATCH', `/accounts/${carillon.accountId}`, { rateTableId });
  await toAdmin('PUT', `/accounts/${carillon.accountId}/balance`, '{}');
  await addEntry('topUp', '20.5');

  const fileId = await uploadVoice(carillon, 'charging.wav');
  const task = { taskName: 'charged', voiceFileId: fileId, numberList: taskNumbers, maxCalls: 30, loopCount: 9 };
  const taskId = await sendTask(carillon, task);
  const group = { appId: carillon.appId, fileId, callee: groupNumbers.join(','), maxDuration: 30, loopCount: 9 };
  const sent = await carillon.post('/sendGroup', group);
  assert.equal(sent.status, '0', sent.reason);
  const detail = await waitForTask(carillon, taskId, 2, 60_000);
  const voiceIds = listAt(sent.data).map((entry) => textAt(entry, 'voiceId'));
  const calls = taskNumbers.length + groupNumbers.length;
  await until(() => new Set(receiver.voiceIds()).size === calls, {
    ...{ what: 'the report of every call', timeoutMs: 60_000, everyMs: 100 },
    detail: () => `${receiver.voiceIds().length} came\n${carillon.log()}`,
  });

  const records = await allRecords();
  assert.equal(records.length, calls);
  for (const record of records) assertCharge(record);
  for (const voiceId of voiceIds) {
    const { data } = await carillon.get(`/recordGroup/${voiceId}`);
    assert.deepEqual(data, records.find((record) => at(record, 'voiceId') === voiceId) ?? null);
  }
  const names = ['voiceId', 'callDuration', 'chargedDuration', 'rate', 'billPeriod', 'code', 'cost', 'baseCost'];
  const money = [...names, 'currency', 'quoteExchange', 'settleRate', 'settlePay'];
  const factsOf = (rows: readonly object[]): string[] =>
    rows.map((row) => JSON.stringify(money.map((name) => Object(row)[name]))).sort();
  const reports = receiver.posts.flatMap((post) => post.reports);
  assert.deepEqual(factsOf(reports), factsOf(records.map(Object)), 'a report says what the record says');

  const ofTask = await taskRecords(carillon, taskId);
  const seconds = ofTask.reduce<number>((sum, record) => sum + numberAt(record, 'chargedDuration'), 0);
  assert.equal(numberAt(detail, 'chargeLen'), seconds);
  const { balance, reserved } = await moneyLeft();
  assert.deepEqual([micros('20.5') - balance, reserved], [sumOf(records, 'cost'), 0n]);
});

test('what is left pays for two calls of four: the task is suspended, and new calls are -10', async () => {
  const before = await allRecords();
  await addEntry('correction', `-${decimalOf((await moneyLeft()).available - micros('1'))}`);
  const voiceFileId = await uploadVoice(carillon, 'dear.wav');
  const dear = { voiceFileId, numberList: dearNumbers, maxCalls: 30, loopCount: 9 };
  const taskId = await sendTask(carillon, { taskName: 'dear', ...dear });
  const detail = await waitForTask(carillon, taskId, 5, 60_000);
  assert.match(textAt(detail, 'waitingReason'), /does not cover the next call/);
  const { balance, reserved, available } = await moneyLeft();
  assert.deepEqual([balance, reserved, available], [micros('0.2'), 0n, micros('0.2')]);
  const records = await allRecords();
  for (const record of records) assertCharge(record);
  assert.equal(records.length - before.length, 2);
  assert.equal(sumOf(records, 'cost') - sumOf(before, 'cost'), micros('0.8'));

  const again = { appId: carillon.appId, source: 1, taskName: 'more', ...dear };
  const direct = { appId: carillon.appId, fileId: voiceFileId, callee: dearNumbers.join(',') };
  const refusals = [await carillon.post('/group/call/send', again), await carillon.post('/sendGroup', direct)];
  assert.deepEqual(
    refusals.map(({ code, data }) => [code, data]),
    [
      [-10, null],
      [-10, null],
    ],
  );
  const { exitCode, successful, errors } = await sipp.finished(20_000);
  assert.deepEqual({ exitCode, successful, errors }, { exitCode: 0, successful: 12, errors: '' });
});
