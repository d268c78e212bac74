import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Database } from '../../src/db/database.ts';
import { Membership, type MembershipTiming } from '../../src/domain/process/membership.ts';
import { heartbeat, registerProcess } from '../../src/domain/process/registry.ts';
import type { Usage } from '../../src/domain/process/share.ts';
import { sweepDeadProcesses } from '../../src/domain/process/sweep.ts';
import { type CallSnapshot, writeProgress } from '../../src/domain/record/call-ledger-sql.ts';
import { taskStatus } from '../../src/domain/task/status.ts';
import { type TrunkHealthReport, writeTrunkHealth } from '../../src/domain/trunk/trunk-health.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  addAccount,
  addTask,
  addTrunk,
  callSummary,
  claimFrom,
  noScheduling,
  openThrough,
  quickTiming,
  taskRow,
} from '../support/dialer-fixture.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
const members: Membership[] = [];
before(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  for (const member of members.splice(0)) member.abandon();
  await database.db.deleteFrom('process').execute();
});
after(() => database.close());

type Member = { readonly membership: Membership; readonly processId: string; fences: number };

function member(db: Database['db'], usage: Usage = {}, timing: MembershipTiming = quickTiming): Member {
  const processId = randomUUID();
  const it: Member = {
    processId,
    fences: 0,
    membership: new Membership({
      db,
      clock: systemClock,
      logger: silentLogger(),
      identity: { processId, kind: 'dialer', host: 'test', pid: 1 },
      timing,
      scheduling: noScheduling,
      usage: () => usage,
      onFenced: () => {
        it.fences += 1;
      },
    }),
  };
  members.push(it.membership);
  return it;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const statusOf = async (processId: string): Promise<string | undefined> =>
  (await database.db.selectFrom('process').select('status').where('process_id', '=', processId).executeTakeFirst())
    ?.status;

async function age(processId: string, seconds: number): Promise<void> {
  await sql`update process set heartbeat_at = now() - make_interval(secs => ${seconds}) where process_id = ${processId}`.execute(
    database.db,
  );
}

test('membership: the first uses its share at once, the second waits for a lease, and each sees the other', async () => {
  const first = member(database.db, { 'trunk:1': 4 });
  await first.membership.start();
  await until(() => first.membership.mayDial, { what: 'the first to live', timeoutMs: 2000, everyMs: 10 });
  assert.equal(first.membership.hasShare, true);
  const second = member(database.db);
  await second.membership.start();
  assert.equal(second.membership.hasShare, false);
  await until(() => second.membership.hasShare, { what: 'the share', timeoutMs: 3000, everyMs: 10 });
  const hasShrunk = first.membership.peers.length === 2 || !first.membership.mayDial;
  assert.ok(hasShrunk, 'the others shrink, or have stopped, before the newcomer takes');
  await until(() => first.membership.peers.length === 2, {
    what: 'the first to see the second',
    timeoutMs: 2000,
    everyMs: 10,
  });
  const seen = second.membership.peers.find((peer) => peer.processId === first.processId);
  assert.deepEqual(seen?.usage, { 'trunk:1': 4 });
  await first.membership.stop();
  assert.equal(await statusOf(first.processId), 'stopped');
  await until(() => second.membership.peers.length === 1, {
    what: 'the second to be alone',
    timeoutMs: 2000,
    everyMs: 10,
  });
});

test('membership: of two that start together, one waits', async () => {
  const pair = [member(database.db), member(database.db)];
  await Promise.all(pair.map(({ membership }) => membership.start()));
  const [one, other] = pair.map(({ membership }) => membership).sort((a, b) => a.peers.length - b.peers.length);
  assert.deepEqual([one?.peers.length, other?.peers.length, other?.hasShare], [1, 2, false]);
  await until(() => one?.hasShare ?? false, { what: 'the share of the first', timeoutMs: 2000, everyMs: 10 });
});

test('membership: who is marked dead is fenced, once, and may not dial', async () => {
  const it = member(database.db);
  await it.membership.start();
  await database.db.updateTable('process').set({ status: 'dead' }).where('process_id', '=', it.processId).execute();
  await until(() => it.fences > 0, { what: 'the fence', timeoutMs: 3000, everyMs: 10 });
  assert.deepEqual([it.membership.mayDial, it.membership.isFenced], [false, true]);
  await it.membership.stop();
  assert.deepEqual([await statusOf(it.processId), it.fences], ['dead', 1]);
});

test('membership: cut off from the database it loses its lease, and has it again when nobody took it for dead', async () => {
  const url = new URL(database.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  const far = openThrough(database, proxy.port);
  const it = member(far.db);
  try {
    await it.membership.start();
    proxy.cut();
    await until(() => !it.membership.mayDial, { what: 'the lease to end', timeoutMs: 5000, everyMs: 10 });
    proxy.restore();
    await until(() => it.membership.mayDial, { what: 'the lease', timeoutMs: 10_000, everyMs: 10 });
    assert.equal(it.fences, 0);
  } finally {
    it.membership.abandon();
    await far.close();
    await proxy.close();
  }
});

test('membership: cut off alone it is buried by the others, and learns of it', async () => {
  const url = new URL(database.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  const far = openThrough(database, proxy.port);
  const cutOff = member(far.db);
  const other = member(database.db);
  try {
    await cutOff.membership.start();
    await other.membership.start();
    proxy.cut();
    let dialedWhenDead = false;
    await until(
      async () => {
        const isDead = (await statusOf(cutOff.processId)) === 'dead';
        if (isDead) dialedWhenDead = cutOff.membership.mayDial;
        return isDead;
      },
      { what: 'the death', timeoutMs: 5000, everyMs: 5 },
    );
    assert.equal(dialedWhenDead, false, 'it must have stopped before the others bury it');
    proxy.restore();
    await until(() => cutOff.fences === 1, { what: 'the fence', timeoutMs: 10_000, everyMs: 10 });
  } finally {
    cutOff.membership.abandon();
    await far.close();
    await proxy.close();
  }
});

test('membership: when the server was frozen, what it gets to late buries nobody', async () => {
  const url = new URL(database.url);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  const far = openThrough(database, proxy.port);
  const pair = [member(far.db), member(far.db)];
  try {
    for (const { membership } of pair) await membership.start();
    for (let round = 0; round < 3; round += 1) {
      // Both must have been steady for so long that they look for the dead.
      await pause(2 * quickTiming.steadyMs);
      proxy.freeze();
      await pause(1.5 * quickTiming.leaseMs);
      proxy.thaw();
      await until(() => pair.every(({ membership }) => membership.mayDial), {
        what: 'the leases',
        timeoutMs: 5000,
        everyMs: 10,
      });
    }
    assert.deepEqual(
      pair.map(({ fences }) => fences),
      [0, 0],
    );
  } finally {
    for (const { membership } of pair) membership.abandon();
    await far.close();
    await proxy.close();
  }
});

test('heartbeat: a process that is unknown is not live', async () => {
  assert.deepEqual(await heartbeat(database.db, randomUUID(), {}), { storedAt: null, dialers: [] });
});

async function deadWithCalls(callees: number): Promise<{ taskId: number; processId: string }> {
  const processId = randomUUID();
  await registerProcess(database.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  const taskId = await addTask(database.db, { owner: await addAccount(database.db), callees });
  await claimFrom(database.db, processId, [{ taskId, max: callees }]);
  await sql`update call set state = 'answered', answered_at = now() - interval '3 s' where task_id = ${taskId} and seq % 4 = 0`.execute(
    database.db,
  );
  await sql`update call set state = 'ringing', ringing_at = now() where task_id = ${taskId} and seq % 4 = 1`.execute(
    database.db,
  );
  await age(processId, 11);
  return { taskId, processId };
}

test('sweep: by five at once, every open call of the dead ends once and is counted once', async () => {
  const { taskId, processId } = await deadWithCalls(1200);
  const alive = randomUUID();
  await registerProcess(database.db, { processId: alive, kind: 'dialer', host: 'test', pid: 2 });
  const results = await Promise.all(
    Array.from({ length: 5 }, () => sweepDeadProcesses(database.db, 10_000, noScheduling)),
  );
  assert.deepEqual(
    results.flatMap((result) => result.deadProcesses),
    [processId],
  );
  // A sweeper leaves alone what another one has locked: the second round finds what is left.
  await sweepDeadProcesses(database.db, 10_000, noScheduling);
  assert.deepEqual(await callSummary(database.db, taskId), {
    'ended 50 indeterminate': 300,
    'ended 60 indeterminate': 900,
  });
  const task = await taskRow(database.db, taskId);
  assert.deepEqual(
    [task.ended_count, task.success_count, task.fail_count, task.status],
    [1200, 300, 900, taskStatus.finished],
  );
  assert.ok(task.call_duration_s >= 900);
  assert.equal(await statusOf(alive), 'live');
});

test('sweep: the keys that were pressed before the process died stay and are counted', async () => {
  const { taskId, processId } = await deadWithCalls(3);
  const [row] = await database.db.selectFrom('call').selectAll().where('task_id', '=', taskId).execute();
  assert.ok(row);
  const at = new Date();
  const times = { invitedAt: at, ringingAt: at, answeredAt: at };
  const snapshot: CallSnapshot = {
    ...{ createdDay: row.created_day, taskId, seq: row.seq, state: 'answered', trunkId: null, attempt: 1 },
    ...{ displayNum: null, ...times, feedbackValue: '3', digits: '34', end: null },
  };
  await writeProgress(database.db, processId, [snapshot]);
  await sweepDeadProcesses(database.db, 10_000, noScheduling);
  const ended = await database.db
    .selectFrom('call')
    .select(['call_status', 'feedback_value', 'digits'])
    .where('task_id', '=', taskId)
    .where('seq', '=', row.seq)
    .executeTakeFirst();
  assert.deepEqual(ended, { call_status: 50, feedback_value: '3', digits: '34' });
  const task = await taskRow(database.db, taskId);
  assert.deepEqual([task.success_count, task.key_feedback_count], [1, 1]);
});

test('sweep: the living, the stopped and the recently heard are left alone', async () => {
  const { taskId, processId } = await deadWithCalls(8);
  await age(processId, 9);
  const result = await sweepDeadProcesses(database.db, 10_000, noScheduling);
  assert.deepEqual([result.deadProcesses, result.endedCalls], [[], 0]);
  assert.equal((await taskRow(database.db, taskId)).ended_count, 0);
});

test('sweep: what a stopped process left open is ended too', async () => {
  const { taskId, processId } = await deadWithCalls(8);
  await database.db.updateTable('process').set({ status: 'stopped' }).where('process_id', '=', processId).execute();
  assert.equal((await sweepDeadProcesses(database.db, 10_000, noScheduling)).endedCalls, 8);
  assert.equal((await taskRow(database.db, taskId)).status, taskStatus.finished);
});

test('sweep: the long dead are forgotten, with what they said of trunks', async () => {
  const { processId } = await deadWithCalls(4);
  const trunkId = await addTrunk(database.db, { cps: 1, channels: 1 });
  const circuit = {
    state: 'closed',
    since: '2026-01-01T00:00:00.000Z',
    reason: null,
    nextTryAt: null,
    recentCalls: 3,
    recentFailures: 1,
  } as const;
  const report: TrunkHealthReport = {
    trunkId,
    state: 'up',
    reason: null,
    activeCalls: 2,
    circuit,
    registration: null,
    options: { status: 200, roundTripMs: 12, at: '2026-01-01T00:00:00.000Z' },
  };
  await writeTrunkHealth(database.db, processId, [{ ...report, state: 'down', reason: 'x', activeCalls: 1 }]);
  await writeTrunkHealth(database.db, processId, [report, { ...report, trunkId: trunkId + 1000 }]);
  const health = await database.db.selectFrom('trunk_health').selectAll().execute();
  assert.deepEqual(
    health.map((row) => [row.trunk_id, row.state, row.reason, row.active_calls]),
    [[trunkId, 'up', null, 2]],
  );
  assert.deepEqual([health[0]?.circuit, health[0]?.registration, health[0]?.options], [circuit, null, report.options]);
  await sweepDeadProcesses(database.db, 10_000, noScheduling);
  assert.equal(await statusOf(processId), 'dead');
  await age(processId, 90_000);
  await sweepDeadProcesses(database.db, 10_000, noScheduling);
  assert.equal(await statusOf(processId), undefined);
  assert.deepEqual(await database.db.selectFrom('trunk_health').selectAll().execute(), []);
});
