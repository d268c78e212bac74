import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { noFarEndWords, nothingHeard } from '../../src/call/engine.ts';
import { outcomeOf } from '../../src/call/outcome.ts';
import { updateAccount } from '../../src/domain/account/account-store.ts';
import { updateApp } from '../../src/domain/app/app-store.ts';
import { submitDirectCall } from '../../src/domain/direct/submit-direct.ts';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { sweepDeadProcesses } from '../../src/domain/process/sweep.ts';
import { runDueNode } from '../../src/domain/recall/due.ts';
import { endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import type { CallRecord } from '../../src/domain/record/record.ts';
import { type RecordRow, recordColumns, recordOf as recordOfRow } from '../../src/domain/record/record-columns.ts';
import { getRecord, listRecords } from '../../src/domain/record/record-query.ts';
import { formatVoiceId } from '../../src/domain/record/voice-id.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { claimFrom } from '../support/dialer-fixture.ts';
import { createDomainFixture, type DomainFixture, directCallOf } from '../support/domain-fixture.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

/** What becomes of one call, or of the moment at which the next is due. */
type Step = 'busy' | 'answered' | 'died' | 'died answered' | 'disabled';

type Chain = { readonly fixture: DomainFixture; readonly taskId: number; readonly voiceId: string };

let chains = 0;

async function beginChain(count: number): Promise<Chain> {
  chains += 1;
  const fixture = await createDomainFixture(database, `chain ${chains}`);
  await updateApp(database.db, fixture.appId, { reportUrl: 'https://client.example/reports' });
  const call = directCallOf(fixture, { recall: { count, intervalMin: 5 }, calledInfo: `chain ${chains}` });
  const place = await submitDirectCall(database.db, call, fixture.scheduling);
  return { fixture, taskId: place.taskId, voiceId: formatVoiceId({ ...place, seq: 1 }) };
}

const outcomes = {
  busy: outcomeOf({
    ...{ cause: 'rejected', hasRung: true, isAnswered: false, sipStatus: 486, reason: 'Busy Here' },
    ...{ ...nothingHeard, ...noFarEndWords },
  }),
  answered: outcomeOf({
    ...{ cause: 'remote-hangup', hasRung: true, isAnswered: true, sipStatus: 200, reason: '' },
    ...{ ...nothingHeard, ...noFarEndWords },
  }),
};

/** Makes the call of a task as a dialer does that then writes its end, or dies. */
async function callTask({ fixture }: Chain, taskId: number, step: Exclude<Step, 'disabled'>): Promise<void> {
  const { db } = database;
  const processId = randomUUID();
  await registerProcess(db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  const [callee] = await claimFrom(db, processId, [{ taskId, max: 1 }]);
  assert.ok(callee, `task ${taskId} can be called`);
  const at = new Date(fixture.scheduling.clock.now());
  if (step === 'busy' || step === 'answered') {
    const snapshot = {
      ...{
        createdDay: callee.createdDay,
        taskId,
        seq: 1,
        state: 'ended' as const,
        trunkId: 1,
        attempt: 1,
        displayNum: null,
      },
      ...{
        invitedAt: at,
        ringingAt: at,
        answeredAt: step === 'answered' ? at : null,
        feedbackValue: null,
        digits: null,
      },
      end: { endedAt: at, outcome: outcomes[step], ...nothingHeard },
    };
    // Twice, as after a connection that was lost.
    for (let attempt = 0; attempt < 2; attempt += 1)
      await db.transaction().execute((tx) => endCalls(tx, processId, [snapshot], fixture.scheduling));
    return;
  }
  if (step === 'died answered')
    await db
      .updateTable('call')
      .set({ state: 'answered', ringing_at: at, answered_at: at })
      .where('task_id', '=', taskId)
      .execute();
  await db
    .updateTable('process')
    .set({ heartbeat_at: new Date(Date.now() - 60_000) })
    .where('process_id', '=', processId)
    .execute();
  await Promise.all([1, 2].map(() => sweepDeadProcesses(db, 10_000, fixture.scheduling)));
}

/** Runs the round that is due, if one is, from two processes at once; the task that it made. */
async function runRound({ fixture, taskId }: Chain, round: number): Promise<number | null> {
  const node = () =>
    database.db
      .selectFrom('recall_node')
      .innerJoin('recall_flow', 'recall_flow.flow_id', 'recall_node.flow_id')
      .select(['node_id', 'due_at', 'recall_node.task_id as roundTaskId', 'recall_node.status'])
      .where('recall_flow.task_id', '=', taskId)
      .where('ordinal', '=', round)
      .executeTakeFirst();
  const due = await node();
  if (!due?.due_at) return null;
  fixture.scheduling.advance(Math.max(0, due.due_at.getTime() - fixture.scheduling.clock.now()));
  await Promise.all([1, 2].map(() => runDueNode(database.db, due.node_id, fixture.scheduling)));
  return (await node())?.roundTaskId ?? null;
}

/** Plays a history: one step for each call, or `disabled` before a round. */
async function play(chain: Chain, steps: readonly Step[]): Promise<void> {
  let taskId: number | null = chain.taskId;
  for (const [round, step] of steps.entries()) {
    if (step === 'disabled') {
      const { accountId } = chain.fixture.account;
      await updateAccount(database.db, accountId, { isEnabled: false });
    }
    if (round > 0) taskId = await runRound(chain, round);
    if (step === 'disabled') {
      assert.equal(taskId, null, 'no round is made for a disabled account');
      return;
    }
    assert.ok(taskId, `round ${round} has a task`);
    await callTask(chain, taskId, step);
  }
}

const everything = () => ({ from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 3_600_000) });
const firstPage = { current: 1, size: 100 };

const recordOf = ({ fixture, voiceId }: Chain) => getRecord(database.db, fixture.account.accountId, voiceId);
const recordsOf = ({ fixture }: Chain) => listRecords(database.db, fixture.account.accountId, everything(), firstPage);

/** What is to be reported of the calls, as it is reported. */
async function reportsOf({ fixture }: Chain): Promise<CallRecord[]> {
  const { rows } = await sql<RecordRow>`
    select ${recordColumns}
      from report_due r join call k using (created_day, task_id, seq) join task t using (task_id)
     where k.account_id = ${fixture.account.accountId}`.execute(database.db);
  return rows.map(recordOfRow);
}

const histories: readonly { readonly steps: readonly Step[]; readonly status: number; readonly rounds: number }[] = [
  { steps: ['answered'], status: 50, rounds: 0 },
  { steps: ['died answered'], status: 50, rounds: 0 },
  { steps: ['busy', 'answered'], status: 50, rounds: 1 },
  { steps: ['died', 'answered'], status: 50, rounds: 1 },
  { steps: ['busy', 'died answered'], status: 50, rounds: 1 },
  { steps: ['busy', 'busy', 'answered'], status: 50, rounds: 2 },
  { steps: ['busy', 'busy', 'busy'], status: 10, rounds: 2 },
  { steps: ['busy', 'died', 'busy'], status: 10, rounds: 2 },
  { steps: ['busy', 'busy', 'died'], status: 60, rounds: 2 },
  { steps: ['busy', 'disabled'], status: 10, rounds: 0 },
  { steps: ['died', 'disabled'], status: 60, rounds: 0 },
  { steps: ['busy', 'died', 'disabled'], status: 60, rounds: 1 },
];

describe('sendCode with two recalls has one record and one report, with the last result', () => {
  for (const { steps, status, rounds } of histories) {
    test(steps.join(', '), async () => {
      const chain = await beginChain(2);
      await play(chain, steps);
      const record = await recordOf(chain);
      assert.deepEqual(
        [record.voiceId, record.state, record.callStatus, record.outRecallCount, record.callType, record.isDirect],
        [chain.voiceId, 'ended', status, rounds, 2, true],
      );
      assert.match(record.calledInfo ?? '', /^chain \d+$/);
      const listed = await recordsOf(chain);
      assert.deepEqual([listed.total, listed.records], [1, [record]]);
      const reports = await reportsOf(chain);
      assert.deepEqual(
        reports.map(({ voiceId, ...report }) => [voiceId, report.callStatus, report.outRecallCount]),
        [[chain.voiceId, status, rounds]],
      );
      // Whatever jobs come again, nothing more is called, and nothing more reported.
      for (const round of [1, 2]) await runRound(chain, round);
      assert.deepEqual(await reportsOf(chain), reports);
      const calls = await database.db
        .selectFrom('call')
        .select('state')
        .where('account_id', '=', chain.fixture.account.accountId)
        .execute();
      assert.deepEqual(new Set(calls.map(({ state }) => state)), new Set(['ended']));
      assert.equal(calls.length, rounds + 1);
    });
  }
});

test('while it goes on, the record is that of the last call that has ended, and nothing is reported', async () => {
  const chain = await beginChain(2);
  await play(chain, ['busy']);
  const first = await recordOf(chain);
  assert.deepEqual([first.callStatus, first.outRecallCount], [10, 0]);
  const round = await runRound(chain, 1);
  assert.ok(round);
  assert.deepEqual(await recordOf(chain), first, 'the next one has not ended');
  await callTask(chain, round, 'died');
  assert.deepEqual([(await recordOf(chain)).callStatus, (await recordOf(chain)).outRecallCount], [60, 1]);
  assert.equal((await recordsOf(chain)).total, 1);
  assert.deepEqual(await reportsOf(chain), []);
});

test('the rounds are hidden tasks that play the same, five minutes apart', async () => {
  const chain = await beginChain(2);
  await play(chain, ['busy', 'busy']);
  const rows = await database.db
    .selectFrom('task')
    .select(['task_name', 'status', 'is_hidden', 'call_type', 'recall_round', 'rounds_left', 'voice_id', 'prompt_id'])
    .where('account_id', '=', chain.fixture.account.accountId)
    .orderBy('task_id')
    .execute();
  const { promptId } = chain.fixture;
  const shared = { is_hidden: true, call_type: 2, prompt_id: promptId, status: 2 };
  assert.deepEqual(rows, [
    { task_name: 'sendCode', recall_round: 0, rounds_left: 2, voice_id: null, ...shared },
    { task_name: 'sendCode#1', recall_round: 1, rounds_left: 1, voice_id: chain.voiceId, ...shared },
  ]);
  const dueAt = chain.fixture.scheduling.enqueued.map(({ name, startAfter }) => [name, startAfter?.getTime()]);
  const now = chain.fixture.scheduling.clock.now();
  assert.deepEqual(dueAt, [
    ['recall.node', now],
    ['recall.node', now + 300_000],
  ]);
});
