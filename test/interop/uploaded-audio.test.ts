import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type AudioListeners, type HeardCall, startAudioListeners } from '../support/audio-listeners.ts';
import { faultsHeard, faultsHeardWithHoles } from '../support/heard-signal.ts';
import { encodeFloatWav, spectrumSignal } from '../support/spectrum-signal.ts';

/**
 * What was uploaded is what a telephone hears: a recording of known spectrum in every format, over the API, as a task, to a baresip phone and to an
 * Asterisk, in both codecs, each also with every hundredth packet lost on the way.
 */

type Format = {
  readonly title: string;
  readonly extension: string;
  /** What sox makes of the recording, which is 48 kHz stereo; or a file that another encoder made of it. */
  readonly from: { readonly sox: readonly string[] } | { readonly fixture: string };
  /** The least that a part must stand out of everything else, dB; G.711 alone leaves 36. */
  readonly purityDb: number;
};

const formats: readonly Format[] = [
  { title: 'WAV, 8 bit, 11.025 kHz', extension: 'wav', from: { sox: ['-c1', '-r11025', '-b8'] }, purityDb: 28 },
  { title: 'WAV, 16 bit, 8 kHz', extension: 'wav', from: { sox: ['-c1', '-r8000', '-b16'] }, purityDb: 34 },
  { title: 'WAV, 16 bit, 44.1 kHz, stereo', extension: 'wav', from: { sox: ['-r44100', '-b16'] }, purityDb: 34 },
  { title: 'WAV, 24 bit, 48 kHz, stereo', extension: 'wav', from: { sox: ['-b24'] }, purityDb: 34 },
  {
    title: 'WAV, 32 bit, 32 kHz, stereo',
    extension: 'wav',
    from: { sox: ['-r32000', '-b32', '-esigned'] },
    purityDb: 34,
  },
  {
    title: 'WAV, float, 96 kHz, stereo',
    extension: 'wav',
    from: { sox: ['-r96000', '-b32', '-efloat'] },
    purityDb: 34,
  },
  {
    title: 'WAV, double, 16 kHz',
    extension: 'wav',
    from: { sox: ['-c1', '-r16000', '-b64', '-efloat'] },
    purityDb: 34,
  },
  { title: 'WAV, A-law, 8 kHz', extension: 'wav', from: { sox: ['-c1', '-r8000', '-ea-law'] }, purityDb: 30 },
  { title: 'WAV, u-law, 8 kHz, stereo', extension: 'wav', from: { sox: ['-r8000', '-emu-law'] }, purityDb: 30 },
  { title: 'MP3, 48 kHz, stereo', extension: 'mp3', from: { fixture: 'stereo.mp3' }, purityDb: 30 },
  { title: 'MP3, MPEG-2, 22.05 kHz', extension: 'mp3', from: { fixture: 'mono-22050.mp3' }, purityDb: 30 },
  { title: 'AAC in MP4, 48 kHz, stereo', extension: 'm4a', from: { fixture: 'stereo.m4a' }, purityDb: 30 },
  { title: 'AAC alone (ADTS), 48 kHz, stereo', extension: 'aac', from: { fixture: 'stereo.aac' }, purityDb: 30 },
  { title: 'Ogg Vorbis, 44.1 kHz, stereo', extension: 'ogg', from: { sox: ['-r44100', '-C6'] }, purityDb: 28 },
  { title: 'Ogg Opus, stereo', extension: 'opus', from: { fixture: 'stereo.opus' }, purityDb: 30 },
  { title: 'FLAC, 16 bit, 44.1 kHz, stereo', extension: 'flac', from: { sox: ['-r44100', '-b16'] }, purityDb: 34 },
  { title: 'FLAC, 24 bit, 96 kHz', extension: 'flac', from: { sox: ['-c1', '-r96000', '-b24'] }, purityDb: 34 },
];

/** Files that are heard at the same time. */
const lanes = 6;

let listeners: AudioListeners;
let folder: string;
/** By format. All calls are over before anything is looked at, which takes time that the lossy ways do not have: they are in this process. */
let outcomes: readonly PromiseSettledResult<readonly HeardCall[]>[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-audio-'));
  await writeFile(join(folder, 'original.wav'), encodeFloatWav(spectrumSignal(48_000)));
  listeners = await startAudioListeners(lanes);
  outcomes = await Promise.allSettled(
    formats.map(async ({ extension, from }, index) => {
      const name = `spectrum-${index}.${extension}`;
      const file = 'fixture' in from ? await fixture(from.fixture) : await made(name, from.sox);
      return listeners.hear(file, name);
    }),
  );
  // What the proof with loss stands on.
  const { lost, passed } = listeners.figures();
  const share = lost / (lost + passed);
  assert.ok(
    share > 0.008 && share < 0.012,
    `${lost} of ${lost + passed} packets lost on the ways that should lose 1 %`,
  );
});
after(async () => {
  await listeners?.close();
  await rm(folder, { recursive: true, force: true });
});

for (const [index, { title, purityDb }] of formats.entries()) {
  test(`what was uploaded is what is heard, in both codecs, with and without loss: ${title}`, () => {
    const outcome = outcomes[index];
    assert.ok(outcome !== undefined);
    if (outcome.status === 'rejected') throw outcome.reason;
    const faults = outcome.value.flatMap(({ who, isLossy, heard }) =>
      (isLossy ? faultsHeardWithHoles(heard, purityDb) : faultsHeard(heard, purityDb)).map(
        (fault) => `${who}: ${fault}`,
      ),
    );
    assert.deepEqual(faults, []);
    assert.equal(outcome.value.length, 8);
  });
}

function fixture(name: string): Promise<Buffer> {
  return readFile(fileURLToPath(new URL(`../fixtures/spectrum/${name}`, import.meta.url)));
}

/** Without dither, which would be noise of sox's own. */
async function made(name: string, options: readonly string[]): Promise<Buffer> {
  const file = join(folder, name);
  await promisify(execFile)('sox', ['-D', join(folder, 'original.wav'), ...options, file]);
  return readFile(file);
}
