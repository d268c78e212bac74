import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AudioError, type AudioErrorReason } from './audio-error.ts';
import { decodeAudio as decodeInto } from './decode-audio.ts';
import { createG711Codec } from './g711.ts';
import { MonoSink } from './mono-sink.ts';
import { findTones, generateTones } from './tones.ts';

/** The sound of a file at its own rate, mixed to mono. */
async function decodeAudio(bytes: Uint8Array, name: string) {
  const sink = new MonoSink({ mix: 'mean', rateFor: (sampleRate) => sampleRate });
  try {
    const format = await decodeInto(bytes, name, sink);
    const { samples, sampleRate } = sink.finish();
    const pcm = Int16Array.from(samples, (sample) => Math.round(sample * (sample < 0 ? 32_768 : 32_767)));
    return { format, pcm, sampleRate, durationMs: Math.round((pcm.length * 1000) / sampleRate) };
  } finally {
    sink.close();
  }
}

type WavForm = {
  readonly tag: number;
  readonly bits: number;
  readonly channels: number;
  readonly sampleRate: number;
  /** Writes one sample, -32768 to 32767, at an offset. */
  readonly write: (out: DataView, offset: number, sample: number) => void;
};

const aLaw = createG711Codec('PCMA');
const uLaw = createG711Codec('PCMU');
const pcm16: WavForm = {
  tag: 1,
  bits: 16,
  channels: 1,
  sampleRate: 8000,
  write: (out, at, s) => out.setInt16(at, s, true),
};

const forms: readonly (readonly [string, WavForm])[] = [
  ['16 bit mono', pcm16],
  ['16 bit stereo 44.1 kHz', { ...pcm16, channels: 2, sampleRate: 44_100 }],
  ['16 bit, 6 channels, 48 kHz', { ...pcm16, channels: 6, sampleRate: 48_000 }],
  ['8 bit', { ...pcm16, bits: 8, write: (out, at, s) => out.setUint8(at, (s >> 8) + 128) }],
  [
    '24 bit stereo',
    {
      ...pcm16,
      bits: 24,
      channels: 2,
      write: (out, at, s) => {
        out.setUint8(at, 0);
        out.setInt16(at + 1, s, true);
      },
    },
  ],
  ['32 bit', { ...pcm16, bits: 32, write: (out, at, s) => out.setInt32(at, s * 65_536, true) }],
  ['float', { ...pcm16, tag: 3, bits: 32, write: (out, at, s) => out.setFloat32(at, s / 32_768, true) }],
  ['double', { ...pcm16, tag: 3, bits: 64, write: (out, at, s) => out.setFloat64(at, s / 32_768, true) }],
  ['A-law', { ...pcm16, tag: 6, bits: 8, write: (out, at, s) => out.setUint8(at, aLaw.encodeSample(s)) }],
  ['u-law', { ...pcm16, tag: 7, bits: 8, write: (out, at, s) => out.setUint8(at, uLaw.encodeSample(s)) }],
];

