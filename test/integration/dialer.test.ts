import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { taskStatus } from '../../src/domain/task/status.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  addAccount,
  addTask,
  addTrunk,
  type BenchDialer,
  benchDialer,
  callSummary,
  dialedSeqs,
  taskRow,
} from '../support/dialer-fixture.ts';
import type { FakeCallee } from '../support/fake-engine.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

/** Runs a test with dialers that are drained at its end, on trunks of its own. */
async function withDialers(dialers: readonly BenchDialer[], work: () => Promise<void>): Promise<void> {
  try {
    for (const { dialer } of dialers) await dialer.start();
    await work();
  } finally {
    for (const { dialer } of dialers) await dialer.drain(0);
    await database.db.updateTable('trunk').set({ is_enabled: false }).execute();
  }
}

const finished = (taskId: number) => async (): Promise<boolean> =>
  (await taskRow(database.db, taskId)).status === taskStatus.finished;

/** One of ten each: answered with a key, answered, busy, not answered... */
function mixed(): () => FakeCallee {
  let calls = 0;
  return () => {
    calls += 1;
    const kind = calls % 4;
    if (kind === 0) return { ringAfterMs: 5, answerAfterMs: 10, digits: [{ afterMs: 5, digit: '3' }] };
    if (kind === 1) return { ringAfterMs: 5, answerAfterMs: 10 };
    if (kind === 2) return { ringAfterMs: 5, reject: { afterMs: 10, sipStatus: 486 } };
    return { reject: { afterMs: 5, sipStatus: 404 } };
  };
}

test('dialer: a task of 2,000 callees runs to its end with the right counters', async () => {
  const owner = await addAccount(database.db);
  await addTrunk(database.db, { cps: 2000, channels: 500 });
  const it = benchDialer(database, mixed());
  const taskId = await addTask(database.db, { owner, callees: 2000 });
  await withDialers([it], async () => {
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 30_000 });
    const task = await taskRow(database.db, taskId);
    assert.deepEqual(
      [task.ended_count, task.success_count, task.fail_count, task.key_feedback_count, task.next_seq],
      [2000, 1000, 1000, 500, 2001],
    );
    // Answered calls last some 30 ms: rounded up to a second each.
    assert.equal(task.call_duration_s, 1000);
    assert.deepEqual(await callSummary(database.db, taskId), {
      'ended 10 callee': 500,
      'ended 50 success': 1000,
      'ended 60 callee': 500,
    });
    assert.deepEqual(
      dialedSeqs([it.engine], taskId),
      Array.from({ length: 2000 }, (_, index) => index + 1),
    );
    assert.equal(it.engine.played.length, 1000);
  });
});

test('dialer: one call row tells the whole call', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 10, channels: 5 });
  const it = benchDialer(database, () => ({
    ringAfterMs: 30,
    answerAfterMs: 60,
    digits: [
      { afterMs: 5, digit: '7' },
      { afterMs: 10, digit: '#' },
    ],
  }));
  const taskId = await addTask(database.db, { owner, callees: 1 });
  await withDialers([it], async () => {
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 5000 });
    const call = await database.db
      .selectFrom('call')
      .selectAll()
      .where('task_id', '=', taskId)
      .executeTakeFirstOrThrow();
    assert.deepEqual(
      [call.state, call.trunk_id, call.attempt, call.call_status, call.termination_code, call.sip_status],
      ['ended', trunkId, 1, 50, '0', 200],
    );
    assert.deepEqual([call.feedback_value, call.digits, call.process_id], ['7', '7#', it.processId]);
    const times = [call.invited_at, call.ringing_at, call.answered_at, call.ended_at].map((at) => at?.getTime() ?? 0);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.ok(times.every((at) => at > 0));
    assert.equal(it.engine.dials[0]?.sipCallId, `${taskId}-1-1`);
  });
});

