import assert from 'node:assert/strict';
import { test } from 'node:test';
import { average, perCent } from './ratio.ts';

test('per cent has two digits and survives an empty whole', () => {
  assert.deepEqual(
    [perCent(1, 3), perCent(2, 3), perCent(3, 3), perCent(0, 3), perCent(0, 0)],
    [33.33, 66.67, 100, 0, 0],
  );
});

test('an average is a text with at most two digits', () => {
  assert.deepEqual([average(10, 4), average(10, 3), average(0, 0)], ['2.5', '3.33', '0']);
});
