import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readTrunkStatus } from '../../src/api/admin/trunk-status.ts';
import type { DialRequest } from '../../src/call/engine.ts';
import { taskStatus } from '../../src/domain/task/status.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, addTrunk, benchDialer, callSummary, taskRow } from '../support/dialer-fixture.ts';
import type { FakeCallee } from '../support/fake-engine.ts';
import { until } from '../support/until.ts';

/** Trunks that refuse calls or registrations: what becomes of the callees, and what the operator is told. */

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const answered: FakeCallee = { ringAfterMs: 5, answerAfterMs: 10 };
const refused = (retryAfterS?: number): FakeCallee => ({ reject: { afterMs: 5, sipStatus: 503, retryAfterS } });
const wide = { cps: 200, channels: 100 };

/** A dialer on trunks that are there and answer OPTIONS, whatever they do with calls. */
function openDialer(behave: (request: DialRequest) => FakeCallee) {
  return benchDialer(database, behave, { probe: () => 200 });
}

async function withDialer(it: ReturnType<typeof openDialer>, work: () => Promise<void>): Promise<void> {
  try {
    await it.dialer.start();
    await work();
  } finally {
    await it.dialer.drain(0);
    await database.db.updateTable('trunk').set({ is_enabled: false }).execute();
  }
}

const finishes = (taskId: number): Promise<boolean> =>
  until(async () => (await taskRow(database.db, taskId)).status === taskStatus.finished, {
    what: 'the task to finish',
    timeoutMs: 60_000,
  });

/** What the only process says of a trunk. */
async function seenBy(trunkId: number) {
  const status = await readTrunkStatus(database.db, trunkId);
  return status.processes.at(-1) ?? null;
}

const circuitIs = (trunkId: number, state: string) =>
  until(async () => (await seenBy(trunkId))?.circuit?.state === state, {
    what: `the circuit to be ${state}`,
    timeoutMs: 10_000,
  });

const waitsFor = (taskId: number, reason: RegExp) =>
  until(async () => reason.test((await taskRow(database.db, taskId)).waiting_reason ?? ''), {
    what: `the task to wait for ${reason}`,
    timeoutMs: 10_000,
  });

test('a carrier that answers 503 to everything: its calls go over the next trunk, and no callee is lost', async () => {
  const owner = await addAccount(database.db);
  const broken = await addTrunk(database.db, wide, { priority: 1 });
  await addTrunk(database.db, wide, { priority: 2 });
  const it = openDialer(({ trunk }) => (trunk.trunkId === broken ? refused() : answered));
  const taskId = await addTask(database.db, { owner, callees: 400 });
  await withDialer(it, async () => {
    await finishes(taskId);
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 400 });
    const seen = await seenBy(broken);
    assert.notEqual(seen?.circuit?.state, 'closed');
    assert.match(seen?.circuit?.reason ?? '', /503/);
    const burnt = it.engine.dials.filter(({ trunk }) => trunk.trunkId === broken).length;
    assert.ok(burnt < 60, `${burnt} calls were tried over it`);
  });
});

test('a carrier that answers 503 to everything, and the only one: calls wait until it is back, and no callee is lost', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, wide);
  let isBroken = true;
  const it = openDialer(() => (isBroken ? refused() : answered));
  const taskId = await addTask(database.db, { owner, callees: 400 });
  await withDialer(it, async () => {
    await circuitIs(trunkId, 'open');
    await waitsFor(taskId, /all trunks are down: .*503/);
    const { circuit } = (await seenBy(trunkId)) ?? {};
    assert.ok((circuit?.nextTryAt ?? '') > (circuit?.since ?? ''));
    isBroken = false;
    await finishes(taskId);
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 400 });
  });
});

test('a carrier that asks for time with its 503 gets it, and no callee is lost', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, wide, { breaker_failures: 1000 });
  let refusals = 0;
  const it = openDialer(() => {
    refusals += 1;
    return refusals === 1 ? refused(7) : answered;
  });
  const taskId = await addTask(database.db, { owner, callees: 200 });
  await withDialer(it, async () => {
    await circuitIs(trunkId, 'open');
    const { circuit } = (await seenBy(trunkId)) ?? {};
    const waitMs = Date.parse(circuit?.nextTryAt ?? '') - Date.parse(circuit?.since ?? '');
    assert.ok(waitMs >= 6000 && waitMs <= 8000, `7 s to the second, not ${waitMs} ms`);
    await finishes(taskId);
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 200 });
  });
});

