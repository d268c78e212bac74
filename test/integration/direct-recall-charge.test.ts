import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { listCalls } from '../../src/api/admin/call-query.ts';
import { noFarEndWords, nothingHeard } from '../../src/call/engine.ts';
import { outcomeOf } from '../../src/call/outcome.ts';
import { updateApp } from '../../src/domain/app/app-store.ts';
import { submitDirectCall } from '../../src/domain/direct/submit-direct.ts';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { runDueNode } from '../../src/domain/recall/due.ts';
import { chargeFields } from '../../src/domain/record/call-charge.ts';
import { endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import { getRecord, listRecords } from '../../src/domain/record/record-query.ts';
import { formatVoiceId } from '../../src/domain/record/voice-id.ts';
import { claimReports } from '../../src/domain/report/claim-reports.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import { createDomainFixture, type DomainFixture, directCallOf } from '../support/domain-fixture.ts';
import { booksOf, chargeAccount } from '../support/rates.ts';

let database: TestDatabase;
let processId: string;
before(async () => {
  database = await openTestDatabase();
  processId = randomUUID();
  await registerProcess(database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
});
after(() => database.close());

type Chain = {
  readonly fixture: DomainFixture;
  readonly appSeq: number;
  readonly taskId: number;
  readonly voiceId: string;
};

/** A code to be called up to three times, of an account that has paid 10 in advance: 0.6 a minute, by the second. */
async function beginChain(name: string): Promise<Chain> {
  const fixture = await createDomainFixture(database, name);
  const { accountId } = fixture.account;
  await chargeAccount(database.db, accountId, { rates: [['86', '0.6', '1+1']], money: '10' });
  await updateApp(database.db, fixture.appId, { reportUrl: 'https://client.example/reports' });
  const app = database.db.selectFrom('app').select('app_seq').where('app_id', '=', fixture.appId);
  const call = directCallOf(fixture, { recall: { count: 2, intervalMin: 5 } });
  const place = await submitDirectCall(database.db, call, fixture.scheduling);
  const { app_seq: appSeq } = await app.executeTakeFirstOrThrow();
  return { fixture, appSeq, taskId: place.taskId, voiceId: formatVoiceId({ ...place, seq: 1 }) };
}

/** `silent`: answered, but nothing could be heard, so the callee is called again; the carrier charges for it all the same. */
type Call = { readonly how: 'silent' | 'busy' | 'answered'; readonly answeredS: number };

async function callTask({ fixture }: Chain, taskId: number, { how, answeredS }: Call): Promise<void> {
  const [callee] = await claimFrom(database.db, processId, [{ taskId, max: 1, isCharged: true }]);
  assert.ok(callee, `task ${taskId} can be called`);
  const cause = { silent: 'media-failed', busy: 'rejected', answered: 'remote-hangup' } as const;
  const isAnswered = how !== 'busy';
  const outcome = outcomeOf({
    ...{ cause: cause[how], hasRung: true, isAnswered, sipStatus: isAnswered ? 200 : 486, reason: '' },
    ...{ ...nothingHeard, ...noFarEndWords },
  });
  const at = fixture.scheduling.clock.now();
  const snapshot = {
    ...{ createdDay: callee.createdDay, taskId, seq: 1, state: 'ended' as const, trunkId: 1, attempt: 1 },
    ...{ displayNum: null, feedbackValue: null, digits: null, invitedAt: new Date(at), ringingAt: new Date(at) },
    answeredAt: isAnswered ? new Date(at) : null,
    end: { endedAt: new Date(at + answeredS * 1000), outcome, ...nothingHeard },
  };
  await database.db.transaction().execute((tx) => endCalls(tx, processId, [snapshot], fixture.scheduling));
}

/** Makes the round that is due; its task. */
async function makeRound({ fixture, taskId }: Chain, round: number): Promise<number> {
  const nodes = database.db
    .selectFrom('recall_node')
    .innerJoin('recall_flow', 'recall_flow.flow_id', 'recall_node.flow_id')
    .select(['node_id', 'due_at', 'recall_node.task_id as roundTaskId'])
    .where('recall_flow.task_id', '=', taskId)
    .where('ordinal', '=', round);
  const due = await nodes.executeTakeFirstOrThrow();
  fixture.scheduling.advance((due.due_at?.getTime() ?? 0) - fixture.scheduling.clock.now());
  assert.equal(await runDueNode(database.db, due.node_id, fixture.scheduling), 'started');
  return (await nodes.executeTakeFirstOrThrow()).roundTaskId ?? 0;
}

/** What the client can read of the chain: its record, the records of its account, its reports; and what was taken. */
async function toldOf({ fixture, voiceId, appSeq }: Chain) {
  const { accountId } = fixture.account;
  const chargeOf = ({ charge }: Awaited<ReturnType<typeof getRecord>>) => {
    const { chargedDuration, cost, baseCost, settlePay, rate } = chargeFields(charge);
    return { chargedDuration, cost, baseCost, settlePay, rate };
  };
  const record = chargeOf(await getRecord(database.db, accountId, voiceId));
  const span = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 3_600_000) };
  const { records } = await listRecords(database.db, accountId, span, { current: 1, size: 10 });
  assert.deepEqual(records.map(chargeOf), [record], 'the list says the same');
  const target = { appSeq, appId: fixture.appId, url: '', secret: '', hasBatches: false };
  const reports = await claimReports(database.db, [{ target, room: 10 }], 0);
  const { left, cost, charged } = await booksOf(database.db, accountId);
  assert.equal(cost, charged);
  return {
    record,
    reports: reports.map(({ body: { chargedDuration, cost, baseCost, settlePay, rate } }) => {
      return { chargedDuration, cost, baseCost, settlePay, rate };
    }),
    books: { left, charged },
  };
}

