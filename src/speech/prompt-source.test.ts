import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { createPromptSource } from './prompt-source.ts';
import type { SpeechAudio, SynthesisRequest } from './synthesizer.ts';

const never = new AbortController().signal;
const hello: SynthesisRequest = { voice: 'v', text: 'hello', speakingRate: 1 };
const audio: SpeechAudio = { pcm: new Int16Array([1, 2, 3]), sampleRate: 22_050 };

type Pending = {
  readonly text: string;
  readonly signal: AbortSignal;
  readonly resolve: (audio: SpeechAudio) => void;
  readonly reject: (error: unknown) => void;
};

let rows: Map<string, number>;
let lookups: number;
let pending: Pending[];
const store = {
  findByKey: async (cacheKey: string) => {
    lookups += 1;
    return rows.get(cacheKey) ?? null;
  },
  store: async (prompt: { readonly cacheKey: string }) => {
    rows.set(prompt.cacheKey, rows.get(prompt.cacheKey) ?? rows.size + 1);
    return rows.get(prompt.cacheKey) ?? 0;
  },
};
const synthesizer = {
  name: 'fake',
  synthesize: (request: SynthesisRequest, signal: AbortSignal) =>
    new Promise<SpeechAudio>((resolve, reject) => {
      pending.push({ text: request.text, signal, resolve, reject });
      signal.addEventListener('abort', () => reject(signal.reason));
    }),
};
/** Lets everything that can go on without the synthesizer go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  rows = new Map();
  lookups = 0;
  pending = [];
});

test('the same text asked for at the same time is spoken and stored once', async () => {
  const source = createPromptSource({ store, synthesizer });
  const both = Promise.all([source.promptFor(hello, never), source.promptFor({ ...hello }, never)]);
  await settle();
  assert.equal(pending.length, 1);
  pending[0]?.resolve(audio);
  assert.deepEqual(await both, [
    { promptKey: '1', promptId: 1 },
    { promptKey: '1', promptId: 1 },
  ]);
  assert.equal(rows.size, 1);
});

test('a text known to the store is not spoken again, and one known here not even looked up', async () => {
  const first = createPromptSource({ store, synthesizer });
  const asked = first.promptFor(hello, never);
  await settle();
  pending[0]?.resolve(audio);
  await asked;
  const second = createPromptSource({ store, synthesizer });
  assert.deepEqual(await second.promptFor(hello, never), { promptKey: '1', promptId: 1 });
  await second.promptFor(hello, never);
  assert.equal(pending.length, 1);
  assert.equal(lookups, 2);
});

test('a failure reaches all who wait and is not remembered', async () => {
  const source = createPromptSource({ store, synthesizer });
  const failing = Promise.allSettled([source.promptFor(hello, never), source.promptFor(hello, never)]);
  await settle();
  pending[0]?.reject(new Error('hoarse'));
  assert.deepEqual(
    (await failing).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  const again = source.promptFor(hello, never);
  await settle();
  assert.equal(pending.length, 2);
  pending[1]?.resolve(audio);
  assert.equal((await again).promptId, 1);
});

test('one who aborts leaves the others waiting; the last one ends the synthesis', async () => {
  const source = createPromptSource({ store, synthesizer });
  const one = new AbortController();
  const other = new AbortController();
  const first = source.promptFor(hello, one.signal);
  const second = source.promptFor(hello, other.signal);
  await settle();
  one.abort(new Error('first left'));
  await assert.rejects(first, /first left/);
  assert.equal(pending[0]?.signal.aborted, false);
  other.abort(new Error('second left'));
  await assert.rejects(second, /second left/);
  assert.equal(pending[0]?.signal.aborted, true);
  const third = source.promptFor(hello, never);
  await settle();
  pending[1]?.resolve(audio);
  assert.equal((await third).promptId, 1);
});

test('only the most recently asked for are remembered', async () => {
  const source = createPromptSource({ store, synthesizer, maxRemembered: 2 });
  const ask = async (text: string): Promise<void> => {
    const asked = source.promptFor({ ...hello, text }, never);
    await settle();
    pending.find((entry) => entry.text === text)?.resolve(audio);
    await asked;
  };
  await ask('a');
  await ask('b');
  await ask('a');
  await ask('c');
  assert.equal(lookups, 3);
  await ask('a');
  assert.equal(lookups, 3, 'a was used after b');
  await ask('b');
  assert.equal(lookups, 4, 'b was forgotten for c');
});

test('an aborted signal asks for nothing', async () => {
  const source = createPromptSource({ store, synthesizer });
  await assert.rejects(source.promptFor(hello, AbortSignal.abort(new Error('gone'))), /gone/);
  assert.equal(lookups, 0);
});
