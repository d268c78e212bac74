import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { InfrastructureError } from '../lib/errors.ts';
import { silentLogger } from '../lib/logger.ts';
import { synthesizerOf } from '../speech/synthesizer.ts';
import { openSpeakers } from './speech.ts';

describe('openSpeakers', async () => {
  const speakers = await openSpeakers({ googleSpeech: null }, silentLogger());
  after(() => speakers.close());
  const espeak = synthesizerOf(speakers.synthesizers, 'espeak');
  const { signal } = new AbortController();

  const speak = (lan: string, text: string) => {
    const voice = espeak.voiceFor({ lan, ssmlGender: null, accent: null })?.voice ?? '';
    return espeak.synthesize({ voice, text, speakingRate: 1 }, signal);
  };

  for (const [lan, text] of [
    ['EN', 'Your parcel arrives today between nine and eleven.'],
    ['CN', '您的包裹今天上午送达。'],
    ['FR', 'Bonjour.'],
  ] as const) {
    it(`speaks ${lan} as loud as an upload is, without silence at the end`, async () => {
      const { pcm, sampleRate, sound } = await speak(lan, text);
      assert.ok(Math.abs((sound?.loudnessAfter ?? 0) + 19) <= 0.5, `${sound?.loudnessAfter} LUFS`);
      assert.ok((sound?.waveform.length ?? 0) > 0);
      const lastTenth = pcm.subarray(-sampleRate / 10);
      assert.ok(lastTenth.some((sample) => Math.abs(sample) > 100));
    });
  }

  it('keeps a pause that was asked for', async () => {
    const { pcm, sampleRate } = await speak('EN', '<speak>Press one.<break time="2s"/></speak>');
    assert.ok(pcm.subarray(-1.5 * sampleRate).every((sample) => Math.abs(sample) < 100));
  });

  it('fails for good where nothing is to be heard', async () => {
    await assert.rejects(
      speak('EN', '<speak><break time="1s"/></speak>'),
      (error) => error instanceof InfrastructureError && !error.retryable,
    );
  });
});
