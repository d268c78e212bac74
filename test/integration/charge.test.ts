import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { noFarEndWords, nothingHeard } from '../../src/call/engine.ts';
import { indeterminateOutcome, outcomeOf } from '../../src/call/outcome.ts';
import { addEntry, findBalance } from '../../src/domain/balance/balance-store.ts';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { updateRateTable } from '../../src/domain/rate/rate-table-store.ts';
import { type CallSnapshot, endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import { type ClaimedCallee, runnableTasks } from '../../src/domain/task/claim.ts';
import { resumeTasks } from '../../src/domain/task/control.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import { listResults } from '../../src/domain/task/results.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, claimFrom, noScheduling, taskRow } from '../support/dialer-fixture.ts';
import { booksOf, chargeAccount, type TestRate, topUp } from '../support/rates.ts';

let database: TestDatabase;
let processId: string;
before(async () => {
  database = await openTestDatabase();
  processId = randomUUID();
  await registerProcess(database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
});
after(() => database.close());

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 5, 4, 0, 0) + second * 1000);

const claim = (taskId: number, max: number): Promise<ClaimedCallee[]> =>
  claimFrom(database.db, processId, [{ taskId, max, isCharged: true }]);

/** How long each call was answered for, s; null: it was not. */
function endingsOf(callees: readonly ClaimedCallee[], answeredS: number | null): CallSnapshot[] {
  const talk = { cause: 'remote-hangup', hasRung: true, isAnswered: true, sipStatus: 200, reason: '' } as const;
  const answered = outcomeOf({ ...talk, ...nothingHeard, ...noFarEndWords });
  const outcome = answeredS === null ? indeterminateOutcome('processDied', false) : answered;
  return callees.map(({ createdDay, taskId, seq }) => ({
    ...{ createdDay, taskId, seq, state: 'ended', trunkId: null, attempt: 1, displayNum: null },
    ...{ invitedAt: at(0), ringingAt: at(1), answeredAt: answeredS === null ? null : at(2) },
    ...{ feedbackValue: null, digits: null },
    end: { endedAt: at(2 + (answeredS ?? 3)), outcome, ...nothingHeard },
  }));
}

async function end(callees: readonly ClaimedCallee[], answeredS: number | null): Promise<number> {
  const endings = endingsOf(callees, answeredS);
  return database.db.transaction().execute((tx) => endCalls(tx, processId, endings, noScheduling));
}

async function callRow(taskId: number, seq: number) {
  return database.db
    .selectFrom('call')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('seq', '=', seq)
    .executeTakeFirstOrThrow();
}

/** Callees 86130000001 and on, 30 s a call at most. */
async function chargedTask(
  callees: number,
  terms: { readonly rates: readonly TestRate[]; readonly money: string | null; readonly credit?: string },
) {
  const owner = await addAccount(database.db);
  const rateTableId = await chargeAccount(database.db, owner.accountId, terms);
  return { owner, rateTableId, ...owner, taskId: await addTask(database.db, { owner, callees }) };
}

test('a call is charged by the longest prefix, by the bill period, to six places', async () => {
  const rates: TestRate[] = [
    ['8', '9', '1+1'],
    ['86130', '0.07', '20+7'],
    ['8613000000030', '9', '60+60'],
    ['87', '9', '60+60'],
  ];
  const { accountId, taskId, rateTableId } = await chargedTask(4, { rates, money: null });
  // One that holds no more is not looked at, however long.
  const retired = { rate_table_id: rateTableId, prefix: '86130000000', code: '', first_s: 60, step_s: 60, rate: '9' };
  await database.db
    .insertInto('rate')
    .values({ ...retired, quote_exchange: '1', retired_at: new Date() })
    .execute();
  assert.ok((await runnableTasks(database.db)).some((task) => task.taskId === taskId && task.isCharged));
  const callees = await claim(taskId, 4);
  assert.equal(callees.length, 4);
  await end(callees.slice(0, 1), 21.2);
  await end(callees.slice(1, 2), null);
  await end(callees.slice(2, 3), 5);
  // Longer than the task allows: charged for what it allows, 30 s.
  await end(callees.slice(3, 4), 300);
  const charges = await Promise.all(
    [1, 2, 3, 4].map(async (seq) => {
      const row = await callRow(taskId, seq);
      return [row.charged_duration_s, row.cost, row.base_cost, row.reserved];
    }),
  );
  // 22 s -> 20 + 7 = 27 s; 27 / 60 * 0.07 = 0.0315. 30 s -> 34 s; 0.0396666...
  assert.deepEqual(charges, [
    [27, '0.031500', '0.034650', null],
    [0, '0.000000', '0.000000', null],
    [20, '0.023333', '0.025666', null],
    [34, '0.039667', '0.043634', null],
  ]);
  const detail = await getTaskDetail(database.db, accountId, taskId);
  assert.equal(detail.chargedS, 27 + 20 + 34);
  const { records } = await listResults(
    database.db,
    accountId,
    { taskId, callStatusList: [], number: null },
    { current: 1, size: 9 },
  );
  const [first, second] = records.map(({ record }) => record?.charge);
  const rate = { code: 'area 86130', billPeriod: '20+7', rate: '0.07', currency: 'EUR', quoteExchange: '1.1' };
  assert.deepEqual(first, { chargedDurationS: 27, cost: '0.0315', baseCost: '0.03465', rate });
  assert.deepEqual(second, { chargedDurationS: 0, cost: '0', baseCost: '0', rate });
});