function chunk(id: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

function formatChunk({ tag, bits, channels, sampleRate }: WavForm, isExtensible = false): Buffer {
  const format = Buffer.alloc(isExtensible ? 40 : 16);
  const blockBytes = (channels * bits) / 8;
  format.writeUInt16LE(isExtensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE(sampleRate * blockBytes, 8);
  format.writeUInt16LE(blockBytes, 12);
  format.writeUInt16LE(bits, 14);
  if (isExtensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(tag, 24);
  }
  return chunk('fmt ', format);
}

function dataOf(form: WavForm, pcm: Int16Array): Buffer {
  const bytes = form.bits / 8;
  const data = Buffer.alloc(pcm.length * form.channels * bytes);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  pcm.forEach((sample, frame) => {
    for (let channel = 0; channel < form.channels; channel += 1) {
      form.write(view, (frame * form.channels + channel) * bytes, sample);
    }
  });
  return data;
}

function riff(...chunks: Buffer[]): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

const melody = (sampleRate: number) =>
  generateTones(
    [
      { frequencyHz: 440, durationMs: 200 },
      { frequencyHz: 900, durationMs: 120 },
    ],
    sampleRate,
  );

function refused(bytes: Uint8Array, name: string, reason: AudioErrorReason): Promise<void> {
  return assert.rejects(decodeAudio(bytes, name), (error) => error instanceof AudioError && error.reason === reason);
}

describe('decodeAudio of wav', () => {
  for (const [name, form] of forms) {
    it(`decodes ${name}`, async () => {
      const source = melody(form.sampleRate);
      const file = riff(formatChunk(form), chunk('data', dataOf(form, source)));
      // The name is wrong on purpose: the content decides.
      const audio = await decodeAudio(file, 'voice.mp3');
      assert.equal(audio.sampleRate, form.sampleRate);
      assert.equal(audio.pcm.length, source.length);
      assert.equal(audio.durationMs, 320);
      const error = source.reduce(
        (most, sample, index) => Math.max(most, Math.abs(sample - (audio.pcm[index] ?? 0))),
        0,
      );
      assert.ok(error <= (form.bits === 8 ? 520 : 1), `largest error ${error}`);
      const tones = findTones(audio.pcm, { sampleRate: form.sampleRate, frequenciesHz: [440, 900] });
      assert.deepEqual(
        tones.map((tone) => tone.frequencyHz),
        [440, 900],
      );
    });
  }

  it('mixes channels by their mean', async () => {
    const data = Buffer.alloc(8);
    for (const [index, sample] of [1000, 3000, -2000, 2000].entries()) data.writeInt16LE(sample, index * 2);
    const audio = await decodeAudio(riff(formatChunk({ ...pcm16, channels: 2 }), chunk('data', data)), 'a.wav');
    assert.deepEqual([...audio.pcm], [2000, 0]);
  });

  it('reads extensible files, odd chunks with and without padding, an unset data size and a file that is cut off', async () => {
    const source = melody(8000);
    const data = chunk('data', dataOf(pcm16, source));
    const odd = chunk('LIST', Buffer.from('odd'));
    const unset = Buffer.from(data);
    unset.writeUInt32LE(0xffffffff, 4);
    const good = [
      riff(formatChunk(pcm16, true), data),
      riff(odd, formatChunk(pcm16), odd, data),
      riff(odd.subarray(0, -1), formatChunk(pcm16), data),
      riff(formatChunk(pcm16), unset),
    ];
    for (const file of good) assert.deepEqual((await decodeAudio(file, 'a.wav')).pcm, source);
    const cut = riff(formatChunk(pcm16), data).subarray(0, 44 + 1001);
    assert.equal((await decodeAudio(cut, 'a.wav')).pcm.length, 500);
  });

  it('refuses with a reason', async () => {
    await refused(new Uint8Array(0), 'a.wav', 'empty');
    await refused(riff(formatChunk(pcm16), chunk('data', Buffer.alloc(0))), 'a.wav', 'no-samples');
    await refused(riff(formatChunk(pcm16)), 'a.wav', 'no-samples');
    await refused(riff(chunk('data', Buffer.alloc(100))), 'a.wav', 'not-decodable');
    await refused(
      riff(formatChunk({ ...pcm16, channels: 0 }), chunk('data', Buffer.alloc(100))),
      'a.wav',
      'not-decodable',
    );
    await refused(
      riff(formatChunk({ ...pcm16, tag: 0x31 }), chunk('data', Buffer.alloc(100))),
      'a.wav',
      'not-decodable',
    );
    const tenMinutes = Buffer.alloc(600 * 8000 + 1, 0xd5);
    const long = riff(formatChunk({ ...pcm16, tag: 6, bits: 8 }), chunk('data', tenMinutes));
    await refused(long, 'a.wav', 'too-long');
    await refused(Buffer.from('<html>not found</html>'), 'a.wav', 'not-decodable');
  });

  it('meets any damage with audio or an AudioError', async () => {
    const file = riff(formatChunk(pcm16, true), chunk('data', dataOf(pcm16, melody(8000).subarray(0, 500))));
    const adpcm = riff(formatChunk({ ...pcm16, tag: 0x11, bits: 4 }), chunk('data', Buffer.alloc(600, 7)));
    const damage = fc.array(fc.tuple(fc.nat({ max: 90 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(file, adpcm), damage, async (original, changes) => {
        const damaged = Buffer.from(original);
        for (const [offset, value] of changes) damaged[offset] = value;
        await decodeAudio(damaged, 'a.wav').then(
          (audio) => assert.ok(audio.pcm.length > 0),
          (error) => assert.ok(error instanceof AudioError, String(error)),
        );
      }),
      { numRuns: 400 },
    );
  });
});

describe('decodeAudio of mp3', () => {
  const file = readFileSync(new URL('../../../test/fixtures/tone-440hz-1s.mp3', import.meta.url));

  const onlyTone = async (bytes: Uint8Array): Promise<number> => {
    const audio = await decodeAudio(bytes, 'x');
    const tones = findTones(audio.pcm, { sampleRate: audio.sampleRate, frequenciesHz: [440, 880] });
    assert.deepEqual(
      tones.map((tone) => tone.frequencyHz),
      [440],
    );
    assert.equal(audio.sampleRate, 16_000);
    return tones[0]?.durationMs ?? 0;
  };

  it('decodes a tone', async () => {
    const durationMs = await onlyTone(file);
    assert.ok(durationMs >= 920 && durationMs <= 1000, `${durationMs}`);
  });

  it('skips an ID3 tag and leading zeros', async () => {
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x02\0', 'latin1'), Buffer.alloc(256, 0xff)]);
    await onlyTone(Buffer.concat([tag, file]));
    await onlyTone(Buffer.concat([Buffer.alloc(1000), file]));
  });

  it('decodes what there is of a file that is cut off', async () => {
    const durationMs = await onlyTone(file.subarray(0, 2200));
    assert.ok(durationMs >= 320 && durationMs <= 480, `${durationMs}`);
  });
});