test('dialer: no more calls than the engine has room for, and the task says why it waits', async () => {
  const owner = await addAccount(database.db);
  await addTrunk(database.db, { cps: 1000, channels: 200 });
  const brief = benchDialer(database, mixed(), { capacity: 3 });
  const taskId = await addTask(database.db, { owner, callees: 60 });
  await withDialers([brief], async () => {
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 20_000 });
  });
  assert.equal(brief.engine.peak, 3);

  await addTrunk(database.db, { cps: 1000, channels: 200 });
  const full = benchDialer(database, () => ({ ringAfterMs: 5 }), { capacity: 2 });
  const waitingId = await addTask(database.db, { owner, callees: 10 });
  await withDialers([full], async () => {
    const waits = async (): Promise<boolean> =>
      (await taskRow(database.db, waitingId)).waiting_reason?.includes('CARILLON_RTP_PORTS') ?? false;
    await until(waits, { what: 'the task to say why it waits', timeoutMs: 10_000 });
  });
  assert.equal(full.engine.dials.length, 2);
});

/** Resolves when each has its share, for which the later one waits a lease, and nothing is under way. */
async function untilShared(dialers: readonly BenchDialer[]): Promise<void> {
  const owner = await addAccount(database.db);
  const tasks: number[] = [];
  const isShared = async (): Promise<boolean> => {
    tasks.push(await addTask(database.db, { owner, callees: 20 }));
    return dialers.every(({ engine }) => engine.dials.length > 0);
  };
  await until(isShared, { what: 'each to call', timeoutMs: 10_000, everyMs: 200 });
  for (const taskId of tasks) await until(finished(taskId), { what: 'silence', timeoutMs: 20_000 });
  for (const { engine } of dialers) engine.peak = 0;
}

test('dialer: two processes on one task call nobody twice', async () => {
  const owner = await addAccount(database.db);
  await addTrunk(database.db, { cps: 1000, channels: 200 });
  const a = benchDialer(database, mixed());
  const b = benchDialer(database, mixed());
  await withDialers([a, b], async () => {
    await untilShared([a, b]);
    const taskId = await addTask(database.db, { owner, callees: 1500 });
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 30_000 });
    assert.deepEqual(
      dialedSeqs([a.engine, b.engine], taskId),
      Array.from({ length: 1500 }, (_, index) => index + 1),
    );
    const each = [a, b].map(({ engine }) => dialedSeqs([engine], taskId).length);
    assert.ok(Math.min(...each) > 300, each.join(' '));
    const summary = await callSummary(database.db, taskId);
    assert.equal(
      Object.values(summary).reduce((sum, n) => sum + n, 0),
      1500,
    );
    assert.equal((await taskRow(database.db, taskId)).ended_count, 1500);
  });
});

test('dialer: an account is held to its limit over two processes', async () => {
  const owner = await addAccount(database.db, 5);
  await addTrunk(database.db, { cps: 1000, channels: 200 });
  let active = 0;
  let peak = 0;
  const behave = (): FakeCallee => {
    active += 1;
    peak = Math.max(peak, active);
    setTimeout(() => {
      active -= 1;
    }, 45);
    return { reject: { afterMs: 50, sipStatus: 486 } };
  };
  const a = benchDialer(database, behave);
  const b = benchDialer(database, behave);
  await withDialers([a, b], async () => {
    await untilShared([a, b]);
    peak = 0;
    const taskId = await addTask(database.db, { owner, callees: 60 });
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 20_000 });
    for (const { engine } of [a, b]) assert.ok(dialedSeqs([engine], taskId).length > 0);
    assert.deepEqual([a.engine.peak <= 3, b.engine.peak <= 3, a.engine.peak + b.engine.peak <= 5], [true, true, true]);
    assert.ok(peak >= 4 && peak <= 5, `peak ${peak}`);
  });
});