test('a carrier that answers 503 to 30 % of calls is left for the next one when that is too many', async () => {
  const owner = await addAccount(database.db);
  const shaky = await addTrunk(database.db, wide, { priority: 1, breaker_failure_percent: 25, breaker_failures: 1000 });
  await addTrunk(database.db, wide, { priority: 2 });
  let calls = 0;
  const it = openDialer(({ trunk }) => {
    if (trunk.trunkId !== shaky) return answered;
    calls += 1;
    return calls % 10 < 3 ? refused() : answered;
  });
  const taskId = await addTask(database.db, { owner, callees: 400 });
  await withDialer(it, async () => {
    await circuitIs(shaky, 'open');
    await finishes(taskId);
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 400 });
    assert.ok(calls < 300, `${calls} of 400 calls were tried over it`);
  });
});

test('a carrier that answers 503 to 30 % of calls, where that is bearable, carries the others', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, wide, { breaker_failure_percent: 50 });
  let calls = 0;
  const it = openDialer(() => {
    calls += 1;
    return calls % 10 < 3 ? refused() : { ringAfterMs: 300, answerAfterMs: 400 };
  });
  const taskId = await addTask(database.db, { owner, callees: 400 });
  await withDialer(it, async () => {
    await finishes(taskId);
    const { 'ended 50 success': connected = 0, ...failed } = await callSummary(database.db, taskId);
    assert.deepEqual(Object.keys(failed), ['ended 60 trunk']);
    assert.ok(connected >= 280, `the other 70 %, got ${connected}`);
    assert.equal((await seenBy(trunkId))?.circuit?.state, 'closed');
  });
});

test('a carrier that bars the account (403) costs the first callees and not the list', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, wide);
  let isBarred = true;
  const it = openDialer(() => (isBarred ? { reject: { afterMs: 5, sipStatus: 403 } } : answered));
  const taskId = await addTask(database.db, { owner, callees: 400 });
  await withDialer(it, async () => {
    await circuitIs(trunkId, 'open');
    await waitsFor(taskId, /all trunks are down: .*403/);
    isBarred = false;
    await finishes(taskId);
    const { 'ended 50 success': connected = 0, 'ended 60 trunk': lost = 0 } = await callSummary(database.db, taskId);
    assert.equal(connected + lost, 400);
    assert.ok(lost >= 20 && lost < 100, `the 20 that it takes to tell, and those under way: ${lost}`);
  });
});

test('a trunk that is not registered takes no calls, says why, and takes them once it is', async () => {
  const owner = await addAccount(database.db);
  const account = { registers: true, username: 'acme', password: 'secret', host: 'sip.carrier.example' };
  const trunkId = await addTrunk(database.db, wide, { ...account, register_expires_s: 600 });
  const it = openDialer(() => answered);
  const taskId = await addTask(database.db, { owner, callees: 100 });
  await withDialer(it, async () => {
    await waitsFor(taskId, /all trunks are down: .*not registered yet/);
    const [[request, tell] = []] = it.engine.registrations;
    assert.ok(request && tell);
    assert.deepEqual([request.trunk.host, request.expiresS], ['sip.carrier.example', 600]);
    const reason = '403 Forbidden from sip.carrier.example';
    tell({ state: 'failed', expiresAt: null, nextTryAt: Date.now() + 120_000, reason });
    await waitsFor(taskId, /not registered: 403 Forbidden from sip\.carrier\.example/);
    await until(async () => (await seenBy(trunkId))?.registration?.reason === reason, {
      what: 'the reason in the status',
      timeoutMs: 5000,
    });
    assert.equal((await seenBy(trunkId))?.registration?.state, 'failed');
    assert.equal(it.engine.dials.length, 0);
    tell({ state: 'registered', expiresAt: Date.now() + 600_000, nextTryAt: null, reason: null });
    await finishes(taskId);
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 100 });
    await until(async () => (await seenBy(trunkId))?.registration?.state === 'registered', {
      what: 'the registration in the status',
      timeoutMs: 5000,
    });
  });
  assert.equal(it.engine.registrations.size, 0, 'taken back at the end');
});
