import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { NameResolver } from './guarded-lookup.ts';
import { createSharedLookup } from './shared-lookup.ts';

/** Names are answered when they are told to. */
function startLookup() {
  const clock = new FakeClock();
  const open = new Map<string, Parameters<NameResolver>[2]>();
  const asked: string[] = [];
  const answers: string[] = [];
  const shared = createSharedLookup({
    clock,
    resolve: (hostname, _options, callback) => {
      asked.push(hostname);
      open.set(hostname, callback);
    },
  });
  return {
    clock,
    asked,
    answers,
    ask: (hostname: string) =>
      shared(hostname, { all: true }, (error, found) =>
        answers.push(`${hostname} ${error?.code ?? found.map(({ address }) => address).join()}`),
      ),
    answer: (hostname: string, error: NodeJS.ErrnoException | null = null) =>
      open.get(hostname)?.(error, error === null ? [{ address: '192.0.2.1', family: 4 }] : []),
  };
}

test('lookup: who asks for the same name meanwhile gets the same answer, and who asks later another one', () => {
  const { ask, answer, asked, answers } = startLookup();
  for (let nth = 0; nth < 4; nth++) ask('a.example');
  assert.deepEqual(asked, ['a.example']);
  answer('a.example');
  assert.deepEqual(answers, Array(4).fill('a.example 192.0.2.1'));
  ask('a.example');
  assert.deepEqual(asked, ['a.example', 'a.example']);
  answer('a.example', Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
  assert.equal(answers.at(-1), 'a.example ENOTFOUND');
});

test('lookup: three names at a time, in the order in which they came', () => {
  const { ask, answer, asked } = startLookup();
  for (const name of ['a', 'b', 'c', 'd', 'e', 'd']) ask(name);
  assert.deepEqual(asked, ['a', 'b', 'c']);
  answer('b');
  assert.deepEqual(asked, ['a', 'b', 'c', 'd']);
});

test('lookup: names that were slow wait for each other, and nobody else for them', async () => {
  const { ask, answer, asked, clock } = startLookup();
  const slow = ['s1', 's2', 's3'];
  for (const name of slow) ask(name);
  await clock.advance(1001);
  for (const name of slow) answer(name);
  asked.length = 0;
  for (const name of slow) ask(name);
  ask('quick');
  assert.deepEqual(asked, ['s1', 'quick']);
  answer('quick');
  ask('other');
  assert.deepEqual(asked, ['s1', 'quick', 'other']);
  // One that has become quick is like all others again.
  answer('s1');
  assert.deepEqual(asked.slice(3), ['s2']);
  ask('s1');
  assert.deepEqual(asked.slice(4), ['s1']);
});
