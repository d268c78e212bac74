import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { createBlobUploader } from '../../src/storage/blob-uploader.ts';
import { createS3BlobStore } from '../../src/storage/s3-blob-store.ts';
import { freePort } from '../support/free-port.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

let folder: string;
let server: S3Server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-s3-test-'));
  server = await startS3Server();
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function sourceFile(content: Buffer | string): Promise<string> {
  const file = join(folder, 'source');
  await writeFile(file, content);
  return file;
}

test('what was put is got, whole and in part, until it is deleted', async () => {
  const store = createS3BlobStore(server.settings);
  const bytes = Buffer.alloc(3_000_000, 'carillon ');
  await store.put('2026-11-26/5000001/a.wav', await sourceFile(bytes));
  const whole = await store.get('2026-11-26/5000001/a.wav', null);
  assert.ok(whole && bytes.equals(await buffer(whole)));
  const part = await store.get('2026-11-26/5000001/a.wav', { first: 1_000_000, last: 2_000_001 });
  assert.ok(part && bytes.subarray(1_000_000, 2_000_002).equals(await buffer(part)));
  assert.equal(await store.exists('2026-11-26/5000001/a.wav'), true);
  await store.delete('2026-11-26/5000001/a.wav');
  assert.equal(await store.exists('2026-11-26/5000001/a.wav'), false);
  assert.equal(await store.get('2026-11-26/5000001/a.wav', null), null);
  await store.delete('2026-11-26/5000001/a.wav');
});

test('a put that is repeated replaces', async () => {
  const store = createS3BlobStore(server.settings);
  await store.put('b.wav', await sourceFile('first'));
  await store.put('b.wav', await sourceFile('second'));
  const blob = await store.get('b.wav', null);
  assert.equal(blob && String(await buffer(blob)), 'second');
});

test('names stand below the prefix', async () => {
  await createS3BlobStore(server.settings).put('c.wav', await sourceFile('c'));
  assert.equal(await createS3BlobStore({ ...server.settings, prefix: '' }).exists('calls/c.wav'), true);
  assert.equal(await createS3BlobStore({ ...server.settings, prefix: 'others' }).exists('c.wav'), false);
});

test('a wrong secret is refused for good, with what the server says', async () => {
  const store = createS3BlobStore({ ...server.settings, secretAccessKey: 'wrong' });
  await assert.rejects(store.put('d.wav', await sourceFile('d')), {
    name: 'InfrastructureError',
    retryable: false,
    message: /403.*SignatureDoesNotMatch/,
  });
});

test('a bucket that is not there is a fault, not a missing blob', async () => {
  const store = createS3BlobStore({ ...server.settings, bucket: 'nowhere' });
  await assert.rejects(store.get('a.wav', null), { name: 'InfrastructureError', message: /NoSuchBucket/ });
});

test('a server that is away is worth another try', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const store = createS3BlobStore({ ...server.settings, endpoint });
  await assert.rejects(store.exists('a.wav'), { name: 'InfrastructureError', retryable: true });
});

test('the uploader stores on its own thread, and says why it could not', async () => {
  const uploader = createBlobUploader({ folder, s3: server.settings });
  await uploader.put('e.wav', await sourceFile('e'));
  assert.equal(await createS3BlobStore(server.settings).exists('e.wav'), true);
  await assert.rejects(uploader.put('f.wav', join(folder, 'nothing')), { name: 'InfrastructureError' });
  await server.stop();
  await assert.rejects(uploader.put('g.wav', await sourceFile('g')), { name: 'InfrastructureError', retryable: true });
  await server.start();
  await uploader.put('g.wav', await sourceFile('g'));
  await uploader.close();
});
