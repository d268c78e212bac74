import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Random, seededRandom } from '../../../lib/random.ts';
import { drawHops, drawServers } from './draw-hops.ts';
import type { ServerTier } from './located-servers.ts';

/** One hop a server, named by its place. */
function tierOf(weights: readonly number[]): ServerTier<number> {
  return weights.map((weight, index) => ({ weight, hops: [index] }));
}

/** A random that gives these numbers, one after the other. */
function given(...floats: number[]): Random {
  return { float: () => floats.shift() ?? assert.fail('drawn once too often'), hex: () => assert.fail('no hex here') };
}

/** How often each server of a tier comes first, in a thousand. */
function shares(weights: readonly number[]): number[] {
  const random = seededRandom(20_261_126);
  const counts = weights.map(() => 0);
  const draws = 20_000;
  for (let draw = 0; draw < draws; draw++) {
    const first = drawHops([tierOf(weights)], random)[0] ?? -1;
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts.map((count) => Math.round((count * 1000) / draws));
}

describe('RFC 2782: the order within a priority', () => {
  /** Leaves a row of three as it is. */
  const unshuffled = [0.9, 0.9, 0.9];

  it('follows the running sums, those without weight in front', () => {
    // In the row 1 (weight 0), 0 (10), 2 (30): sums 0, 10, 40.
    const tier = tierOf([10, 0, 30]);
    const first = (float: number): number => drawServers(tier, given(...unshuffled, float, 0, 0))[0]?.hops[0] ?? -1;
    assert.deepEqual([0, 0.5 / 41, 1 / 41, 10.9 / 41, 11 / 41, 40.9 / 41].map(first), [1, 1, 0, 0, 2, 2]);
  });

  it('draws from the rest in the same way', () => {
    const tier = tierOf([10, 20, 30]);
    assert.deepEqual(
      drawServers(tier, given(...unshuffled, 0.99, 0.01, 0)).map(({ hops }) => hops[0]),
      [2, 0, 1],
    );
  });

  it('gives everybody once, whatever the weights and the draws', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 65_535 }), { maxLength: 16 });
    fc.assert(
      fc.property(fc.array(weights, { maxLength: 4 }), fc.integer(), (tiers, seed) => {
        const hops = drawHops(
          tiers.map((each, tier) => each.map((weight, index) => ({ weight, hops: [`${tier} ${index}`] }))),
          seededRandom(seed),
        );
        const expected = tiers.flatMap((each, tier) => each.map((_, index) => `${tier} ${index}`));
        assert.deepEqual([...hops].sort(), expected.sort());
        // And no tier before the one above it.
        const order = hops.map((hop) => Number(hop.split(' ')[0]));
        assert.deepEqual(
          order,
          [...order].sort((one, other) => one - other),
        );
      }),
    );
  });

  // Of the numbers from 0 to the sum, 0 goes to one of those without weight, to any server where there are none.
  const distributions: [weights: number[], shares: number[]][] = [
    [
      [1, 1],
      [500, 500],
    ],
    [
      [60, 40],
      [599, 401],
    ],
    [
      [1, 3, 6],
      [121, 303, 576],
    ],
    [
      [0, 0, 0],
      [333, 333, 333],
    ],
    [
      [0, 0, 98],
      [5, 5, 990],
    ],
  ];
  for (const [weights, expected] of distributions) {
    it(`divides the first choices as ${weights.join(' to ')}`, () => {
      const off = shares(weights).map((share, index) => Math.abs(share - (expected[index] ?? 0)));
      assert.ok(Math.max(...off) < 15, `${shares(weights)}`);
    });
  }

  it('gives back what there is without a draw where there is no choice', () => {
    const hops = [1, 2, 3];
    assert.equal(drawHops([[{ weight: 5, hops }]], given()), hops);
    assert.deepEqual(drawHops([], given()), []);
  });
});
