import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batches } from './batches.ts';

type Load = { readonly keys: readonly number[]; finish(): void; fail(reason: Error): void };

/** Loads that end when the test says so. */
function held(limits: { atOnce: number; most: number }) {
  const loads: Load[] = [];
  const batches = new Batches<number, string>(
    (keys) =>
      new Promise((resolve, reject) => {
        loads.push({ keys, finish: () => resolve(keys.map((key) => `value ${key}`)), fail: reject });
      }),
    limits,
  );
  return { batches, loads, keys: () => loads.map((load) => load.keys) };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what comes together is loaded together, in order', async () => {
  const { batches, loads, keys } = held({ atOnce: 2, most: 10 });
  const values = Promise.all([1, 2, 3].map((key) => batches.get(key)));
  await turn();
  assert.deepEqual(keys(), [[1, 2, 3]]);
  loads[0]?.finish();
  assert.deepEqual(await values, ['value 1', 'value 2', 'value 3']);
});

test('what comes while enough is under way waits and goes with the next load', async () => {
  const { batches, loads, keys } = held({ atOnce: 1, most: 2 });
  const first = batches.get(1);
  await turn();
  const others = Promise.all([2, 3, 4].map((key) => batches.get(key)));
  await turn();
  assert.deepEqual(keys(), [[1]]);
  loads[0]?.finish();
  assert.equal(await first, 'value 1');
  await turn();
  assert.deepEqual(keys(), [[1], [2, 3]]);
  loads[1]?.finish();
  await turn();
  await turn();
  assert.deepEqual(keys(), [[1], [2, 3], [4]]);
  loads[2]?.finish();
  assert.deepEqual(await others, ['value 2', 'value 3', 'value 4']);
});

test('a load that fails fails for its keys only, and makes room for the next', async () => {
  const { batches, loads, keys } = held({ atOnce: 1, most: 10 });
  const failing = Promise.allSettled([batches.get(1), batches.get(2)]);
  await turn();
  const later = batches.get(3);
  loads[0]?.fail(new Error('away'));
  assert.deepEqual(
    (await failing).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await turn();
  assert.deepEqual(keys(), [[1, 2], [3]]);
  loads[1]?.finish();
  assert.equal(await later, 'value 3');
});

test('a load that gives too few values is an error', async () => {
  const batches = new Batches<number, string>(async () => [], { atOnce: 1, most: 10 });
  await assert.rejects(batches.get(1), /0 values for 1 keys/);
});
