import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EarlyReceipts } from './early-receipts.ts';

function watched(): { early: EarlyReceipts; passed: string[]; take(id: string): void } {
  const early = new EarlyReceipts();
  const passed: string[] = [];
  return { early, passed, take: (id) => early.take(id, () => passed.push(id)) };
}

test('early receipts: nothing is out: it is for an earlier process, or for nobody', () => {
  const { passed, take } = watched();
  take('a');
  assert.deepEqual(passed, ['a']);
});

test('early receipts: waits for its message, and passes others by', () => {
  const { early, passed, take } = watched();
  const [first, second] = [early.begin(), early.begin()];
  take('b');
  take('b');
  assert.deepEqual(passed, []);
  early.settle(second, ['b']);
  assert.deepEqual(passed, ['b', 'b']);
  early.remember(['b']);
  take('b');
  assert.deepEqual(passed, ['b', 'b', 'b']);
  early.settle(first, ['a']);
  assert.equal(passed.length, 3);
});

test('early receipts: of any part of a long message', () => {
  const { early, passed, take } = watched();
  const message = early.begin();
  take('part-1');
  early.settle(message, ['part-1', 'part-2']);
  assert.deepEqual(passed, ['part-1']);
});

test("early receipts: nobody's passes when all that were out with it are settled", () => {
  const { early, passed, take } = watched();
  const [first, second] = [early.begin(), early.begin()];
  take('nobody');
  const third = early.begin();
  early.settle(first, ['a']);
  assert.deepEqual(passed, []);
  early.settle(second, []);
  assert.deepEqual(passed, ['nobody']);
  early.settle(third, ['c']);
  assert.equal(passed.length, 1);
});

test('early receipts: ids are remembered for a while, not for ever', () => {
  const { early, passed, take } = watched();
  const settleMany = (prefix: string): void => {
    for (let turn = 0; turn < 20_000; turn += 1) early.remember([`${prefix}${turn}`]);
  };
  settleMany('a');
  settleMany('b');
  early.begin();
  take('a0');
  assert.deepEqual(passed, ['a0']);
  settleMany('c');
  take('a0');
  assert.deepEqual(passed, ['a0']);
});
