import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { updateApp } from '../../src/domain/app/app-store.ts';
import { addEntry, findBalance } from '../../src/domain/balance/balance-store.ts';
import { submitDirectCall } from '../../src/domain/direct/submit-direct.ts';
import { getRecord } from '../../src/domain/record/record-query.ts';
import { formatVoiceId } from '../../src/domain/record/voice-id.ts';
import type { TaskPlace } from '../../src/domain/task/create.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, addTrunk, benchDialer, dialedSeqs, taskRow } from '../support/dialer-fixture.ts';
import { createDomainFixture, type DomainFixture, directCallOf, statusOfTask } from '../support/domain-fixture.ts';
import { booksOf, chargeAccount, type TestRate } from '../support/rates.ts';
import { until } from '../support/until.ts';

/** A call of 40 s at most costs 0.4 with the first, and 40 with the second. */
const rates: readonly TestRate[] = [
  ['86', '0.6', '1+1'],
  ['8699', '60', '1+1'],
];

let database: TestDatabase;
let fixture: DomainFixture;
before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'unpaid');
  await addTrunk(database.db, { cps: 500, channels: 100 });
});
after(() => database.close());

/** A direct call to these numbers, accepted from an account that has `money`. */
async function accepted(money: string, numbers: readonly string[], isCode = false) {
  const { db } = database;
  const owner = await addAccount(db);
  const { accountId } = owner;
  const appId = `app${accountId}`;
  await chargeAccount(db, accountId, { rates, money });
  await updateApp(db, appId, { reportUrl: 'https://client.example/reports' });
  const callees = numbers.map((number) => ({ number, variables: null }));
  const group = directCallOf(fixture, { endpoint: 'sendGroup', callType: 1, accountId, appId, callees });
  const code = directCallOf(fixture, { accountId, appId, callees, recall: { count: 1, intervalMin: 5 } });
  const place = await submitDirectCall(db, isCode ? code : group, fixture.scheduling);
  return { owner, accountId, place };
}

async function spendElsewhere(accountId: number, amount: string): Promise<void> {
  const entry = { kind: 'correction', amount: `-${amount}`, note: 'spent by others', requestKey: 'others' } as const;
  await addEntry(database.db, accountId, entry);
}

/** Two dialers at work until the tasks are over, each with the same callees: they answer and hang up at once. Returns who was dialed for the first task. */
async function dial(...taskIds: readonly number[]): Promise<number[]> {
  const behave = () => ({ ringAfterMs: 5, answerAfterMs: 10, hangUpAfterMs: 5 });
  const dialers = [1, 2].map(() => benchDialer(database, behave, { scheduling: fixture.scheduling }));
  const areOver = async (): Promise<boolean> => {
    const statuses = await Promise.all(taskIds.map((taskId) => statusOfTask(database.db, taskId)));
    return statuses.every((status) => status !== 1);
  };
  try {
    for (const { dialer } of dialers) await dialer.start();
    await until(areOver, { what: 'the tasks to be over', timeoutMs: 20_000 });
  } finally {
    for (const { dialer } of dialers) await dialer.drain(0);
  }
  const engines = dialers.map(({ engine }) => engine);
  return dialedSeqs(engines, taskIds[0] ?? 0);
}

async function reportedSeqs({ taskId }: TaskPlace): Promise<number[]> {
  const due = database.db.selectFrom('report_due').select('seq').where('task_id', '=', taskId);
  return (await due.orderBy('seq').execute()).map(({ seq }) => seq);
}

/** What the record of each callee says, and of how many calls the task knows. */
async function toldOf(accountId: number, place: TaskPlace, seqs: readonly number[]) {
  const records = await Promise.all(
    seqs.map((seq) => getRecord(database.db, accountId, formatVoiceId({ ...place, seq }))),
  );
  return records.map(({ state, callStatus, terminationCode, terminationReason, charge }) =>
    [state, callStatus, terminationCode, terminationReason, charge.cost].join(' | '),
  );
}

const unpaid = 'ended | 60 | 1011 | the balance is used up | 0';
const answered = 'ended | 50 | 0 | answered | 0.01';

test('direct calls that find the balance spent by others end at once, with a record and a report each', async () => {
  const { accountId, place } = await accepted('5', ['8613000000001', '8613000000002', '8613000000003']);
  await spendElsewhere(accountId, '4.7');
  assert.deepEqual(await dial(place.taskId), []);
  assert.deepEqual(await toldOf(accountId, place, [1, 2, 3]), [unpaid, unpaid, unpaid]);
  assert.deepEqual(await reportedSeqs(place), [1, 2, 3]);
  const task = await taskRow(database.db, place.taskId);
  assert.deepEqual([task.status, task.ended_count, task.fail_count, task.waiting_reason], [2, 3, 3, null]);
  assert.deepEqual(await booksOf(database.db, accountId), {
    ...{ left: '0.3', reserved: '0', openReserved: '0', cost: '0', charged: '0', entries: '0.3' },
  });
});

test('money that is held for calls in progress is waited for; who it never covers is not', async () => {
  // Either of the cheap two at a time.
  const numbers = ['8699000000001', '8613000000001', '8699000000002', '8613000000002'];
  const { accountId, place } = await accepted('0.45', numbers);
  assert.deepEqual(await dial(place.taskId), [2, 4]);
  assert.deepEqual(await toldOf(accountId, place, [1, 2, 3, 4]), [unpaid, answered, unpaid, answered]);
  assert.deepEqual(await reportedSeqs(place), [1, 2, 3, 4]);
  const { left, reserved, cost } = await booksOf(database.db, accountId);
  assert.deepEqual([left, reserved, cost], ['0.43', '0', '0.02']);
});

test('a code that the balance does not cover is called again, and reported once, at the end', async () => {
  const { accountId, place } = await accepted('0.4', ['8613000000001'], true);
  await spendElsewhere(accountId, '0.1');
  assert.deepEqual(await dial(place.taskId), []);
  assert.deepEqual(await toldOf(accountId, place, [1]), [unpaid]);
  assert.deepEqual(await reportedSeqs(place), [], 'another call follows');
  const due = await database.db
    .selectFrom('recall_node')
    .innerJoin('recall_flow', 'recall_flow.flow_id', 'recall_node.flow_id')
    .select('due_at')
    .where('recall_flow.task_id', '=', place.taskId)
    .executeTakeFirst();
  assert.ok(due?.due_at);
});

test('a task beside it is suspended, and keeps its callees', async () => {
  const { owner, accountId, place } = await accepted('0.4', ['8613000000001']);
  const taskId = await addTask(database.db, { owner, callees: 5 });
  await spendElsewhere(accountId, '0.3');
  assert.deepEqual(await dial(place.taskId, taskId), []);
  const task = await taskRow(database.db, taskId);
  assert.deepEqual([task.status, task.next_seq, task.ended_count], [5, 1, 0]);
  assert.deepEqual(await reportedSeqs(place), [1]);
  assert.equal((await findBalance(database.db, accountId))?.reserved, '0');
});