for (const [what, status] of [
  ['suspended', taskStatus.suspended],
  ['cancelled', taskStatus.cancelled],
] as const) {
  test(`dialer: a task that is ${what} is claimed from no more, and its calls run to their end`, async () => {
    const owner = await addAccount(database.db);
    await addTrunk(database.db, { cps: 100, channels: 100 });
    const it = benchDialer(database, () => ({ ringAfterMs: 5, answerAfterMs: 300 }));
    const taskId = await addTask(database.db, { owner, callees: 500 });
    await withDialers([it], async () => {
      await until(() => it.engine.dials.length > 20, { what: 'some calls', timeoutMs: 5000, everyMs: 10 });
      const stopped = await database.db
        .updateTable('task')
        .set({ status })
        .where('task_id', '=', taskId)
        .returning('next_seq')
        .executeTakeFirstOrThrow();
      await until(() => it.dialer.figures().openCalls === 0, { what: 'the calls to end', timeoutMs: 5000 });
      await until(async () => (await taskRow(database.db, taskId)).ended_count === stopped.next_seq - 1, {
        what: 'the results',
        timeoutMs: 5000,
      });
      const task = await taskRow(database.db, taskId);
      assert.equal(task.next_seq, stopped.next_seq);
      assert.equal(it.engine.dials.length, stopped.next_seq - 1);
      assert.equal(task.success_count, stopped.next_seq - 1);
    });
  });
}

test('dialer: outside its windows a task waits and says so, inside it calls', async () => {
  const owner = await addAccount(database.db);
  await addTrunk(database.db, { cps: 100, channels: 100 });
  const it = benchDialer(database, () => ({ reject: { afterMs: 5, sipStatus: 486 } }));
  // An hour that is not now in the account's zone (UTC+8).
  const hour = (new Date().getUTCHours() + 8 + 3) % 24;
  const window = { start: `${String(hour).padStart(2, '0')}:00`, end: `${String(hour).padStart(2, '0')}:30` };
  const taskId = await addTask(database.db, { owner, callees: 3, windows: [window] });
  await withDialers([it], async () => {
    await until(
      async () => (await taskRow(database.db, taskId)).waiting_reason === 'outside the allowed sending times',
      {
        what: 'the reason',
        timeoutMs: 5000,
      },
    );
    assert.equal(it.engine.dials.length, 0);
    await database.db.updateTable('task').set({ windows: '[]' }).where('task_id', '=', taskId).execute();
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 5000 });
    assert.equal((await taskRow(database.db, taskId)).waiting_reason, null);
  });
});

test('dialer: without a trunk a task waits and says so', async () => {
  const owner = await addAccount(database.db);
  const it = benchDialer(database, () => ({ reject: { afterMs: 5, sipStatus: 486 } }));
  const taskId = await addTask(database.db, { owner, callees: 3 });
  await withDialers([it], async () => {
    await until(async () => (await taskRow(database.db, taskId)).waiting_reason === 'no trunk is set up', {
      what: 'the reason',
      timeoutMs: 5000,
    });
    assert.equal((await taskRow(database.db, taskId)).next_seq, 1);
    await addTrunk(database.db, { cps: 100, channels: 100 });
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 5000 });
  });
});

test('dialer: the engine hears of the trunks that may be called over, without a task and as they change', async () => {
  const { db } = database;
  const it = benchDialer(database, () => ({}));
  const hears = (trunks: readonly number[]) =>
    until(() => isDeepStrictEqual(it.engine.expectedTrunks, trunks), {
      what: `the engine to hear of ${trunks.length} trunks`,
      timeoutMs: 5000,
      detail: () => `it heard of ${it.engine.expectedTrunks}`,
    });
  await withDialers([it], async () => {
    await hears([]);
    const trunkId = await addTrunk(db, { cps: 100, channels: 100 });
    await hears([trunkId]);
    await db.updateTable('trunk').set({ is_enabled: false }).where('trunk_id', '=', trunkId).execute();
    await hears([]);
  });
});

