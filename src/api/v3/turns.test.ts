import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('so many at a time by key, the others in their order', async () => {
  const turns = new Turns<string>(2);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1']) {
    void turns.take(name.slice(0, 1), new AbortController().signal).then((end) => {
      begun.push(name);
      ends.push(end);
    });
  }
  await turn();
  assert.deepEqual(begun, ['a1', 'a2', 'b1']);
  ends[1]?.();
  ends[1]?.();
  await turn();
  assert.deepEqual(begun, ['a1', 'a2', 'b1', 'a3']);
  ends[0]?.();
  await turn();
  assert.deepEqual(begun.at(-1), 'a4');
});

test('who leaves, waiting or not, makes room once', async () => {
  const turns = new Turns<string>(1);
  const [first, second] = [new AbortController(), new AbortController()];
  const begun: number[] = [];
  const endFirst = await turns.take('a', first.signal);
  void turns.take('a', second.signal).then(() => begun.push(2));
  void turns.take('a', new AbortController().signal).then(() => begun.push(3));
  second.abort();
  await turn();
  assert.deepEqual(begun, [2], 'it is let go, but has no turn');
  first.abort();
  endFirst();
  await turn();
  assert.deepEqual(begun, [2, 3]);
  void turns.take('a', new AbortController().signal).then(() => begun.push(4));
  await turn();
  assert.deepEqual(begun, [2, 3], 'the third still has its turn');
});
