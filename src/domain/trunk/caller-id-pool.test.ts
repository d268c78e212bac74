import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallerIdPool } from './caller-id-pool.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => String(4_930_100_000 + index));
const numbers = Array.from({ length: 5000 }, (_, index) => String(8_613_200_000_000 + index));

function byCallee(callerIds: readonly string[]): (number: string) => string | null {
  const pool = new CallerIdPool({ callerIds, callerIdChoice: 'by_callee' });
  return (number) => pool.choose(number);
}

test('an empty pool has none, a pool of one always the same', () => {
  for (const callerIdChoice of ['fixed', 'round_robin', 'by_callee'] as const) {
    assert.equal(new CallerIdPool({ callerIds: [], callerIdChoice }).choose('8613242926514'), null);
    const single = new CallerIdPool({ callerIds: ['1008'], callerIdChoice });
    assert.deepEqual([single.choose('8613242926514'), single.choose('8613242926515')], ['1008', '1008']);
  }
});

test('fixed is the first, round robin one after the other', () => {
  const callerIds = ['1', '2', '3'];
  const shown = (pool: CallerIdPool) => numbers.slice(0, 4).map((number) => pool.choose(number));
  assert.deepEqual(shown(new CallerIdPool({ callerIds, callerIdChoice: 'fixed' })), ['1', '1', '1', '1']);
  assert.deepEqual(shown(new CallerIdPool({ callerIds, callerIdChoice: 'round_robin' })), ['1', '2', '3', '1']);
});

test('a pool knows the settings it was made of', () => {
  const settings = { callerIds: ['1', '2'], callerIdChoice: 'round_robin' } as const;
  const pool = new CallerIdPool(settings);
  assert.equal(pool.isOf({ ...settings, callerIds: ['1', '2'] }), true);
  assert.equal(pool.isOf({ ...settings, callerIds: ['2', '1'] }), false);
  assert.equal(pool.isOf({ ...settings, callerIds: ['1', '2', '3'] }), false);
  assert.equal(pool.isOf({ ...settings, callerIdChoice: 'fixed' }), false);
});

test('by callee: always the same, whatever the order of the pool', () => {
  const choose = byCallee(ids(10));
  const another = byCallee(ids(10).toReversed());
  for (const number of numbers.slice(0, 500)) {
    assert.equal(choose(number), choose(number));
    assert.equal(choose(number), another(number));
  }
});

test('by callee: the choice of today is the choice of tomorrow', () => {
  // Another hash would show every callee of a running recall flow another number: these may not change.
  const choose = byCallee(ids(10));
  assert.deepEqual(['8613242926514', '8613242926515', '4930123456', '12025550100'].map(choose), [
    '4930100009',
    '4930100001',
    '4930100004',
    '4930100004',
  ]);
});

test('by callee: neighbouring numbers use the whole pool evenly', () => {
  const counts = Map.groupBy(numbers, byCallee(ids(10)));
  assert.equal(counts.size, 10);
  for (const [callerId, callees] of counts) {
    assert.ok(callees.length > 400 && callees.length < 600, `${callerId} of 5000: ${callees.length}`);
  }
});

test('by callee: an id that is added takes over its share, and nobody else changes', () => {
  const added = '4930999999';
  const [before, after] = [byCallee(ids(9)), byCallee([...ids(9), added])];
  const moved = numbers.filter((number) => before(number) !== after(number));
  for (const number of moved) assert.equal(after(number), added);
  assert.ok(moved.length > 400 && moved.length < 600, `a tenth of 5000: ${moved.length}`);
});

test('by callee: an id that is taken away moves its own callees only', () => {
  const gone = ids(10)[3];
  const [before, after] = [byCallee(ids(10)), byCallee(ids(10).filter((id) => id !== gone))];
  for (const number of numbers) if (before(number) !== gone) assert.equal(after(number), before(number));
});
