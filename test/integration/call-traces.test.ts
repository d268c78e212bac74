import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Db } from '../../src/db/tables.ts';
import { type CallTraceLimits, CallTraces, type TracedCall } from '../../src/domain/trace/call-traces.ts';
import type { NewTraceRule } from '../../src/domain/trace/trace-rule.ts';
import { createTraceRule, deleteTraceRule, getTraceRule } from '../../src/domain/trace/trace-rule-store.ts';
import { findTrace, writeTraces } from '../../src/domain/trace/trace-store.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, addTrunk, benchDialer, taskRow } from '../support/dialer-fixture.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { messageEvent, sampleTrace } from '../support/sample-trace.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let db: Db;
let createdDay: string;
let taskId: number;
before(async () => {
  database = await openTestDatabase();
  db = database.db;
  const owner = await addAccount(db);
  taskId = await addTask(db, { owner, callees: 1 });
  const task = await db
    .selectFrom('task')
    .select('created_day')
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  createdDay = task.created_day;
});
after(() => database.close());
beforeEach(async () => {
  await db.deleteFrom('trace_rule').execute();
  await db.deleteFrom('call_trace').execute();
});

const inAnHour = (): Date => new Date(Date.now() + 3_600_000);

function rule(change: Partial<NewTraceRule> = {}): NewTraceRule {
  return { taskId: null, trunkId: null, number: null, maxCalls: 10, expiresAt: inAnHour(), ...change };
}

function call(seq: number): TracedCall {
  return { createdDay, taskId, seq, number: `86130000000${seq}` };
}

function tracesOf(limits: Partial<CallTraceLimits> = {}, through: Db = db) {
  const clock = new FakeClock();
  const processId = randomUUID();
  const traces = new CallTraces({
    db: through,
    clock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId,
    limits,
  });
  return { clock, processId, traces };
}

const storedSeqs = async (): Promise<number[]> => {
  const rows = await db.selectFrom('call_trace').select('seq').orderBy('seq').execute();
  return rows.map((row) => row.seq);
};

describe('which calls are traced', () => {
  it('those that meet every condition of a rule', async () => {
    const trunkId = await addTrunk(db, { cps: 1, channels: 1 });
    const rows: [Partial<NewTraceRule>, number | null, boolean][] = [
      [{}, null, true],
      [{ taskId }, null, true],
      [{ number: call(1).number }, null, true],
      [{ number: call(2).number }, null, false],
      [{ trunkId }, null, false],
      [{ trunkId }, trunkId, true],
      [{ trunkId }, trunkId + 1, false],
      [{ trunkId, taskId, number: call(1).number }, trunkId, true],
      [{ trunkId, number: call(2).number }, trunkId, false],
    ];
    for (const [conditions, overTrunk, isTraced] of rows) {
      await db.deleteFrom('trace_rule').execute();
      await createTraceRule(db, rule(conditions));
      const { traces } = tracesOf();
      assert.equal(traces.begin(call(1), overTrunk), null, 'before the rules are read');
      await traces.refresh();
      assert.equal(traces.begin(call(1), overTrunk) !== null, isTraced, JSON.stringify(conditions));
    }
  });

  it('none for a rule that has expired or is deleted', async () => {
    await createTraceRule(db, rule({ expiresAt: new Date(Date.now() - 1000) }));
    const { traceRuleId } = await createTraceRule(db, rule());
    const { traces } = tracesOf();
    await traces.refresh();
    assert.ok(traces.begin(call(1), null));
    await deleteTraceRule(db, traceRuleId);
    await traces.refresh();
    assert.equal(traces.begin(call(2), null), null);
  });

  it('refuses a rule for a task or a trunk that does not exist', async () => {
    await assert.rejects(createTraceRule(db, rule({ taskId: 1 })), /task 1 does not exist/);
    await assert.rejects(createTraceRule(db, rule({ trunkId: 9999 })), /trunk 9999 does not exist/);
  });
});