test('a call is charged by the rate that held when it was claimed', async () => {
  const { taskId, rateTableId } = await chargedTask(2, { rates: [['86', '0.6', '1+1']], money: null });
  const before = await claim(taskId, 1);
  await updateRateTable(database.db, rateTableId, { quoteExchange: '2' });
  await sql`update rate set retired_at = now() where rate_table_id = ${rateTableId} and retired_at is null`.execute(
    database.db,
  );
  const newer = { rate_table_id: rateTableId, prefix: '86', code: '', first_s: 60, step_s: 60, rate: '1.2' };
  await database.db
    .insertInto('rate')
    .values({ ...newer, quote_exchange: '2' })
    .execute();
  const after = await claim(taskId, 1);
  await end([...before, ...after], 10);
  const [old, current] = [await callRow(taskId, 1), await callRow(taskId, 2)];
  assert.deepEqual([old.charged_duration_s, old.cost, old.base_cost], [10, '0.100000', '0.110000']);
  // 10 s are a minute of the new bill period, and no more than the 30 s that the task allows are charged for.
  assert.deepEqual([current.charged_duration_s, current.cost, current.base_cost], [60, '1.200000', '2.400000']);
});

test('prepaid: no more calls than the balance covers at their longest; what they did not use is given back', async () => {
  const { accountId, taskId } = await chargedTask(10, { rates: [['86', '0.6', '1+1']], money: '1' });
  const first = await claim(taskId, 10);
  assert.equal(first.length, 3);
  assert.equal((await findBalance(database.db, accountId))?.available, '0.1');
  assert.equal((await claim(taskId, 10)).length, 0);
  const waiting = await taskRow(database.db, taskId);
  assert.deepEqual(
    [waiting.status, waiting.waiting_reason],
    [1, 'the balance that is left is held for calls in progress'],
  );
  await end(first, 2);
  // The same results again, after a lost commit: taken once.
  await end(first, 2);
  assert.deepEqual(await booksOf(database.db, accountId), {
    ...{ left: '0.94', reserved: '0', openReserved: '0', cost: '0.06', charged: '0.06', entries: '0.94' },
  });
  const second = await claim(taskId, 2);
  assert.equal(second.length, 2);
  assert.equal((await taskRow(database.db, taskId)).waiting_reason, null);
});

test('prepaid: a task is suspended when nothing is left, and goes on when it was topped up and resumed', async () => {
  const { accountId, taskId } = await chargedTask(4, { rates: [['86', '0.6', '1+1']], money: '0.5' });
  const [first] = [await claim(taskId, 4)];
  assert.equal(first.length, 1);
  await end(first, 30);
  assert.equal((await claim(taskId, 4)).length, 0);
  const suspended = await taskRow(database.db, taskId);
  assert.deepEqual([suspended.status, suspended.next_seq], [5, 2]);
  assert.match(suspended.waiting_reason ?? '', /does not cover the next call: top up/);
  await topUp(database.db, accountId, '5');
  assert.equal((await claim(taskId, 4)).length, 0, 'money alone resumes nothing');
  await resumeTasks(database.db, accountId, [taskId], noScheduling);
  assert.equal((await claim(taskId, 4)).length, 3);
  const resumed = await taskRow(database.db, taskId);
  assert.deepEqual([resumed.status, resumed.waiting_reason], [1, null]);
});

