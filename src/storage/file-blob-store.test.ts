import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import { createFileBlobStore } from './file-blob-store.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-blobs-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function sourceFile(content: string): Promise<string> {
  const file = join(folder, 'source');
  await writeFile(file, content);
  return file;
}

test('what was put is got, whole and in part, and nothing else lies beside it', async () => {
  const store = createFileBlobStore(join(folder, 'store'));
  await store.put('2026-11-26/5000001/a.wav', await sourceFile('0123456789'));
  const whole = await store.get('2026-11-26/5000001/a.wav', null);
  assert.equal(whole && String(await buffer(whole)), '0123456789');
  const part = await store.get('2026-11-26/5000001/a.wav', { first: 2, last: 4 });
  assert.equal(part && String(await buffer(part)), '234');
  assert.equal(await store.exists('2026-11-26/5000001/a.wav'), true);
  assert.deepEqual(await readdir(join(folder, 'store/2026-11-26/5000001')), ['a.wav']);
});

test('a put that is repeated replaces, also with the same file', async () => {
  const store = createFileBlobStore(join(folder, 'store'));
  const file = await sourceFile('first');
  await store.put('a.wav', file);
  await store.put('a.wav', file);
  assert.deepEqual(await readdir(join(folder, 'store')), ['a.wav'], 'no temporary file is left');
  await rm(file);
  await store.put('a.wav', await sourceFile('second'));
  assert.equal(await readFile(join(folder, 'store/a.wav'), 'utf8'), 'second');
});

test('what is not there is null, and deleted already', async () => {
  const store = createFileBlobStore(join(folder, 'store'));
  assert.equal(await store.get('none/a.wav', null), null);
  assert.equal(await store.exists('none/a.wav'), false);
  await store.delete('none/a.wav');
  await store.put('a.wav', await sourceFile('x'));
  await store.delete('a.wav');
  assert.equal(await store.exists('a.wav'), false);
});

test('a source that is not there is a fault, and leaves nothing', async () => {
  const store = createFileBlobStore(join(folder, 'store'));
  await assert.rejects(store.put('a.wav', join(folder, 'nothing')), { name: 'InfrastructureError', retryable: true });
  assert.deepEqual(await readdir(join(folder, 'store')), []);
});

test('no name leads out of the folder', async () => {
  const store = createFileBlobStore(join(folder, 'store'));
  for (const name of ['../a', 'a/../../b', '/etc/passwd', 'a//b', '.hidden', 'a/.b', '', 'a\0b', 'a\\b']) {
    await assert.rejects(async () => store.get(name, null), { name: 'BugError' }, name);
  }
});
