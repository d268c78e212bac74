import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ignoringMachines } from '../../test/support/call-plan.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { type FakeCallee, FakeEngine } from '../../test/support/fake-engine.ts';
import { goodMedia } from '../../test/support/media-stats.ts';
import { storedTrunk } from '../../test/support/trunk-target.ts';
import type { CallSnapshot } from '../domain/record/call-ledger-sql.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';
import { silentLogger } from '../lib/logger.ts';
import { seededRandom } from '../lib/random.ts';
import { CallSession } from './call-session.ts';
import { TrunkPool, type TrunkVerdict } from './trunk-pool.ts';

const me = 'process-1';

type Bench = {
  readonly clock: FakeClock;
  readonly engine: FakeEngine;
  readonly pool: TrunkPool;
  readonly reports: CallSnapshot[];
  readonly released: string[];
  /** Of each recording that was begun, the attempt. */
  readonly recorded: number[];
  mayDial: boolean;
  begin(): CallSession;
};

/** What the far side does, by trunk id and attempt. */
type Behave = (trunkId: number, attempt: number) => FakeCallee;

type BenchOptions = {
  readonly prompt?: () => Promise<string>;
  readonly byeMs?: number;
  readonly displayNum?: string;
  /** What is done with a machine; default: nobody listens for one. */
  readonly machineAction?: 1 | 2;
  readonly isRecorded?: boolean;
};

function bad(reason: string): TrunkVerdict {
  return { type: 'bad', beganAt: 0, reason, isSilent: false, retryAfterS: null };
}

function bench(trunks: readonly Trunk[], behave: Behave, options: BenchOptions = {}): Bench {
  const { prompt = async () => '1', byeMs = 0, displayNum = null, machineAction = 1 } = options;
  const detection = { detectsMachine: options.machineAction !== undefined, machineAction };
  const clock = new FakeClock();
  const random = seededRandom(3);
  const logger = silentLogger();
  const engine = new FakeEngine({
    clock,
    promptMs: 1000,
    byeMs,
    behave: (request) => behave(Number(request.trunk.host.split('.')[3]), Number(request.sipCallId.split('-')[2])),
  });
  engine.prompts.set('1', { promptKey: '1', pcm: new Int16Array(1), sampleRate: 8000 });
  const pool = new TrunkPool({ engine, clock, random, logger, processId: me, onRoom: () => undefined });
  pool.refresh(trunks, [{ processId: me, usage: {} }], true);
  const reports: CallSnapshot[] = [];
  const released: string[] = [];
  const recorded: number[] = [];
  const it: Bench = {
    clock,
    engine,
    pool,
    reports,
    released,
    recorded,
    mayDial: true,
    begin: () => {
      const session = new CallSession(
        {
          callee: { createdDay: '2026-01-05', taskId: 7, seq: 9, number: '8613000000001', variables: null },
          accountId: 1,
          displayNum,
          plan: {
            delayPlayS: 1,
            delayHangupS: 2,
            maxRingingS: 30,
            loopCount: 2,
            maxCallS: 60,
            isRecorded: options.isRecorded ?? false,
            ...detection,
          },
          claimedAt: clock.monotonic(),
          prompt: prompt().then((promptKey) => ({ promptKey, release: () => released.push(promptKey) })),
        },
        {
          engine,
          traces: { begin: () => null },
          recordings: { record: () => recorded.push(engine.dials.length) },
          trunks: pool,
          clock,
          logger,
          limits: { staleClaimMs: 5000, holdMs: 180_000, maxAttempts: 4 },
          mayDial: () => it.mayDial,
          report: (snapshot) => reports.push(snapshot),
          onEnd: () => undefined,
        },
      );
      void session.begin();
      return session;
    },
  };
  return it;
}

/** Lets time pass as the dialer's loop does: circuits and waiting calls are looked at every 50 ms. */
async function pass(it: Bench, session: CallSession, ms: number): Promise<void> {
  for (let done = 0; done < ms; done += 50) {
    await it.clock.advance(50);
    it.pool.tick();
    session.retry();
  }
}

const reject = (sipStatus: number, ringAfterMs?: number): FakeCallee => ({
  ...(ringAfterMs === undefined ? {} : { ringAfterMs }),
  reject: { afterMs: 100, sipStatus },
});
const vanish = (cause: 'no-response' | 'transport-error'): FakeCallee => ({ vanish: { afterMs: 100, cause } });
const answer: FakeCallee = { ringAfterMs: 50, answerAfterMs: 100, hangUpAfterMs: 500 };

