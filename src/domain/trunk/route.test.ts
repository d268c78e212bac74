import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../lib/random.ts';
import { chooseTrunks, type RoutableTrunk } from './route.ts';

function trunk(trunkId: number, fields: Partial<RoutableTrunk> = {}): RoutableTrunk {
  return { trunkId, prefixes: [], priority: 10, weight: 1, isEnabled: true, ...fields };
}

function route(number: string, trunks: readonly RoutableTrunk[]): number[] {
  return chooseTrunks(number, trunks, seededRandom(1)).map((chosen) => chosen.trunkId);
}

test('longest prefix before priority before weight', () => {
  const trunks = [
    trunk(1),
    trunk(2, { prefixes: ['86', '4'], priority: 50 }),
    trunk(3, { prefixes: ['861'], priority: 90 }),
    trunk(4, { priority: 5 }),
    trunk(5, { prefixes: ['1'] }),
  ];
  assert.deepEqual(route('8613242926514', trunks), [3, 2, 4, 1]);
  assert.deepEqual(route('4930123456', trunks), [2, 4, 1]);
  assert.deepEqual(route('12025550100', trunks), [5, 4, 1]);
});

test('disabled trunks are skipped', () => {
  const trunks = [trunk(1, { isEnabled: false }), trunk(3, { priority: 99 })];
  assert.deepEqual(route('8613242926514', trunks), [3]);
  assert.deepEqual(route('8613242926514', trunks.slice(0, 1)), []);
});

test('equal trunks share by weight', () => {
  const trunks = [trunk(1, { weight: 3 }), trunk(2, { weight: 1 })];
  const random = seededRandom(7);
  let first = 0;
  for (let i = 0; i < 4000; i += 1) if (chooseTrunks('86', trunks, random)[0]?.trunkId === 1) first += 1;
  assert.ok(first > 2850 && first < 3150, `three in four of 4000, got ${first}`);
});

test('candidates are exactly those usable, each once, in order of prefix and priority', () => {
  const digits = fc.string({ unit: fc.constantFrom('1', '2', '3'), minLength: 1, maxLength: 4 });
  const someTrunk = fc.record({
    prefixes: fc.array(digits, { maxLength: 3 }),
    priority: fc.integer({ min: 0, max: 3 }),
    weight: fc.integer({ min: 1, max: 9 }),
    isEnabled: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(someTrunk, { maxLength: 8 }), digits, fc.integer(), (fields, number, seed) => {
      const trunks = fields.map((field, index) => ({ ...field, trunkId: index }));
      const chosen = chooseTrunks(number, trunks, seededRandom(seed));
      const length = (t: RoutableTrunk) =>
        Math.max(
          -1,
          ...(t.prefixes.length === 0 ? [0] : t.prefixes.filter((p) => number.startsWith(p)).map((p) => p.length)),
        );
      const usable = trunks.filter((t) => t.isEnabled && length(t) >= 0);
      assert.deepEqual(new Set(chosen), new Set(usable));
      assert.equal(chosen.length, usable.length);
      for (const [index, next] of chosen.slice(1).entries()) {
        const before = chosen[index];
        assert.ok(before && length(before) >= length(next));
        if (length(before) === length(next)) assert.ok(before.priority <= next.priority);
      }
    }),
  );
});
