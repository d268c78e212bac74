import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AudioError, type AudioErrorReason } from './audio-error.ts';
import { decodeAudio } from './decode-audio.ts';
import { meanPower } from './goertzel.ts';
import { MonoSink } from './mono-sink.ts';
import { readMp4Track } from './mp4-track.ts';
import { readOggPackets, readOggPages } from './ogg-pages.ts';
import type { AudioFormat } from './sniff-audio.ts';
import { findTones } from './tones.ts';

const frequenciesHz = [440, 900, 1800, 3200];

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../test/fixtures/audio/${name}`, import.meta.url));
}

/** Decoded as an upload is: mono, 16 kHz. */
async function decode(bytes: Uint8Array, name: string) {
  const sink = new MonoSink({ mix: 'mean', rateFor: () => 16_000 });
  try {
    const format = await decodeAudio(bytes, name, sink);
    const { samples, sampleRate } = sink.finish();
    return { format, pcm: Int16Array.from(samples, (sample) => Math.round(sample * 32_767)), sampleRate };
  } finally {
    sink.close();
  }
}

const refused = (reason: AudioErrorReason, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AudioError, String(error));
  assert.equal(error.reason, reason);
  assert.match(error.message, message);
  return true;
};

const files: readonly (readonly [name: string, format: AudioFormat])[] = [
  ['melody.mp3', 'mp3'],
  ['melody.m4a', 'm4a'],
  ['melody-faststart.m4a', 'm4a'],
  ['melody-fragmented.m4a', 'm4a'],
  ['melody-alac.m4a', 'm4a'],
  ['melody.aac', 'aac'],
  ['melody-vorbis.ogg', 'ogg'],
  ['melody.opus', 'ogg'],
  ['melody-flac.ogg', 'ogg'],
  ['melody.flac', 'flac'],
  ['melody-24bit.flac', 'flac'],
];

describe('decodeAudio', () => {
  for (const [name, format] of files) {
    it(`decodes ${name}: tones, times, levels, and nothing else`, async () => {
      // The name is wrong on purpose: the content decides.
      const audio = await decode(fixture(name), 'voice.wav');
      assert.equal(audio.format, format);
      const seconds = audio.pcm.length / audio.sampleRate;
      assert.ok(Math.abs(seconds - 1.6) < 0.03, `${seconds} s`);
      const tones = findTones(audio.pcm, { sampleRate: audio.sampleRate, frequenciesHz });
      assert.deepEqual(
        tones.map(({ frequencyHz, startMs, durationMs }) => [frequencyHz, startMs, durationMs]),
        frequenciesHz.map((frequencyHz, index) => [frequencyHz, 200 + index * 320, 320]),
      );
      // 0.4 on the left and 0.2 on the right are 0.3 together, at every pitch.
      for (const { startMs } of tones) {
        const start = ((startMs + 80) * audio.sampleRate) / 1000;
        const level = Math.sqrt(meanPower(audio.pcm.subarray(start, start + 2560)));
        assert.ok(level > 0.27 && level < 0.33, `level ${level} at ${startMs} ms`);
      }
    });
  }

  it('begins and ends with the sound: an encoder adds to both ends, a container says what', async () => {
    for (const name of ['melody.m4a', 'melody.opus', 'melody-vorbis.ogg', 'melody.flac']) {
      assert.equal((await decode(fixture(name), name)).pcm.length, 25_600, name);
    }
  });

  it('says what a file is that it does not decode', async () => {
    const text = (content: string): Buffer => Buffer.from(content, 'latin1');
    await assert.rejects(decode(text('#!AMR\nabc'), 'a.amr'), refused('unsupported-format', /content is AMR/));
    await assert.rejects(decode(text('\x1aE\xdf\xa3 webm'), 'a.webm'), refused('unsupported-format', /WebM/));
    await assert.rejects(decode(text('<html>'), 'a.m4a'), refused('not-decodable', /name says m4a, but .* none of/));
    await assert.rejects(decode(text('OggS and so on'), 'a.ogg'), refused('unsupported-format', /content it is ogg/));
    await assert.rejects(decode(text('fLaC and so on'), 'a.ogg'), refused('not-decodable', /content it is flac/));
    await assert.rejects(decode(text('\0\0\0\x20ftypM4A '), 'a.m4a'), refused('not-decodable', /no index.*is m4a/));
  });

  it('names the codec of an MP4 file that it does not decode', async () => {
    const bytes = fixture('melody.m4a');
    bytes.write('ac-3', bytes.indexOf('mp4a'), 'latin1');
    await assert.rejects(decode(bytes, 'a.m4a'), refused('unsupported-format', /no sound in AAC or ALAC, but ac-3/));
  });

  it('believes a file that says that it is too long, before it decodes it', async () => {
    const m4a = fixture('melody.m4a');
    // Version and flags, two times, the time scale, and then the duration.
    m4a.writeUInt32BE(48_000 * 601, m4a.indexOf('mdhd') + 4 + 16);
    const flac = fixture('melody.flac');
    flac.writeUInt32BE(48_000 * 601, 8 + 14);
    const opus = fixture('melody.opus');
    opus.writeBigInt64LE(48_000n * 601n, opus.lastIndexOf('OggS') + 6);
    for (const bytes of [m4a, flac, opus]) await assert.rejects(decode(bytes, 'a'), refused('too-long', /10 minutes/));
  });
});

/** A file with some bytes changed, or cut off. */
const damaged = (original: Buffer) =>
  fc
    .record({
      changes: fc.array(fc.tuple(fc.nat({ max: original.length - 1 }), fc.nat({ max: 255 })), { maxLength: 20 }),
      head: fc.array(fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 255 })), { maxLength: 3 }),
      length: fc.oneof(fc.constant(original.length), fc.nat({ max: original.length })),
    })
    .map(({ changes, head, length }) => {
      const bytes = Buffer.from(original);
      for (const [offset, value] of [...changes, ...head]) bytes[offset] = value;
      return bytes.subarray(0, length);
    });

describe('decodeAudio of damaged files', () => {
  for (const name of ['melody.mp3', 'melody-vorbis.ogg', 'melody.opus', 'melody-flac.ogg', 'melody-24bit.flac']) {
    it(`meets any damage of ${name} with audio or an AudioError`, async () => {
      await fc.assert(
        fc.asyncProperty(damaged(fixture(name)), (bytes) =>
          decode(bytes, name).then(
            ({ pcm }) => assert.ok(pcm.length > 0),
            (error) => assert.ok(error instanceof AudioError, String(error?.stack)),
          ),
        ),
        { numRuns: 40 },
      );
    });
  }

  for (const [name, numRuns] of [
    ['melody.aac', 4],
    ['melody-alac.m4a', 4],
    ['melody.m4a', 4],
  ] as const) {
    // A process each time: few.
    it(`meets damage of ${name} with audio or an AudioError`, async () => {
      await fc.assert(
        fc.asyncProperty(damaged(fixture(name)), (bytes) =>
          decode(bytes, name).then(
            ({ pcm }) => assert.ok(pcm.length > 0),
            (error) => assert.ok(error instanceof AudioError, String(error?.stack)),
          ),
        ),
        { numRuns },
      );
    });
  }

  it('walks any MP4 and any Ogg to its end, and hands out nothing that is not in the file', () => {
    for (const name of ['melody.m4a', 'melody-fragmented.m4a', 'melody-faststart.m4a', 'melody.opus']) {
      fc.assert(
        fc.property(damaged(fixture(name)), (bytes) => {
          const pages = [...readOggPages(bytes)];
          for (const { start, end } of pages) assert.ok(start < end && end <= bytes.length);
          for (const { serial } of pages.slice(0, 1)) {
            for (const packet of readOggPackets({ bytes, serial })) assert.ok(packet.length <= bytes.length);
          }
          let frameBytes = 0;
          try {
            for (const frame of readMp4Track(bytes).frames) frameBytes += frame.length;
          } catch (error) {
            assert.ok(error instanceof AudioError, String(error));
          }
          assert.ok(frameBytes <= bytes.length * 300);
        }),
        { numRuns: 150 },
      );
    }
  });
});