const failovers: readonly (readonly [name: string, first: FakeCallee, isTriedAgain: boolean])[] = [
  ['500', reject(500), true],
  ['503', reject(503), true],
  ['408', reject(408), true],
  ['401', reject(401), true],
  ['no response', vanish('no-response'), true],
  ['no route', vanish('transport-error'), true],
  ['503 after ringing', reject(503, 50), false],
  ['486', reject(486), false],
  ['600', reject(600), false],
  ['603', reject(603), false],
  ['480', reject(480), false],
  ['404', reject(404), false],
  ['403', reject(403), false],
  ['ring timeout', { ringAfterMs: 50 }, false],
  ['ring timeout without ringing', {}, false],
  ['an answer', answer, false],
];
for (const [name, first, isTriedAgain] of failovers) {
  test(`call session: ${name} is ${isTriedAgain ? '' : 'not '}tried over the next trunk`, async () => {
    const it = bench([storedTrunk(1), storedTrunk(2)], (trunkId) => (trunkId === 1 ? first : answer));
    const session = it.begin();
    await pass(it, session, 40_000);
    const ids = it.engine.dials.map((request) => [request.sipCallId, request.trunk.host]);
    const expected = [
      ['7-9-1', '192.0.2.1'],
      ['7-9-2', '192.0.2.2'],
    ];
    assert.deepEqual(ids, isTriedAgain ? expected : expected.slice(0, 1));
    const last = it.reports.at(-1);
    assert.equal(last?.state, 'ended');
    assert.deepEqual([last?.attempt, last?.trunkId], isTriedAgain ? [2, 2] : [1, 1]);
    if (isTriedAgain) assert.equal(last?.end?.outcome.callStatus, 50);
    assert.equal(it.reports.filter((report) => report.state === 'ended').length, 1);
    assert.equal(it.clock.pendingTimers, 0, 'timers were left');
    assert.deepEqual(it.released, ['1']);
    assert.equal(
      it.pool.healthChanges().reduce((sum, report) => sum + report.activeCalls, 0),
      0,
    );
  });
}

test('call session: an answered call from claim to record', async () => {
  const heard = { media: goodMedia, machine: { result: 'person', evidence: {}, decidedAfterMs: 900 } } as const;
  const callee: FakeCallee = { ringAfterMs: 200, answerAfterMs: 1000, digits: [{ afterMs: 1500, digit: '5' }], heard };
  const it = bench([storedTrunk(1, { callerIds: ['100'] })], () => callee);
  const session = it.begin();
  await pass(it, session, 10_000);
  assert.deepEqual(
    it.reports.map((report) => report.state),
    ['ringing', 'answered', 'answered', 'ended'],
  );
  assert.deepEqual([it.reports[1]?.digits, it.reports[2]?.digits], [null, '5'], 'a key is told when it is pressed');
  const last = it.reports.at(-1);
  const since = (at: Date | null | undefined): number => (at?.getTime() ?? 0) - Date.UTC(2026, 0, 5, 4, 0, 0);
  // 1 s of silence, 2 x 1 s of prompt, 2 s of silence after the answer at 1 s.
  assert.deepEqual(
    [last?.invitedAt, last?.ringingAt, last?.answeredAt, last?.end?.endedAt].map(since),
    [0, 200, 1000, 6000],
  );
  assert.deepEqual({ media: last?.end?.media, machine: last?.end?.machine }, heard);
  assert.deepEqual([last?.feedbackValue, last?.digits, last?.displayNum], ['5', '5', '100']);
  assert.deepEqual(it.engine.played, [{ sipCallId: '7-9-1', promptKey: '1', loopCount: 2 }]);
});

test('call session: when all trunks have failed, the last outcome stands', async () => {
  const it = bench([storedTrunk(1), storedTrunk(2)], (trunkId) => reject(trunkId === 1 ? 500 : 502));
  const session = it.begin();
  await pass(it, session, 10_000);
  assert.equal(it.engine.dials.length, 2);
  assert.deepEqual([it.reports.at(-1)?.end?.outcome.terminationCode, it.reports.at(-1)?.attempt], ['502', 2]);
});

test('call session: with the circuit open it waits and is called again when the trunk is back', async () => {
  const it = bench([storedTrunk(1)], (_, attempt) => (attempt === 1 ? reject(503) : answer));
  for (let failure = 0; failure < 4; failure += 1) it.pool.observe(1, bad('SIP 503'));
  const session = it.begin();
  await pass(it, session, 4000);
  assert.equal(it.engine.dials.length, 1);
  assert.notEqual(session.heldSince, null);
  assert.match(it.pool.outage ?? '', /all trunks are down: t1 \(SIP 503\)/);
  await pass(it, session, 10_000);
  assert.deepEqual(
    it.engine.dials.map((request) => request.sipCallId),
    ['7-9-1', '7-9-2'],
  );
  assert.equal(it.reports.at(-1)?.end?.outcome.callStatus, 50);
  assert.equal(it.pool.outage, null);
});