describe('a traced call', () => {
  it('is written some time after its end, whole, and counted for its rule', async () => {
    const { traceRuleId } = await createTraceRule(db, rule());
    const { traces, clock, processId } = tracesOf();
    await traces.refresh();
    const trace = traces.begin(call(1), null);
    const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
    trace?.message(messageEvent({ atUs: 0, direction: 'sent', text: everyByte }));
    trace?.end();
    trace?.end();
    await clock.advance(1500);
    trace?.message(messageEvent({ atUs: 0, direction: 'received', text: 'late' }));
    assert.deepEqual(await storedSeqs(), []);
    await clock.advance(600);
    await traces.drain();
    const stored = await findTrace(db, { createdDay, taskId, seq: 1 });
    assert.deepEqual([stored?.processId, stored?.droppedEvents], [processId, 0]);
    assert.deepEqual(
      stored?.events.map((event) => [event.atUs, event.text]),
      [
        [0, `task ${taskId}, callee 1: ${call(1).number}`],
        [0, everyByte],
        [1_500_000, 'late'],
      ],
    );
    assert.equal((await getTraceRule(db, traceRuleId)).tracedCalls, 1);
    assert.equal(clock.pendingTimers, 0);
  });

  it('is one of at most so many, over all processes', async () => {
    const { traceRuleId } = await createTraceRule(db, rule({ maxCalls: 3 }));
    const processes = [tracesOf(), tracesOf()];
    for (const { traces } of processes) await traces.refresh();
    const begun = processes.map(({ traces }, index) =>
      [1, 2, 3, 4].map((seq) => traces.begin(call(seq + index * 4), null)),
    );
    assert.deepEqual(
      begun.map((ofProcess) => ofProcess.map((trace) => trace !== null)),
      [
        [true, true, true, false],
        [true, true, true, false],
      ],
    );
    for (const trace of begun.flat()) trace?.end();
    await Promise.all(processes.map(({ traces }) => traces.drain()));
    assert.equal((await storedSeqs()).length, 3);
    const { tracedCalls, lostCalls } = await getTraceRule(db, traceRuleId);
    assert.deepEqual([tracedCalls, lostCalls], [3, 0]);
    for (const { traces } of processes) {
      await traces.refresh();
      assert.equal(traces.begin(call(9), null), null);
    }
  });

  it('is not counted twice when it is written again after a lost commit', async () => {
    const { traceRuleId } = await createTraceRule(db, rule());
    const written = { traceRuleId, trace: sampleTrace({ createdDay, taskId }) };
    await writeTraces(db, [written], new Map());
    await writeTraces(db, [written], new Map());
    assert.equal((await getTraceRule(db, traceRuleId)).tracedCalls, 1);
  });

  it('is kept when its rule is deleted meanwhile', async () => {
    const { traceRuleId } = await createTraceRule(db, rule());
    const { traces } = tracesOf();
    await traces.refresh();
    const trace = traces.begin(call(1), null);
    await deleteTraceRule(db, traceRuleId);
    trace?.end();
    await traces.drain();
    assert.deepEqual(await storedSeqs(), [1]);
  });
});

describe('bounds', () => {
  it('what is over a call is counted with the trace, what is over all with the rule', async () => {
    const { traceRuleId } = await createTraceRule(db, rule());
    const { traces, clock } = tracesOf({ maxEvents: 2, maxTotalBytes: 700, settleMs: 10 });
    await traces.refresh();
    const first = traces.begin(call(1), null);
    for (let count = 0; count < 4; count++) first?.note('media', 'x');
    assert.notEqual(traces.begin(call(2), null), null);
    assert.equal(traces.begin(call(3), null), null, 'there was memory for it');
    first?.end();
    await clock.advance(20);
    await traces.drain();
    assert.equal((await findTrace(db, { createdDay, taskId, seq: 1 }))?.droppedEvents, 3);
    assert.equal((await getTraceRule(db, traceRuleId)).lostCalls, 1);
    assert.notEqual(traces.begin(call(4), null), null, 'its memory was not given back');
    traces.close();
  });

  it('a trace that cannot be stored does not hold up the others', async () => {
    const { traceRuleId } = await createTraceRule(db, rule());
    const { traces, clock } = tracesOf({ settleMs: 10 });
    await traces.refresh();
    // No partition for that day.
    traces.begin({ ...call(1), createdDay: '1999-01-01' }, null)?.end();
    await traces.drain();
    traces.begin(call(2), null)?.end();
    await traces.drain();
    assert.deepEqual(await storedSeqs(), [2]);
    assert.equal((await getTraceRule(db, traceRuleId)).lostCalls, 1);
    assert.equal(clock.pendingTimers, 0);
  });

  it('traces wait for PostgreSQL to come back', async () => {
    await createTraceRule(db, rule());
    let isAway = true;
    const away = new Proxy(db, {
      get: (target, name) => {
        if (name === 'transaction' && isAway) throw new Error('connection refused');
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { traces, clock } = tracesOf({ settleMs: 10 }, away);
    await traces.refresh();
    traces.begin(call(1), null)?.end();
    await clock.advance(20);
    await traces.drain();
    assert.deepEqual(await storedSeqs(), []);
    isAway = false;
    await traces.drain();
    assert.deepEqual(await storedSeqs(), [1]);
    traces.close();
    assert.equal(clock.pendingTimers, 0);
  });
});

describe('a dialer', () => {
  it('traces by the rules, and has written everything when it has stopped', async () => {
    const owner = await addAccount(db);
    await addTrunk(db, { cps: 100, channels: 10 });
    const it = benchDialer(database, () => ({ ringAfterMs: 5, reject: { afterMs: 10, sipStatus: 486 } }));
    const tracedTaskId = await addTask(db, { owner, callees: 2 });
    await createTraceRule(db, rule({ taskId: tracedTaskId, number: '86130000001' }));
    await it.dialer.start();
    const isFinished = async (): Promise<boolean> => (await taskRow(db, tracedTaskId)).status === 2;
    await until(isFinished, { what: 'the task to finish', timeoutMs: 20_000 });
    await it.dialer.drain(0);
    const rows = await db
      .selectFrom('call_trace')
      .select(['seq', 'process_id'])
      .where('task_id', '=', tracedTaskId)
      .execute();
    assert.deepEqual(rows, [{ seq: 1, process_id: it.processId }]);
    const { created_day: day } = await taskRow(db, tracedTaskId);
    const trace = await findTrace(db, { createdDay: day, taskId: tracedTaskId, seq: 1 });
    const notes = trace?.events.map((event) => (event.type === 'note' ? `${event.kind}: ${event.text}` : ''));
    assert.equal(notes?.[0], `call: task ${tracedTaskId}, callee 1: 86130000001`);
    assert.match(notes?.[1] ?? '', /^trunk: attempt 1: trunk \d+ \(.*\), without a caller id$/);
    assert.match(notes?.at(-1) ?? '', /^call: ended with status 10, code 486: /);
  });
});