test('prepaid: the gift is spent first, and the balance goes below zero as far as the credit', async () => {
  const { accountId, taskId } = await chargedTask(9, { rates: [['86', '0.6', '1+1']], money: '0', credit: '0.45' });
  await addEntry(database.db, accountId, { kind: 'gift', amount: '0.2', note: 'welcome', requestKey: 'g1' });
  await end(await claim(taskId, 9), 15);
  const afterFirst = await findBalance(database.db, accountId);
  assert.deepEqual([afterFirst?.gift, afterFirst?.balance, afterFirst?.available], ['0', '-0.1', '0.35']);
  await end(await claim(taskId, 9), 30);
  const afterSecond = await findBalance(database.db, accountId);
  assert.deepEqual([afterSecond?.gift, afterSecond?.balance, afterSecond?.available], ['0', '-0.4', '0.05']);
  assert.equal((await claim(taskId, 9)).length, 0);
  assert.equal((await taskRow(database.db, taskId)).status, 5);
  const books = await booksOf(database.db, accountId);
  assert.deepEqual([books.cost, books.charged, books.entries, books.left], ['0.6', '0.6', '-0.4', '-0.4']);
});

test('prepaid: little money is shared out in turns between the tasks of an account', async () => {
  const { accountId, owner, taskId } = await chargedTask(10, { rates: [['86', '0.6', '1+1']], money: '1.2' });
  const other = await addTask(database.db, { owner, callees: 10 });
  const requests = [taskId, other].map((id) => ({ taskId: id, max: 10, isCharged: true }));
  const claimed = await claimFrom(database.db, processId, requests);
  assert.deepEqual(
    claimed.map((callee) => [callee.taskId, callee.seq]),
    [
      [taskId, 1],
      [taskId, 2],
      [other, 1],
      [other, 2],
    ],
  );
  await end(claimed, 1);
  const { entries } = await booksOf(database.db, accountId);
  assert.equal(entries, '1.16');
});

test('a task whose account demands rates is suspended at a number without one', async () => {
  const { accountId, taskId } = await chargedTask(4, { rates: [['86130000001', '0.6', '1+1']], money: null });
  await database.db.updateTable('account').set({ requires_rate: true }).where('account_id', '=', accountId).execute();
  assert.equal((await claim(taskId, 4)).length, 1);
  assert.equal((await taskRow(database.db, taskId)).status, 1);
  assert.equal((await claim(taskId, 4)).length, 0);
  const suspended = await taskRow(database.db, taskId);
  assert.equal(suspended.status, 5);
  assert.match(suspended.waiting_reason ?? '', /has no rate/);
});

test('claims and ends of many tasks and accounts at once: no deadlock, nothing overdrawn, books that agree', async () => {
  const rates: TestRate[] = [['86', '0.7', '3+7']];
  const owners = await Promise.all([1, 2].map(() => addAccount(database.db)));
  const taskIds: number[] = [];
  for (const owner of owners) {
    await chargeAccount(database.db, owner.accountId, { rates, money: '12.345678', credit: '1' });
    for (let n = 0; n < 4; n += 1) taskIds.push(await addTask(database.db, { owner, callees: 400 }));
  }
  const worker = async (turn: number): Promise<void> => {
    for (let round = 0; round < 12; round += 1) {
      const wanted = taskIds.filter((_, index) => (index + turn + round) % 3 > 0);
      const order = (turn + round) % 2 === 0 ? wanted : [...wanted].reverse();
      const requests = order.map((taskId) => ({ taskId, max: 3, isCharged: true }));
      const claimed = await claimFrom(database.db, processId, requests);
      const half = claimed.filter((_, index) => (index + turn) % 2 === 0);
      await Promise.all([
        end(half, 1 + ((turn * 5 + round) % 29)),
        end(
          claimed.filter((callee) => !half.includes(callee)),
          null,
        ),
      ]);
    }
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(worker));
  for (const { accountId } of owners) {
    const books = await booksOf(database.db, accountId);
    assert.equal(books.reserved, '0');
    assert.equal(books.cost, books.charged);
    assert.equal(books.left, books.entries);
    assert.ok(Number(books.cost) > 5, `they were called: ${JSON.stringify(books)}`);
  }
});
