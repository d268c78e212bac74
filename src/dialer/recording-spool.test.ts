import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { recordingFileId } from '../domain/recording/recording-name.ts';
import { stereoWavHeader } from '../lib/stereo-wav.ts';
import { RecordingSpool } from './recording-spool.ts';

let folder: string;
let spool: RecordingSpool;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-spool-'));
  spool = new RecordingSpool({ folder, processId: 'me' });
  await spool.open();
});

afterEach(() => rm(folder, { recursive: true }));

const key = (seq: number) => ({ createdDay: '2026-11-26', taskId: 5_000_001, seq });
const nobody = (): boolean => false;

/** A file as the recorder leaves it: whole, or, with a length of 0 in its header, cut off. */
async function leave(processId: string, name: string, dataBytes: number, isWhole: boolean): Promise<void> {
  await mkdir(join(folder, processId), { recursive: true });
  const header = stereoWavHeader(8000, isWhole ? dataBytes : 0);
  await writeFile(join(folder, processId, name), Buffer.concat([header, Buffer.alloc(dataBytes, 1)]));
}

test('finished recordings are found, oldest first, and what is being recorded is only measured', async () => {
  for (const seq of [1, 2, 3]) await leave('me', recordingFileId(key(seq)), 32_000, true);
  await utimes(spool.fileOf(key(2)), 1000, 1000);
  await leave('me', `${recordingFileId(key(4))}.part`, 1000, false);
  await writeFile(join(folder, 'me', 'something else'), 'x');
  const { finished, totalBytes } = await spool.look();
  assert.equal(finished[0]?.key.seq, 2);
  assert.deepEqual(finished.map((recording) => recording.key.seq).sort(), [1, 2, 3]);
  assert.equal(totalBytes, 3 * 32_044 + 1044 + 1);
  assert.ok(finished[0]);
  assert.equal(await spool.durationOf(finished[0]), 1000);
  await spool.remove(finished[0]);
  assert.equal((await spool.look()).finished.length, 2);
});

test('what a dead process left is taken over, and a part of a recording made whole', async () => {
  await leave('dead', recordingFileId(key(1)), 3200, true);
  await leave('dead', `${recordingFileId(key(2))}.part`, 3203, false);
  await leave('dead', `${recordingFileId(key(3))}.part`, 0, false);
  await leave('alive', recordingFileId(key(4)), 3200, true);
  const empty = await spool.adopt((processId) => processId === 'alive', nobody);
  assert.deepEqual(empty, [key(3)]);
  assert.deepEqual((await readdir(folder)).sort(), ['alive', 'me']);
  const { finished } = await spool.look();
  const found = finished.map(({ key: { seq }, isCut, bytes }) => [seq, isCut, bytes]).sort();
  assert.deepEqual(found, [
    [1, false, 3244],
    [2, true, 3244],
  ]);
  const cut = await readFile(join(folder, 'me', `cut-${recordingFileId(key(2))}`));
  assert.equal(cut.readUInt32LE(40), 3200, 'in whole frames');
});

test('of its own it takes over parts that nobody writes any more', async () => {
  await leave('me', `${recordingFileId(key(1))}.part`, 3200, false);
  await leave('me', `${recordingFileId(key(2))}.part`, 3200, false);
  await spool.adopt(nobody, (file) => file === spool.fileOf(key(2)));
  assert.deepEqual((await readdir(join(folder, 'me'))).sort(), [
    `${recordingFileId(key(2))}.part`,
    `cut-${recordingFileId(key(1))}`,
  ]);
});

test('two that take over at the same time get each file once', async () => {
  for (let seq = 1; seq <= 20; seq += 1) await leave('dead', recordingFileId(key(seq)), 32, true);
  const other = new RecordingSpool({ folder, processId: 'other' });
  await other.open();
  const live = (processId: string): boolean => processId !== 'dead';
  await Promise.all([spool.adopt(live, nobody), other.adopt(live, nobody)]);
  const seqs = [...(await spool.look()).finished, ...(await other.look()).finished].map((found) => found.key.seq);
  assert.deepEqual(
    seqs.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

test('a file that is no recording stays where it is', async () => {
  await mkdir(join(folder, 'dead'));
  await writeFile(join(folder, 'dead', 'strange.part'), 'x');
  assert.deepEqual(await spool.adopt(nobody, nobody), []);
  assert.deepEqual(await readdir(join(folder, 'dead')), ['strange.part']);
});
