import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createG711Codec } from '../audio/g711.ts';
import { G722Decoder } from '../audio/g722.ts';
import { goertzelPower, meanPower } from '../audio/goertzel.ts';
import { generateTones } from '../audio/tones.ts';
import { PromptStore } from './prompt-store.ts';

const stores: PromptStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

/** `told`: what media threads hear, `+` an encoding, `-` an unload. */
function setUp() {
  const told: string[] = [];
  const store = new PromptStore({
    onLoaded: ({ promptKey, codes }) => told.push(`${promptKey} +${Object.keys(codes).join()}`),
    onUnloaded: (promptKey) => told.push(`${promptKey} -`),
  });
  stores.push(store);
  return { store, told };
}

const high = {
  promptKey: 'p',
  pcm: generateTones([{ frequencyHz: 5000, durationMs: 400 }], 16_000),
  sampleRate: 16_000,
};
const lowTone = { ...high, pcm: generateTones([{ frequencyHz: 1000, durationMs: 400 }], 16_000) };

describe('PromptStore', () => {
  it('encodes in G.711 only, until other codecs are expected', async () => {
    const { store, told } = setUp();
    await store.load(high);
    store.expect(['PCMU', 'G722', 'opus']);
    await store.load({ ...high, promptKey: 'q' });
    assert.deepEqual(told, ['p +PCMA,PCMU', 'q +PCMA,PCMU,G722,opus-20']);
    const [, { codes } = assert.fail()] = [...store.loaded];
    assert.equal(codes.PCMA?.bytes.length, 3200);
    assert.equal(codes.G722?.bytes.length, 3200 + 800);
    assert.equal(codes['opus-20']?.frames?.offsets.length, 22);
    assert.equal(codes['opus-20']?.frames?.offsets.at(-1), codes['opus-20']?.bytes.length);
  });

  it('gives wideband codecs all of the sound, and G.711 what it can carry without aliases', async () => {
    const { store } = setUp();
    store.expect(['G722']);
    await store.load(high);
    const [{ codes } = assert.fail()] = [...store.loaded];
    const wide = new Int16Array(8000);
    new G722Decoder().decode(codes.G722?.bytes ?? assert.fail(), wide);
    assert.ok(goertzelPower(wide.subarray(1600, 4800), 16_000, 5000) > 0.95 * meanPower(wide.subarray(1600, 4800)));
    const narrow = new Int16Array(3200);
    createG711Codec('PCMA').decode(codes.PCMA?.bytes ?? assert.fail(), narrow);
    assert.ok(meanPower(narrow.subarray(800, 2400)) < 1e-4);
  });

  it('encodes in other ways when somebody needs them, once, also without the samples', async () => {
    const { store, told } = setUp();
    await store.load(lowTone);
    const wanted = store.want('p', 'G722');
    assert.equal(store.want('p', 'G722'), wanted);
    await wanted;
    assert.equal(store.want('p', 'G722'), null);
    assert.equal(store.want('nobody', 'G722'), null);
    assert.deepEqual(told, ['p +PCMA,PCMU', 'p +G722']);
    const [{ codes } = assert.fail()] = [...store.loaded];
    const pcm = new Int16Array(8000);
    new G722Decoder().decode(codes.G722?.bytes ?? assert.fail(), pcm);
    const heard = pcm.subarray(1600, 4800);
    assert.ok(goertzelPower(heard, 16_000, 1000) > 0.95 * meanPower(heard));
    assert.ok(Math.abs(meanPower(heard) - 0.25) < 0.03);
  });

  it('is not unloaded at the threads before those who wait for an encoding have it', async () => {
    const { store, told } = setUp();
    await store.load(lowTone);
    const wanted = store.want('p', 'opus-60');
    store.unload('p');
    assert.equal(store.has('p'), false);
    await wanted;
    assert.deepEqual(told, ['p +PCMA,PCMU', 'p +opus-60', 'p -']);
  });
});
