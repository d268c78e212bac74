import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createG711Codec } from '../audio/g711.ts';
import { G722Decoder } from '../audio/g722.ts';
import { encodePrompt } from './encode-prompt.ts';
import { Silence } from './silence.ts';

const g711 = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };

describe('encodePrompt', () => {
  it('begins and loops in G.722 without a burst of noise, also where it begins and ends loud', async () => {
    for (const frequencyHz of [300, 1000, 3100]) {
      const step = (2 * Math.PI * frequencyHz) / 16_000;
      const pcm = Int16Array.from({ length: 16_000 }, (_, index) => 12_000 * Math.cos(index * step));
      const { G722 } = await encodePrompt({ type: 'pcm', pcm, sampleRate: 16_000 }, ['G722'], g711);
      const codes = G722?.bytes ?? assert.fail('not encoded');
      const silence = new Silence(g711).payload('G722');
      const stream = Buffer.concat([...Array(20).fill(silence), codes, codes, codes]);
      const heard = new Int16Array(stream.length * 2);
      new G722Decoder().decode(stream, heard);
      const peak = heard.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      // The sudden end rings a little; a burst would clip.
      assert.ok(peak > 11_000 && peak < 16_000, `${frequencyHz} Hz: ${peak}`);
    }
  });
});
