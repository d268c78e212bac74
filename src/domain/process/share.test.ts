import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allowanceOf, type Peer, resourceKey, shareOf } from './share.ts';

test('shares: remainder by rank', () => {
  assert.deepEqual(
    ['a', 'b', 'c'].map((me) => shareOf(10, ['c', 'a', 'b'], me)),
    [4, 3, 3],
  );
  assert.equal(shareOf(10, ['a'], 'a'), 10);
  assert.equal(shareOf(10, ['a', 'b'], 'z'), 0);
  assert.deepEqual([shareOf(1, ['a', 'b'], 'a'), shareOf(1, ['a', 'b'], 'b')], [1, 0]);
});

test('shares: always add up to the limit', () => {
  const ids = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.nat(5000), ids, (limit, live) => {
      assert.equal(
        live.reduce((sum, me) => sum + shareOf(limit, live, me), 0),
        limit,
      );
    }),
  );
});

const key = resourceKey('trunk', 1);
const peer = (processId: string, held: number): Peer => ({ processId, usage: { [key]: held } });

test('allowance: a newcomer does without what the old one still holds', () => {
  assert.equal(allowanceOf(10, key, [peer('a', 9), peer('b', 0)], 'b'), 1);
  assert.equal(allowanceOf(10, key, [peer('a', 9), peer('b', 0)], 'a'), 5);
  assert.equal(allowanceOf(10, key, [peer('a', 5), peer('b', 1)], 'b'), 5);
  assert.equal(allowanceOf(10, key, [{ processId: 'a', usage: {} }, peer('b', 0)], 'b'), 5);
});

test('allowance: what is held and what may still be taken never exceeds the limit', () => {
  const held = fc.array(fc.nat(40), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), held, (limit, counts) => {
      fc.pre(counts.reduce((sum, count) => sum + count, 0) <= limit);
      const peers = counts.map((count, index) => peer(`p${index}`, count));
      const reachable = peers.map(({ processId, usage }) =>
        Math.max(usage[key] ?? 0, allowanceOf(limit, key, peers, processId)),
      );
      assert.ok(reachable.reduce((sum, count) => sum + count, 0) <= limit);
    }),
  );
});