test('call session: a trunk that asks for time with its 503 gets it, and the call is made again then', async () => {
  const busy: FakeCallee = { reject: { afterMs: 100, sipStatus: 503, retryAfterS: 40 } };
  const it = bench([storedTrunk(1)], (_, attempt) => (attempt === 1 ? busy : answer));
  const session = it.begin();
  await pass(it, session, 39_000);
  assert.equal(it.engine.dials.length, 1);
  await pass(it, session, 20_000);
  assert.equal(it.reports.at(-1)?.end?.outcome.callStatus, 50);
  assert.equal(it.engine.dials.length, 2);
});

test('call session: a Retry-After with anything but a 503 is about the callee', async () => {
  const later: FakeCallee = { reject: { afterMs: 100, sipStatus: 480, retryAfterS: 40 } };
  const it = bench([storedTrunk(1)], () => later);
  await pass(it, it.begin(), 1000);
  assert.equal(it.pool.outage, null);
});

test('call session: each call tells of its trunk once', async () => {
  const it = bench([storedTrunk(1)], () => ({ ...answer, hangUpAfterMs: 100 }));
  await pass(it, it.begin(), 10_000);
  assert.deepEqual(it.reports.at(-1)?.end?.outcome.callStatus, 50);
  const { recentCalls, recentFailures } = it.pool.healthChanges()[0]?.circuit ?? {};
  assert.deepEqual([recentCalls, recentFailures], [1, 0]);
});

test('call session: for a trunk that is only busy it waits as long as it takes', async () => {
  const it = bench([storedTrunk(1, { maxChannels: 1 }), storedTrunk(2, { prefixes: ['44'] })], () => answer);
  assert.equal(it.pool.take('8613000000002', new Set()).type, 'taken');
  const session = it.begin();
  await pass(it, session, 400_000);
  assert.deepEqual([it.reports.length, it.engine.dials.length], [0, 0]);
  it.pool.release(1, { type: 'good', beganAt: 0 });
  await pass(it, session, 5000);
  assert.equal(it.reports.at(-1)?.end?.outcome.callStatus, 50);
});

test('call session: an engine that throws costs one call', async () => {
  const it = bench([storedTrunk(1, { maxChannels: 1 })], () => {
    throw new Error('cannot be written');
  });
  await pass(it, it.begin(), 100);
  const last = it.reports.at(-1)?.end?.outcome;
  assert.deepEqual([last?.terminationCode, last?.terminationReason], ['1006', 'cannot be written']);
  assert.equal(it.pool.take('8613000000002', new Set()).type, 'taken', 'the channel was given back');
  assert.deepEqual([it.released, it.clock.pendingTimers], [['1'], 0]);
});

test('call session: it waits for a trunk that is down only so long', async () => {
  const it = bench([storedTrunk(1)], () => answer);
  for (let failure = 0; failure < 5; failure += 1) it.pool.observe(1, bad('no response'));
  // The trunk takes no trial either: its channel is in use.
  it.pool.refresh(
    [storedTrunk(1, { maxChannels: 1 })],
    [
      { processId: me, usage: { 'trunk:1': 0 } },
      { processId: 'process-0', usage: { 'trunk:1': 1 } },
    ],
    true,
  );
  const session = it.begin();
  await pass(it, session, 179_000);
  assert.equal(it.reports.length, 0);
  await pass(it, session, 2000);
  assert.deepEqual([it.reports.at(-1)?.end?.outcome.terminationCode, it.engine.dials.length], ['1007', 0]);
});

test('call session: a number that nobody serves ends at once', async () => {
  const it = bench([storedTrunk(1, { prefixes: ['44'] })], () => answer);
  const session = it.begin();
  await pass(it, session, 50);
  assert.deepEqual([it.reports.at(-1)?.end?.outcome.terminationCode, it.engine.dials.length], ['1007', 0]);
});

test('call session: a trunk that is full passes the call on to the next', async () => {
  const it = bench([storedTrunk(1, { maxChannels: 1 }), storedTrunk(2)], () => answer);
  const first = it.begin();
  await it.clock.advance(10);
  const second = it.begin();
  await pass(it, second, 5000);
  first.retry();
  assert.deepEqual(
    it.engine.dials.map((request) => request.trunk.host),
    ['192.0.2.1', '192.0.2.2'],
  );
});

