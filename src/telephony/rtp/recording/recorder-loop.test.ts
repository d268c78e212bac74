import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { stereoWavHeader } from '../../../lib/stereo-wav.ts';
import { RecorderLoop } from './recorder-loop.ts';
import type { FromRecorder } from './recorder-protocol.ts';

let folder: string;
let said: FromRecorder[];
let pendingBytes: Int32Array;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-recorder-'));
  said = [];
  pendingBytes = new Int32Array(new SharedArrayBuffer(4));
});

afterEach(() => rm(folder, { recursive: true }));

function loopWith(minFreeBytes = 0): RecorderLoop {
  return new RecorderLoop({ pendingBytes, minFreeBytes, now: () => 0, post: (message) => said.push(message) });
}

const frames = Int16Array.from({ length: 1600 }, (_, index) => index);

function begin(loop: RecorderLoop, recordingId: number, name: string): void {
  loop.handle({ type: 'begin', recordingId, file: join(folder, name), sampleRate: 8000 });
}

function append(loop: RecorderLoop, recordingId: number): void {
  Atomics.add(pendingBytes, 0, frames.byteLength);
  loop.handle({ type: 'audio', recordingId, frames: frames.slice() });
}

test('stretches become a file that appears when it is whole', async () => {
  const loop = loopWith();
  begin(loop, 1, 'a.wav');
  append(loop, 1);
  assert.deepEqual(await readdir(folder), ['a.wav.part']);
  append(loop, 1);
  assert.equal(pendingBytes[0], 0);
  loop.handle({ type: 'end', recordingId: 1 });
  assert.deepEqual(await readdir(folder), ['a.wav']);
  const pcm = Buffer.from(frames.buffer);
  const expected = Buffer.concat([stereoWavHeader(8000, 6400), pcm, pcm]);
  assert.ok(expected.equals(await readFile(join(folder, 'a.wav'))));
  const outcome = { isKept: true, bytes: 6444, durationMs: 200, problem: null };
  assert.deepEqual(said, [{ type: 'ended', recordingId: 1, outcome }]);
});

test('what is given up leaves nothing, and harms no other', async () => {
  const loop = loopWith();
  begin(loop, 1, 'a.wav');
  begin(loop, 2, 'b.wav');
  append(loop, 1);
  loop.handle({ type: 'drop', recordingId: 1, problem: 'too slow' });
  append(loop, 1);
  loop.handle({ type: 'end', recordingId: 1 });
  append(loop, 2);
  loop.handle({ type: 'end', recordingId: 2 });
  assert.deepEqual(await readdir(folder), ['b.wav']);
  assert.equal(pendingBytes[0], 0);
  assert.deepEqual(said[0], { type: 'ended', recordingId: 1, outcome: { isKept: false, problem: 'too slow' } });
  assert.equal(said.length, 2);
});

test('what cannot be written is given up with the reason', () => {
  const loop = loopWith();
  begin(loop, 1, 'nowhere/a.wav');
  append(loop, 1);
  const [ended] = said;
  assert.ok(ended?.type === 'ended' && !ended.outcome.isKept);
  assert.match(ended.outcome.problem, /^it could not be begun: ENOENT/);
  assert.equal(said.length, 1);
});

test('a disk with less left than it must have takes no recording', async () => {
  const loop = loopWith(Number.MAX_SAFE_INTEGER);
  begin(loop, 1, 'a.wav');
  const outcome = { isKept: false, problem: 'it could not be begun: the disk is nearly full' };
  assert.deepEqual(said, [{ type: 'ended', recordingId: 1, outcome }]);
  assert.deepEqual(await readdir(folder), []);
});

test('what is cut off is kept with a word about it', async () => {
  const loop = loopWith();
  begin(loop, 1, 'a.wav');
  begin(loop, 2, 'b.wav');
  append(loop, 1);
  loop.cut(1, 'its end is missing');
  loop.cutAll('the process stopped');
  assert.deepEqual(
    said.map((message) => message.type === 'ended' && message.outcome),
    [
      { isKept: true, bytes: 3244, durationMs: 100, problem: 'its end is missing' },
      { isKept: true, bytes: 44, durationMs: 0, problem: 'the process stopped' },
    ],
  );
  assert.deepEqual((await readdir(folder)).sort(), ['a.wav', 'b.wav']);
});