test('dialer: a dead trunk does not burn the list, and the calls are made when it is back', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 200, channels: 100 });
  let isDead = true;
  const it = benchDialer(database, () =>
    isDead ? { reject: { afterMs: 5, sipStatus: 503 } } : { ringAfterMs: 5, answerAfterMs: 10 },
  );
  const taskId = await addTask(database.db, { owner, callees: 300 });
  await withDialers([it], async () => {
    const down = await until(
      async () => {
        const row = await database.db
          .selectFrom('trunk_health')
          .selectAll()
          .where('trunk_id', '=', trunkId)
          .where('state', '<>', 'up')
          .executeTakeFirst();
        return row ?? null;
      },
      { what: 'the trunk to be taken for down', timeoutMs: 5000 },
    );
    assert.match(down.reason ?? '', /503/);
    await until(async () => /all trunks are down/.test((await taskRow(database.db, taskId)).waiting_reason ?? ''), {
      what: 'the reason',
      timeoutMs: 5000,
    });
    const dialed = it.engine.dials.length;
    assert.ok(dialed < 60, `${dialed} calls were tried`);
    isDead = false;
    await until(finished(taskId), { what: 'the task to finish', timeoutMs: 30_000 });
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 300 });
    assert.equal((await taskRow(database.db, taskId)).waiting_reason, null);
  });
});

test('dialer: a small task is not starved by a big one', async () => {
  const owner = await addAccount(database.db);
  await addTrunk(database.db, { cps: 100, channels: 100 });
  const it = benchDialer(database, () => ({ reject: { afterMs: 5, sipStatus: 486 } }));
  const big = await addTask(database.db, { owner, callees: 20_000 });
  await withDialers([it], async () => {
    await until(() => it.engine.dials.length > 10, { what: 'calls of the big task', timeoutMs: 5000 });
    const small = await addTask(database.db, { owner, callees: 20 });
    await until(finished(small), { what: 'the small task to finish', timeoutMs: 5000 });
    const isOfSmall = it.engine.dials.map(({ sipCallId }) => sipCallId.startsWith(`${small}-`));
    const meanwhile = isOfSmall.slice(isOfSmall.indexOf(true), isOfSmall.lastIndexOf(true)).filter((is) => !is);
    assert.ok(meanwhile.length < 100, `${meanwhile.length} calls of the big one between the small one's`);
    await database.db.updateTable('task').set({ status: taskStatus.cancelled }).where('task_id', '=', big).execute();
  });
});

test('dialer: draining lets calls go on, then hangs up, writes everything and says stopped', async () => {
  const owner = await addAccount(database.db);
  await addTrunk(database.db, { cps: 200, channels: 20 });
  let calls = 0;
  const it = benchDialer(database, () => {
    calls += 1;
    return calls % 2 === 0 ? { ringAfterMs: 5, answerAfterMs: 20 } : { ringAfterMs: 5 };
  });
  const taskId = await addTask(database.db, { owner, callees: 1000 });
  try {
    await it.dialer.start();
    await until(() => it.engine.activeCalls >= 10, { what: 'calls', timeoutMs: 5000, everyMs: 5 });
    await it.dialer.drain(300);
    const row = await database.db
      .selectFrom('process')
      .selectAll()
      .where('process_id', '=', it.processId)
      .executeTakeFirstOrThrow();
    assert.equal(row.status, 'stopped');
    const summary = await callSummary(database.db, taskId);
    assert.deepEqual(Object.keys(summary).sort(), ['ended 30 platform', 'ended 50 success']);
    const task = await taskRow(database.db, taskId);
    assert.equal(task.ended_count, task.next_seq - 1);
    assert.equal(task.ended_count, it.engine.dials.length);
  } finally {
    await database.db.updateTable('task').set({ status: taskStatus.cancelled }).where('task_id', '=', taskId).execute();
    await database.db.updateTable('trunk').set({ is_enabled: false }).execute();
  }
});