test('call session: a process that was frozen after the claim does not dial', async () => {
  const it = bench([storedTrunk(1)], () => answer, {
    prompt: () => new Promise((resolve) => it.clock.setTimer(() => resolve('1'), 1)),
  });
  const claimedBefore = it.clock.monotonic();
  const session = new CallSession(
    {
      callee: { createdDay: '2026-01-05', taskId: 7, seq: 9, number: '8613000000001', variables: null },
      accountId: 1,
      displayNum: null,
      plan: {
        delayPlayS: 0,
        delayHangupS: 0,
        maxRingingS: 30,
        loopCount: 1,
        maxCallS: 60,
        isRecorded: false,
        ...ignoringMachines,
      },
      claimedAt: claimedBefore,
      prompt: Promise.resolve({ promptKey: '1', release: () => it.released.push('1') }),
    },
    {
      engine: it.engine,
      traces: { begin: () => null },
      recordings: { record: () => assert.fail('it does not record') },
      trunks: it.pool,
      clock: it.clock,
      logger: silentLogger(),
      limits: { staleClaimMs: 5000, holdMs: 180_000, maxAttempts: 4 },
      mayDial: () => true,
      report: (snapshot) => it.reports.push(snapshot),
      onEnd: () => undefined,
    },
  );
  it.clock.freeze(5001);
  await session.begin();
  assert.equal(it.engine.dials.length, 0);
  const end = it.reports.at(-1)?.end;
  assert.deepEqual([end?.outcome.class, end?.outcome.terminationCode], ['indeterminate', '1009']);
  assert.deepEqual(it.released, ['1']);
});

test('call session: without the lease nothing is dialed, with it again it is', async () => {
  const it = bench([storedTrunk(1)], () => answer);
  it.mayDial = false;
  const session = it.begin();
  await pass(it, session, 2000);
  assert.equal(it.engine.dials.length, 0);
  it.mayDial = true;
  await pass(it, session, 100);
  assert.equal(it.engine.dials.length, 1);
});

test('call session: without its prompt there is no call', async () => {
  const it = bench([storedTrunk(1)], () => answer, { prompt: () => Promise.reject(new Error('no voice speaks XX')) });
  const session = it.begin();
  await pass(it, session, 100);
  const end = it.reports.at(-1)?.end;
  assert.deepEqual([end?.outcome.terminationCode, end?.outcome.terminationReason], ['1010', 'no voice speaks XX']);
  assert.equal(it.engine.dials.length, 0);
});

test('call session: stopped while it waits it ends, stopped while it rings it goes on, but over no other trunk', async () => {
  const waiting = bench([storedTrunk(1)], () => answer);
  waiting.mayDial = false;
  const held = waiting.begin();
  await waiting.clock.advance(10);
  held.stop('the task was stopped');
  assert.equal(waiting.reports.at(-1)?.end?.outcome.terminationCode, '1005');

  const dialing = bench([storedTrunk(1), storedTrunk(2)], () => reject(503));
  const session = dialing.begin();
  await dialing.clock.advance(10);
  session.stop('the task was stopped');
  assert.equal(dialing.reports.length, 0);
  await pass(dialing, session, 5000);
  assert.deepEqual([dialing.engine.dials.length, dialing.reports.at(-1)?.end?.outcome.terminationCode], [1, '503']);
});

test('call session: hung up while it rings and while it is answered', async () => {
  for (const [afterMs, callStatus] of [
    [60, 30],
    [150, 50],
  ] as const) {
    const it = bench([storedTrunk(1)], () => answer);
    const session = it.begin();
    await it.clock.advance(afterMs);
    session.hangUp();
    await it.clock.advance(10);
    assert.equal(it.reports.at(-1)?.end?.outcome.callStatus, callStatus);
    assert.equal(it.clock.pendingTimers, 0);
  }
});

test('call session: a far side that does not answer the hang-up is given up once', async () => {
  const it = bench([storedTrunk(1)], () => answer);
  const session = it.begin();
  await it.clock.advance(150);
  session.giveUp();
  await it.clock.advance(10_000);
  assert.deepEqual(
    it.reports.filter((report) => report.state === 'ended').map((report) => report.end?.outcome.callStatus),
    [50],
  );
});

test('call session: our hang-up ends the call, however late the far side answers it', async () => {
  const it = bench([storedTrunk(1)], () => ({ ringAfterMs: 50, answerAfterMs: 100 }), { byeMs: 30_000 });
  it.begin();
  await it.clock.advance(60_000);
  const last = it.reports.at(-1);
  assert.equal(last?.state, 'ended');
  // 1 s before the prompt, twice 1 s of it, 2 s after it.
  assert.equal((last?.end?.endedAt.getTime() ?? 0) - (last?.answeredAt?.getTime() ?? 0), 5000);
});

