import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { FakeEngine } from '../../test/support/fake-engine.ts';
import { PromptShelf } from './prompt-shelf.ts';

function bench() {
  const clock = new FakeClock();
  const engine = new FakeEngine({ clock, behave: () => ({}) });
  const reads: number[] = [];
  let failure: Error | null = null;
  const shelf = new PromptShelf({
    engine,
    clock,
    idleMs: 1000,
    read: async (promptId) => {
      reads.push(promptId);
      if (failure) throw failure;
      return { promptKey: `p${promptId}`, pcm: new Int16Array(1), sampleRate: 8000 };
    },
  });
  const failWith = (error: Error | null): void => {
    failure = error;
  };
  return { clock, engine, reads, shelf, failWith };
}

test('prompt shelf: loads once for many, and unloads some time after the last', async () => {
  const { clock, engine, reads, shelf } = bench();
  const [a, b] = await Promise.all([shelf.acquire(1), shelf.acquire(1)]);
  assert.deepEqual([reads, [...engine.prompts.keys()], a.promptKey], [[1], ['p1'], 'p1']);
  a.release();
  a.release();
  await clock.advance(5000);
  assert.deepEqual(engine.unloaded, [], 'the other one still holds it');
  b.release();
  await clock.advance(999);
  assert.deepEqual(engine.unloaded, []);
  await clock.advance(1);
  assert.deepEqual(engine.unloaded, ['p1']);
});

test('prompt shelf: one that is wanted again in time stays', async () => {
  const { clock, engine, reads, shelf } = bench();
  (await shelf.acquire(1)).release();
  await clock.advance(500);
  const again = await shelf.acquire(1);
  await clock.advance(5000);
  assert.deepEqual([reads, engine.unloaded], [[1], []]);
  again.release();
  shelf.close();
  assert.equal(clock.pendingTimers, 0);
});

test('prompt shelf: a failed load is not remembered', async () => {
  const { reads, shelf, failWith } = bench();
  failWith(new Error('connection lost'));
  await assert.rejects(shelf.acquire(1), /connection lost/);
  failWith(null);
  assert.equal((await shelf.acquire(1)).promptKey, 'p1');
  assert.deepEqual(reads, [1, 1]);
});
