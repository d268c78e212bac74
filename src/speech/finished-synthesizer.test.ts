import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFinishedSynthesizer } from './finished-synthesizer.ts';
import type { SpeechAudio, Synthesizer } from './synthesizer.ts';

const spoken: SpeechAudio = { pcm: Int16Array.of(1, 2), sampleRate: 22_050 };
const request = { voice: 'v', text: 'hello', speakingRate: 1 };
const { signal } = new AbortController();

let isClosed = false;
const synthesizer: Synthesizer = {
  name: 'speaker/1',
  voiceFor: ({ lan }) => (lan === 'EN' ? { voice: 'v', note: null } : null),
  synthesize: async (asked) => (asked === request ? spoken : { ...spoken, pcm: new Int16Array(0) }),
  close: async () => {
    isClosed = true;
  },
};

test('what is spoken is finished, and has a name of its own', async () => {
  const finished = createFinishedSynthesizer(synthesizer, {
    finish: async ({ pcm, sampleRate }) => ({ pcm: pcm.map((sample) => sample * 2), sampleRate }),
  });
  assert.deepEqual(await finished.synthesize(request, signal), { pcm: Int16Array.of(2, 4), sampleRate: 22_050 });
  assert.notEqual(finished.name, synthesizer.name);
  assert.ok(finished.name.startsWith('speaker/1'));
  assert.deepEqual(finished.voiceFor({ lan: 'EN', ssmlGender: null, accent: null }), { voice: 'v', note: null });
  assert.equal(finished.voiceFor({ lan: 'XX', ssmlGender: null, accent: null }), null);
  await finished.close();
  assert.equal(isClosed, true);
});

test('what cannot be finished fails as the finisher says', async () => {
  const finished = createFinishedSynthesizer(synthesizer, { finish: () => Promise.reject(new Error('no sound')) });
  await assert.rejects(finished.synthesize(request, signal), /no sound/);
});