test('call session: numbers go out as the trunk wants them and are recorded as they are known here', async () => {
  const written = { stripPrefix: '86', addPrefix: '0', callerIdHasPlus: true, callerIds: ['100'] };
  for (const displayNum of [undefined, '4930123456']) {
    const it = bench([storedTrunk(1, written)], () => answer, displayNum === undefined ? {} : { displayNum });
    await pass(it, it.begin(), 10_000);
    const shown = displayNum ?? '100';
    assert.deepEqual([it.engine.dials[0]?.number, it.engine.dials[0]?.displayNum], ['013000000001', `+${shown}`]);
    assert.equal(it.reports.at(-1)?.displayNum, shown);
  }
});

test('call session: the next trunk rewrites the number that the callee has, not what the first made of it', async () => {
  const trunks = [storedTrunk(1, { prefixes: ['861'], addPrefix: '99' }), storedTrunk(2, { hasPlus: true })];
  const it = bench(trunks, (trunkId) => (trunkId === 1 ? reject(503) : answer));
  await pass(it, it.begin(), 10_000);
  assert.deepEqual(
    it.engine.dials.map((request) => request.number),
    ['998613000000001', '+8613000000001'],
  );
});

const voicemail: FakeCallee = {
  answerAfterMs: 1000,
  answerers: [
    { afterMs: 1200, result: 'person' },
    { afterMs: 3000, result: 'machine' },
  ],
  recordsAfterMs: 8000,
  heard: { machine: { result: 'machine', evidence: { words: 9 }, decidedAfterMs: 3000 } },
};

test('call session: a machine that is recognized late is hung up on', async () => {
  const it = bench([storedTrunk(1)], () => voicemail, { machineAction: 1 });
  await pass(it, it.begin(), 20_000);
  const end = it.reports.at(-1)?.end;
  assert.deepEqual([end?.outcome.callStatus, end?.outcome.terminationCode], [40, '200']);
  assert.deepEqual(end?.machine?.evidence, { words: 9, done: 'hung up' });
  assert.equal(end?.endedAt.getTime(), Date.UTC(2026, 0, 5, 4, 0, 4));
  assert.equal(it.clock.pendingTimers, 0, 'timers were left');
});

test('call session: a machine gets the message from its beginning, after the beep', async () => {
  const it = bench([storedTrunk(1)], () => voicemail, { machineAction: 2 });
  await pass(it, it.begin(), 20_000);
  assert.equal(it.engine.played.length, 2);
  const end = it.reports.at(-1)?.end;
  assert.equal(end?.outcome.callStatus, 40);
  assert.deepEqual(end?.machine?.evidence, { words: 9, done: 'message after beep' });
  // Answer after 1 s, beep 8 s later, 2 x 1 s of prompt, 2 s of silence.
  assert.equal(end?.endedAt.getTime(), Date.UTC(2026, 0, 5, 4, 0, 13));
});

test('call session: nobody listens for a machine unless the task asks for it', async () => {
  const it = bench([storedTrunk(1)], () => voicemail);
  await pass(it, it.begin(), 20_000);
  assert.deepEqual(
    it.engine.dials.map((request) => request.detectsMachine),
    [false],
  );
  assert.equal(it.reports.at(-1)?.end?.outcome.callStatus, 50);
});

test('call session: what the network said before the answer is in the record', async () => {
  const rejecting: FakeCallee = { ...reject(480, 50), heard: { earlyTone: 'vacant' } };
  const it = bench([storedTrunk(1)], () => rejecting, { machineAction: 1 });
  await pass(it, it.begin(), 2000);
  const end = it.reports.at(-1)?.end;
  assert.deepEqual([end?.outcome.callStatus, end?.outcome.sipStatus], [30, 480]);
  assert.deepEqual(end?.machine, { result: 'unsure', evidence: { earlyTone: 'vacant' }, decidedAfterMs: 0 });
});

test('a task that records has its calls recorded from the answer on, over whatever trunk that came', async () => {
  const behave: Behave = (_trunkId, attempt) => (attempt === 1 ? reject(500) : answer);
  const it = bench([storedTrunk(1), storedTrunk(2)], behave, { isRecorded: true });
  await pass(it, it.begin(), 400);
  assert.deepEqual(it.recorded, [2]);
  const plain = bench([storedTrunk(1)], () => answer);
  await pass(plain, plain.begin(), 400);
  assert.deepEqual(plain.recorded, []);
});
