import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Settings } from '../../src/storage/s3-blob-store.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';

/** A server on loopback that speaks S3 (s3rver) and checks signatures, with one bucket. */
export interface S3Server {
  readonly settings: S3Settings;
  /** Ends it and leaves its port and its objects to the next start. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its files. Idempotent. */
  close(): Promise<void>;
}

const host = '127.0.0.1';
const bucket = 'recordings';

/** The only key pair that the server knows. */
const key = 'S3RVER';

export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-s3-'));
  const port = await freePort();
  let child: Child | null = null;
  const server: S3Server = {
    settings: {
      endpoint: `http://${host}:${port}`,
      region: 'us-east-1',
      bucket,
      prefix: 'calls',
      accessKeyId: key,
      secretAccessKey: key,
      addressing: 'path',
      timeoutMs: 10_000,
    },
    async start() {
      const options = ['--directory', folder, '--address', host, '--port', String(port), '--configure-bucket', bucket];
      // The package's own command is missing from it.
      const program = `require('@20minutes/s3rver/lib/cli').parseAsync(process.argv.slice(1), { from: 'user' })`;
      child = await startChild({ command: process.execPath, args: ['-e', program, '--', ...options] });
      await child.waitForOutput(/listening/, 20_000);
    },
    async stop() {
      await child?.stop(2000);
      child = null;
    },
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
