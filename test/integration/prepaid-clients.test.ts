import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../src/db/database.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { recordsOf } from '../support/api-server.ts';
import { openTaskApi, type TaskApi } from '../support/api-task.ts';
import { addTrunk, benchDialer, quickTiming } from '../support/dialer-fixture.ts';
import { at, numberAt, textAt } from '../support/json.ts';
import { type Books, booksOf, chargeAccount, topUp } from '../support/rates.ts';
import { until } from '../support/until.ts';

let api: TaskApi;
before(async () => {
  api = await openTaskApi();
});
after(() => api.close());

const clients = 64;
const numbersEach = 4;

/** In millionths, so that sums are exact. */
function micros(decimal: string): bigint {
  const [whole = '0', parts = ''] = decimal.replace('-', '').split('.');
  const amount = BigInt(whole) * 1_000_000n + BigInt(parts.padEnd(6, '0'));
  return decimal.startsWith('-') ? -amount : amount;
}

/** A dialer in a process of its own; `dials` grows while it calls. */
async function startChild(): Promise<{ child: ChildProcess; dials: string[] }> {
  const script = fileURLToPath(new URL('../support/dialer-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, api.database.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const dials: string[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('dial ')) dials.push(line);
    else ready.resolve();
  });
  await ready.promise;
  return { child, dials };
}

/** What the account's records say that its calls have cost, and how many there are; page by page, as its client would. */
async function recordedCost(): Promise<{ cost: bigint; calls: number }> {
  const span = {
    strTime: new Date(Date.now() - 3_600_000).toISOString(),
    endTime: new Date(Date.now() + 60_000).toISOString(),
  };
  let [cost, calls] = [0n, 0];
  for (let current = 1; ; current += 1) {
    const answer = await api.post('/v3/voice/recordGroupQuery', { current, size: 100, params: span });
    const records = recordsOf(answer);
    for (const record of records) cost += micros(textAt(record, 'cost'));
    calls += records.length;
    if (records.length < 100) return { cost, calls };
  }
}

function assertAgree(books: Books): void {
  assert.ok(micros(books.left) >= micros(books.reserved), `overdrawn: ${JSON.stringify(books)}`);
  assert.equal(books.reserved, books.openReserved);
  assert.equal(books.cost, books.charged);
  assert.equal(books.left, books.entries);
}

test('64 clients spend one balance through two dialer processes, of which one is killed: the records are what was taken', async () => {
  const { db } = api.database;
  const { accountId } = api.account;
  await chargeAccount(db, accountId, { rates: [['86', '7', '1+1']], money: '15' });
  await addTrunk(db, { cps: 400, channels: 400 });
  const ownDatabase = openDatabase({
    url: api.database.url,
    maxConnections: 6,
    applicationName: 'own',
    logger: silentLogger(),
  });
  const own = benchDialer(ownDatabase, () => ({ ringAfterMs: 5, answerAfterMs: 20 }), { promptMs: 300 });
  const { child, dials } = await startChild();
  let isOver = false;
  const watching = (async (): Promise<number> => {
    let looks = 0;
    for (; !isOver; looks += 1) {
      assertAgree(await booksOf(db, accountId));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return looks;
  })();
  try {
    await own.dialer.start();
    await new Promise((resolve) => setTimeout(resolve, quickTiming.leaseMs + 200));
    const sendOne = (client: number): Promise<number> => {
      const numberList = Array.from({ length: numbersEach }, (_, n) => `86130${1000 + client}${100 + n}`);
      return api.sent({ numberList, maxCalls: 10 });
    };
    const taskIds = await Promise.all(Array.from({ length: clients }, (_, client) => sendOne(client)));
    await until(() => dials.length > 20, { what: 'calls of the child', timeoutMs: 30_000 });
    child.kill('SIGKILL');
    const inState = async (status: 1 | 2 | 5): Promise<number[]> => {
      const rows = await db
        .selectFrom('task')
        .select('task_id')
        .where('task_id', 'in', taskIds)
        .where('status', '=', status)
        .execute();
      return rows.map((row) => row.task_id);
    };
    await until(async () => (await inState(1)).length === 0, {
      what: 'the money to be spent',
      timeoutMs: 90_000,
      everyMs: 200,
    });
    const suspended = await inState(5);
    assert.ok(suspended.length > 0, 'money was left');
    const reason = textAt(await api.detail(suspended[0] ?? 0), 'waitingReason');
    assert.match(reason, /does not cover the next call/);
    assert.equal((await api.send()).code, -10);
    await topUp(db, accountId, '65');
    assert.equal((await api.post('/v3/voice/group/call/resume', { taskIdList: suspended })).code, '0');
    const isDone = async (): Promise<boolean> => (await inState(2)).length === clients;
    await until(isDone, { what: 'all tasks to finish', timeoutMs: 90_000, everyMs: 200 });
    const { cost, calls } = await recordedCost();
    assert.equal(calls, clients * numbersEach);
    const answer = await api.request('/v3/getBalance');
    assert.equal(micros('80') - micros(String(at(Object(answer), 'balance'))), cost);
    assert.equal(numberAt(await api.detail(taskIds[0] ?? 0), 'chargeLen') >= 0, true);
    assertAgree(await booksOf(db, accountId));
  } finally {
    isOver = true;
    child.kill('SIGKILL');
    await own.dialer.drain(0);
    await ownDatabase.close();
  }
  assert.ok((await watching) > 20);
});
