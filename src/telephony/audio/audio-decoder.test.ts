import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { InfrastructureError } from '../../lib/errors.ts';
import { type AudioFile, createAudioDecoder } from './audio-decoder.ts';
import { AudioError } from './audio-error.ts';
import { findTones } from './tones.ts';

const mp3 = readFileSync(new URL('../../../test/fixtures/tone-440hz-1s.mp3', import.meta.url));

const fileOf = (bytes: Uint8Array, name: string): AudioFile => ({
  ...{ name, bytes, normalizeLoudness: true, trimSilence: true },
});

describe('createAudioDecoder', () => {
  const decoder = createAudioDecoder({ capacity: 2 });
  after(() => decoder.close());

  it('decodes to 16 kHz on its worker, and leaves the input alone', async () => {
    const bytes = new Uint8Array(mp3);
    const audio = await decoder.decode(fileOf(bytes, 'tone.mp3'));
    assert.equal(audio.sampleRate, 16_000);
    assert.equal(bytes.length, mp3.length);
    assert.equal(findTones(audio.pcm, { sampleRate: 16_000, frequenciesHz: [440] }).length, 1);
  });

  it('passes an AudioError on', async () => {
    await assert.rejects(
      decoder.decode(fileOf(Buffer.from('nothing'), 'tone.mp3')),
      (error) => error instanceof AudioError && error.reason === 'not-decodable' && /name says mp3/.test(error.message),
    );
  });

  it('refuses retryably when full, drops what was aborted, and goes on', async () => {
    const aborted = new AbortController();
    const working = decoder.decode(fileOf(mp3, 'a.mp3'));
    const waiting = decoder.decode(fileOf(mp3, 'b.mp3'), aborted.signal);
    const last = decoder.decode(fileOf(mp3, 'c.mp3'));
    const tooMany = decoder.decode(fileOf(mp3, 'd.mp3'));
    aborted.abort(new Error('not wanted any more'));
    await assert.rejects(tooMany, (error) => error instanceof InfrastructureError && error.retryable);
    await assert.rejects(waiting, /not wanted any more/);
    assert.equal((await working).sampleRate, 16_000);
    assert.equal((await last).sampleRate, 16_000);
  });

  it('ends the work under way on abort, and works again afterwards', async () => {
    const aborted = new AbortController();
    const working = decoder.decode(fileOf(mp3, 'a.mp3'), aborted.signal);
    const next = decoder.decode(fileOf(mp3, 'b.mp3'));
    aborted.abort(new Error('stop'));
    await assert.rejects(working, /stop/);
    assert.equal((await next).sampleRate, 16_000);
    await assert.rejects(decoder.decode(fileOf(mp3, 'c.mp3'), aborted.signal), /stop/);
  });

  it('rejects what is left when closed', async () => {
    const closing = createAudioDecoder();
    const working = closing.decode(fileOf(mp3, 'a.mp3'));
    await Promise.all([assert.rejects(working, /closed/), closing.close()]);
    await assert.rejects(closing.decode(fileOf(mp3, 'b.mp3')), /closed/);
  });
});
