import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { offsetOf, walkTo } from './page.ts';

test('a page is walked to from the nearer end', () => {
  assert.deepEqual(walkTo({ current: 1, size: 25 }, 100), { isForward: true, skip: 0, take: 25 });
  assert.deepEqual(walkTo({ current: 4, size: 25 }, 100), { isForward: false, skip: 0, take: 25 });
  assert.deepEqual(walkTo({ current: 5, size: 25 }, 103), { isForward: false, skip: 0, take: 3 });
  assert.deepEqual(walkTo({ current: 4, size: 25 }, 103), { isForward: false, skip: 3, take: 25 });
  assert.equal(walkTo({ current: 5, size: 25 }, 100), null);
  assert.equal(walkTo({ current: 1, size: 25 }, 0), null);
});

test('either way the same rows are found', () => {
  const page = fc.record({ current: fc.integer({ min: 1, max: 12 }), size: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(page, fc.integer({ min: 0, max: 60 }), (request, total) => {
      const rows = Array.from({ length: total }, (_, index) => index);
      const expected = rows.slice(offsetOf(request), offsetOf(request) + request.size);
      const walk = walkTo(request, total);
      const way = walk?.isForward ? rows : rows.toReversed();
      const found = walk === null ? [] : way.slice(walk.skip, walk.skip + walk.take).sort((a, b) => a - b);
      assert.deepEqual(found, expected);
      assert.ok(walk === null || walk.skip <= total / 2);
    }),
  );
});
