import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeEngine } from '../../test/support/fake-engine.ts';
import { storedTrunk } from '../../test/support/trunk-target.ts';
import type { TrunkRegistrationStatus } from '../call/engine.ts';
import type { TrunkChange } from '../domain/trunk/trunk.ts';
import { silentLogger } from '../lib/logger.ts';
import { seededRandom } from '../lib/random.ts';
import { TrunkPool } from './trunk-pool.ts';

const number = '8613242926514';

function open(probe: (trunkId: number) => number | null = () => 200) {
  const clock = new FakeClock();
  const engine = new FakeEngine({ clock, behave: () => ({}), probe: ({ trunkId }) => probe(trunkId) });
  const options = { engine, clock, random: seededRandom(3), logger: silentLogger(), processId: 'p' };
  let rooms = 0;
  const pool = new TrunkPool({
    ...options,
    onRoom: () => {
      rooms += 1;
    },
  });
  return {
    pool,
    clock,
    engine,
    rooms: () => rooms,
    refresh: (...trunks: readonly TrunkChange[]): void => {
      const stored = trunks.map((change, index) => storedTrunk(index + 1, change));
      pool.refresh(stored, [{ processId: 'p', usage: {} }], true);
    },
    /** Lets time pass as the dispatcher's loop sees it. */
    pass: async (seconds: number): Promise<void> => {
      for (let ms = 0; ms < seconds * 1000; ms += 500) {
        await clock.advance(500);
        pool.tick();
      }
      await clock.advance(0);
    },
    /** What was said last of trunk 1. */
    report: () => {
      pool.forgetReports();
      return pool.healthChanges().find(({ trunkId }) => trunkId === 1);
    },
    tell: (status: Partial<TrunkRegistrationStatus>): void => {
      for (const observer of engine.registrations.values()) {
        observer({ state: 'registered', expiresAt: null, nextTryAt: null, reason: null, ...status });
      }
    },
  };
}

test('trunk pool: a round of caller ids goes on when the trunks are read again, and begins anew when the pool changes', () => {
  const { pool, refresh } = open();
  const trunk: TrunkChange = { callerIds: ['1', '2', '3'], callerIdChoice: 'round_robin' };
  const shown: (string | null)[] = [];
  const show = (): void => void shown.push(pool.callerIdFor(1, '8613242926514'));
  refresh(trunk);
  show();
  refresh({ ...trunk, maxCps: 5 });
  show();
  refresh({ ...trunk, callerIds: ['7', '8'] });
  show();
  show();
  assert.deepEqual(shown, ['1', '2', '7', '8']);
});

test('trunk pool: a trunk that is gone, or has no caller ids, shows none', () => {
  const { pool, refresh } = open();
  refresh({});
  assert.equal(pool.callerIdFor(1, '8613242926514'), null);
  assert.equal(pool.callerIdFor(2, '8613242926514'), null);
});

const account: TrunkChange = { registers: true, username: 'acme', password: 'secret' };

test('trunk pool: a trunk that must register and is not takes no calls, and says why', () => {
  const { pool, refresh, tell, rooms, report } = open();
  refresh(account);
  assert.deepEqual([pool.room, pool.outage], [0, 'all trunks are down: t1 (not registered yet)']);
  tell({ state: 'failed', reason: '403 Forbidden from sip.carrier.example' });
  assert.equal(pool.outage, 'all trunks are down: t1 (not registered: 403 Forbidden from sip.carrier.example)');
  assert.deepEqual(pool.take(number, new Set()), { type: 'wait', isBusy: false });
  assert.equal(pool.conditionOf(1), 'down');
  const { state, reason, registration } = report() ?? {};
  assert.deepEqual([state, reason], ['down', 'not registered: 403 Forbidden from sip.carrier.example']);
  assert.deepEqual(registration?.state, 'failed');
  tell({ expiresAt: Date.UTC(2026, 0, 5, 5) });
  assert.equal(rooms(), 1);
  assert.equal(pool.outage, null);
  assert.equal(pool.take(number, new Set()).type, 'taken');
  assert.deepEqual(report()?.registration, {
    state: 'registered',
    reason: null,
    expiresAt: '2026-01-05T05:00:00.000Z',
    nextTryAt: null,
  });
});

test('trunk pool: calls go over the next trunk while the first is not registered', () => {
  const { pool, refresh, tell } = open();
  refresh(account, {});
  const taken = (): number | null => {
    const search = pool.take(number, new Set());
    return search.type === 'taken' ? search.trunk.trunkId : null;
  };
  assert.equal(taken(), 2);
  tell({});
  assert.equal(taken(), 1);
});

test('trunk pool: OPTIONS goes out in the interval that the trunk sets, with its result in the report', async () => {
  const { engine, refresh, pass, report } = open(() => 404);
  refresh({ optionsIntervalS: 30 });
  assert.equal(report()?.options, null);
  await pass(30);
  assert.equal(engine.probes, 1);
  assert.deepEqual([report()?.options?.status, report()?.options?.roundTripMs], [404, 0]);
  await pass(270);
  assert.ok(engine.probes >= 9 && engine.probes <= 11, `ten or so, got ${engine.probes}`);
  refresh({ optionsIntervalS: 0 });
  const { probes } = engine;
  await pass(300);
  assert.equal(engine.probes, probes);
});

test('trunk pool: a trunk that falls silent is found out without any call, and so is its return', async () => {
  let status: number | null = 405;
  const { pool, refresh, pass, report } = open(() => status);
  refresh({ optionsIntervalS: 10 });
  await pass(20);
  status = 503;
  await pass(25);
  assert.equal(pool.outage, 'all trunks are down: t1 (no answer to OPTIONS)');
  assert.deepEqual([report()?.state, report()?.circuit.state], ['down', 'open']);
  assert.ok((report()?.circuit.nextTryAt ?? '') > (report()?.circuit.since ?? ''));
  status = 200;
  await pass(20);
  assert.deepEqual([pool.outage, pool.room], [null, 1]);
  assert.equal(report()?.circuit.state, 'half_open');
});

test('trunk pool: a circuit that was opened lets 1, 2 and 4 calls through, and then all', async () => {
  const { pool, clock, refresh, pass, report } = open();
  refresh({ breakerFailures: 1 });
  pool.take(number, new Set());
  const failure = { beganAt: 0, reason: 'SIP 503', isSilent: false, retryAfterS: null };
  pool.release(1, { type: 'bad', ...failure });
  await pass(6);
  const rooms: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { room } = pool;
    rooms.push(room);
    for (let call = 0; call < room; call += 1) assert.equal(pool.take(number, new Set()).type, 'taken');
    assert.equal(pool.take(number, new Set()).type, 'wait');
    for (let call = 0; call < room; call += 1) pool.release(1, { type: 'good', beganAt: clock.monotonic() });
  }
  assert.deepEqual([rooms, report()?.circuit.state], [[1, 2, 4], 'closed']);
});

test('trunk pool: counts the calls of the last minute', () => {
  const { pool, refresh, report } = open();
  refresh({});
  const failure = { beganAt: 0, reason: 'SIP 500 Server Internal Error', isSilent: false, retryAfterS: null };
  for (const verdict of [{ type: 'good', beganAt: 0 }, { type: 'bad', ...failure }, null] as const) {
    pool.take(number, new Set());
    pool.release(1, verdict);
  }
  const { recentCalls, recentFailures, reason } = report()?.circuit ?? {};
  assert.deepEqual([recentCalls, recentFailures, reason], [2, 1, 'SIP 500 Server Internal Error']);
});