test('a code that was charged in several calls is one record and one report with what all of them cost', async () => {
  const chain = await beginChain('rounds that cost');
  await callTask(chain, chain.taskId, { how: 'silent', answeredS: 3 });
  const first = { chargedDuration: 3, cost: '0.03', baseCost: '0.033', settlePay: '0.03', rate: '0.6' };
  assert.deepEqual(await toldOf(chain), { record: first, reports: [], books: { left: '9.97', charged: '0.03' } });

  const second = await makeRound(chain, 1);
  assert.deepEqual((await toldOf(chain)).record, first, 'the second call has not ended');
  await callTask(chain, second, { how: 'silent', answeredS: 4 });
  const two = { chargedDuration: 7, cost: '0.07', baseCost: '0.077', settlePay: '0.07', rate: '0.6' };
  assert.deepEqual(await toldOf(chain), { record: two, reports: [], books: { left: '9.93', charged: '0.07' } });

  const third = await makeRound(chain, 2);
  await callTask(chain, third, { how: 'answered', answeredS: 20 });
  const all = { chargedDuration: 27, cost: '0.27', baseCost: '0.297', settlePay: '0.27', rate: '0.6' };
  assert.deepEqual(await toldOf(chain), { record: all, reports: [all], books: { left: '9.73', charged: '0.27' } });

  // The operator sees each call by itself.
  const { items } = await listCalls(database.db, third, {}, { limit: 9, offset: 0 });
  assert.deepEqual(
    items.map(({ chargedDurationS, cost, baseCost }) => [chargedDurationS, cost, baseCost]),
    [[20, '0.2', '0.22']],
  );
});

test('what was charged before stays in the record where the last call has no rate, or cost nothing', async () => {
  const chain = await beginChain('a rate that went');
  await callTask(chain, chain.taskId, { how: 'silent', answeredS: 3 });
  await sql`
    update rate set retired_at = now()
     where rate_table_id = (select rate_table_id from account where account_id = ${chain.fixture.account.accountId})`.execute(
    database.db,
  );
  await callTask(chain, await makeRound(chain, 1), { how: 'answered', answeredS: 9 });
  const told = { chargedDuration: 3, cost: '0.03', baseCost: '0.033', settlePay: '0.03', rate: '0.6' };
  assert.deepEqual(await toldOf(chain), { record: told, reports: [told], books: { left: '9.97', charged: '0.03' } });

  const busy = await beginChain('busy at last');
  await callTask(busy, busy.taskId, { how: 'silent', answeredS: 3 });
  await callTask(busy, await makeRound(busy, 1), { how: 'busy', answeredS: 0 });
  await callTask(busy, await makeRound(busy, 2), { how: 'busy', answeredS: 0 });
  const last = { chargedDuration: 3, cost: '0.03', baseCost: '0.033', settlePay: '0.03', rate: '0.6' };
  assert.deepEqual(await toldOf(busy), { record: last, reports: [last], books: { left: '9.97', charged: '0.03' } });
});
