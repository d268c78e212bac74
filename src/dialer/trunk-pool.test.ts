import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeEngine } from '../../test/support/fake-engine.ts';
import { storedTrunk } from '../../test/support/trunk-target.ts';
import type { TrunkChange } from '../domain/trunk/trunk.ts';
import { silentLogger } from '../lib/logger.ts';
import { seededRandom } from '../lib/random.ts';
import { TrunkPool } from './trunk-pool.ts';

function open(): { readonly pool: TrunkPool; refresh(...trunks: readonly TrunkChange[]): void } {
  const clock = new FakeClock();
  const engine = new FakeEngine({ clock, behave: () => ({}) });
  const options = { engine, clock, random: seededRandom(3), logger: silentLogger(), processId: 'p' };
  const pool = new TrunkPool({ ...options, onRoom: () => undefined });
  return {
    pool,
    refresh: (...trunks) => {
      const stored = trunks.map((change, index) => storedTrunk(index + 1, change));
      pool.refresh(stored, [{ processId: 'p', usage: {} }], true);
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
