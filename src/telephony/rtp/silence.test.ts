import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { createG711Codec } from '../audio/g711.ts';
import { G722Decoder, G722Encoder } from '../audio/g722.ts';
import { generateTones } from '../audio/tones.ts';
import type { PromptEncoding } from './prompt-encoding.ts';
import { createThreadCodecs } from './received-codecs.ts';
import { Silence } from './silence.ts';

const g711 = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };
const codecs = createThreadCodecs(g711);

const encodings: readonly (readonly [PromptEncoding, keyof typeof codecs, samples: number])[] = [
  ['PCMA', 'PCMA', 480],
  ['PCMU', 'PCMU', 480],
  ['G722', 'G722', 480],
  ['opus-10', 'opus', 80],
  ['opus-20', 'opus', 160],
  ['opus-40', 'opus', 320],
  ['opus-60', 'opus', 480],
];

describe('the silence that is sent', () => {
  it('comes within 20 ms after a loud tone in G722', () => {
    const decoder = new G722Decoder();
    const codes = new Uint8Array(1600);
    new G722Encoder().encode(
      generateTones([{ frequencyHz: 1000, durationMs: 300, level: 0.9 }], 16_000).subarray(0, 3200),
      codes,
    );
    const pcm = new Int16Array(3200);
    decoder.decode(codes, pcm);
    assert.ok(Math.max(...pcm) > 25_000);
    const silence = new Silence(g711).payload('G722').subarray(0, 160);
    decoder.decode(silence, pcm);
    decoder.decode(silence, pcm);
    assert.ok(pcm.subarray(0, 320).every((sample) => Math.abs(sample) < 100));
  });

  for (const [encoding, codec, samples] of encodings) {
    it(`is silence, and a packet's worth, in ${encoding}`, async () => {
      const payload = new Silence(g711).payload(encoding);
      const decoder = codecs[codec].createDecoder();
      const pcm = new Int16Array(480);
      await until(() => decoder.decode(payload, pcm) > 0, { what: 'the library', timeoutMs: 10_000 });
      for (let packet = 0; packet < 100; packet += 1) {
        assert.equal(decoder.decode(payload, pcm), samples);
        // A-law has no zero.
        assert.ok(pcm.every((sample) => Math.abs(sample) <= 8));
      }
      decoder.close();
    });
  }
});
