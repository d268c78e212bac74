import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import { InfrastructureError } from '../lib/errors.ts';
import { Lookahead } from './lookahead.ts';

type Pending = { readonly name: string; readonly signal: AbortSignal; resolve(): void; reject(error: Error): void };

/** A list of `count` callees whose prompts are made by hand. */
function bench(count: number, depth = 8, concurrency = 2) {
  const clock = new FakeClock();
  const pending: Pending[] = [];
  const made: string[] = [];
  const released: string[] = [];
  const reads: [number, number][] = [];
  const lookahead = new Lookahead({
    clock,
    depth,
    concurrency,
    read: async (fromSeq, max) => {
      reads.push([fromSeq, max]);
      const last = Math.min(count, fromSeq + max - 1);
      return Array.from({ length: Math.max(0, last - fromSeq + 1) }, (_, index) => ({
        seq: fromSeq + index,
        variables: [`n${fromSeq + index}`],
      }));
    },
    make: (variables, signal) =>
      new Promise((resolve, reject) => {
        const name = variables?.[0] ?? '';
        made.push(name);
        pending.push({
          name,
          signal,
          resolve: () => resolve({ promptKey: name, release: () => released.push(name) }),
          reject,
        });
      }),
  });
  const finishOne = async (error?: Error): Promise<void> => {
    const next = pending.shift();
    assert.ok(next, 'nothing is being made');
    if (error) next.reject(error);
    else next.resolve();
    await settled();
  };
  return { clock, lookahead, pending, made, released, reads, finishOne };
}

test('lookahead: makes the next callees in order, so many at a time, and says how many are ready', async () => {
  const { lookahead, pending, made, finishOne, reads } = bench(100);
  lookahead.advance(1);
  await settled();
  assert.deepEqual(reads, [[1, 8]]);
  assert.deepEqual([pending.length, lookahead.readyCount(1)], [2, 0]);
  await finishOne();
  assert.deepEqual([made, lookahead.readyCount(1)], [['n1', 'n2', 'n3'], 1]);
  for (let left = 7; left > 0; left -= 1) await finishOne();
  assert.deepEqual([made.length, lookahead.readyCount(1)], [8, 8]);
});

test('lookahead: one that is not ready hides those behind it', async () => {
  const { lookahead, pending } = bench(100);
  lookahead.advance(1);
  await settled();
  pending[1]?.resolve();
  await settled();
  assert.deepEqual([lookahead.readyCount(1), lookahead.readyCount(2)], [0, 1]);
});

test('lookahead: the window moves with the cursor; what others claimed is given back', async () => {
  const { lookahead, finishOne, released, reads } = bench(100);
  lookahead.advance(1);
  await settled();
  for (let left = 8; left > 0; left -= 1) await finishOne();
  assert.equal((await lookahead.take(1, null)).promptKey, 'n1');
  lookahead.advance(4);
  await settled();
  assert.deepEqual(released, ['n2', 'n3']);
  assert.deepEqual(reads.at(-1), [9, 3]);
  assert.equal(lookahead.readyCount(4), 5);
});

test('lookahead: the end of the list is the end', async () => {
  const { lookahead, finishOne, pending } = bench(3);
  lookahead.advance(1);
  await settled();
  for (let left = 3; left > 0; left -= 1) await finishOne();
  assert.deepEqual([lookahead.readyCount(1), pending.length], [3, 0]);
});

test('lookahead: a callee that it did not expect is made at once', async () => {
  const { lookahead, pending } = bench(100);
  const prompt = lookahead.take(77, ['n77']);
  pending[0]?.resolve();
  assert.equal((await prompt).promptKey, 'n77');
});

test('lookahead: a failure that stays lets the callee through, with the failure', async () => {
  const { lookahead, finishOne } = bench(100);
  lookahead.advance(1);
  await settled();
  await finishOne(new Error('no voice'));
  assert.equal(lookahead.readyCount(1), 1);
  await assert.rejects(lookahead.take(1, null), /no voice/);
});

test('lookahead: a failure that may pass is tried again after a pause, and told meanwhile', async () => {
  const { lookahead, finishOne, clock, made, pending } = bench(100, 8, 1);
  lookahead.advance(1);
  await settled();
  await finishOne(new InfrastructureError('synthesizer restarting', { retryable: true }));
  assert.deepEqual([lookahead.readyCount(1), lookahead.trouble, pending.length], [0, 'synthesizer restarting', 0]);
  lookahead.advance(1);
  await settled();
  assert.equal(pending.length, 0);
  await clock.advance(2000);
  lookahead.advance(1);
  await settled();
  assert.deepEqual(made, ['n1', 'n1']);
  await finishOne();
  assert.deepEqual([lookahead.readyCount(1), lookahead.trouble], [1, null]);
});

test('lookahead: closing gives everything back and gives up what is being made', async () => {
  const { lookahead, finishOne, pending, released } = bench(100);
  lookahead.advance(1);
  await settled();
  await finishOne();
  lookahead.close();
  await settled();
  assert.deepEqual(released, ['n1']);
  assert.ok(pending.every(({ signal }) => signal.aborted));
  await finishOne();
  assert.deepEqual(released, ['n1', 'n2']);
});
