import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, loadConfig } from './load-config.ts';

const machine = { interfaces: {}, cores: 1 };

const bucket = {
  CARILLON_RECORDING_STORE: 's3://calls/of/acme',
  CARILLON_S3_ACCESS_KEY: 'AKIA',
  CARILLON_S3_SECRET_KEY: 'hush',
};

test('recordings are kept in files below the data folder unless something else is said', () => {
  const { recordings, publicUrl } = loadConfig({ CARILLON_DATA_DIR: '/data' }, machine);
  assert.deepEqual(recordings, {
    storeFolder: '/data/recordings/store',
    spoolFolder: '/data/recordings/spool',
    s3: null,
    maxSpoolBytes: 10_240 * 1024 * 1024,
    minFreeBytes: 1024 * 1024 * 1024,
    linkLifetimeMs: 3_600_000,
  });
  assert.equal(publicUrl, null);
});

test('a bucket has a prefix or none, and the server of its region unless another is named', () => {
  const { s3 } = loadConfig(bucket, machine).recordings;
  assert.deepEqual(s3, {
    endpoint: 'https://s3.us-east-1.amazonaws.com',
    region: 'us-east-1',
    bucket: 'calls',
    prefix: 'of/acme',
    accessKeyId: 'AKIA',
    secretAccessKey: 'hush',
    addressing: 'path',
    timeoutMs: 120_000,
  });
  const other = loadConfig(
    { ...bucket, CARILLON_RECORDING_STORE: 's3://calls', CARILLON_S3_ENDPOINT: 'http://10.0.0.1:9000/' },
    machine,
  );
  assert.equal(other.recordings.s3?.prefix, '');
  assert.equal(other.recordings.s3?.endpoint, 'http://10.0.0.1:9000');
});

test('a bucket without keys is refused, and so is what is no store; the secret is in no message', () => {
  assert.throws(() => loadConfig({ CARILLON_RECORDING_STORE: 's3://calls' }, machine), {
    name: ConfigError.name,
    message: /CARILLON_S3_ACCESS_KEY is not set[\s\S]*CARILLON_S3_SECRET_KEY is not set/,
  });
  assert.throws(() => loadConfig({ CARILLON_RECORDING_STORE: '/var/calls' }, machine), {
    message: /CARILLON_RECORDING_STORE is "\/var\/calls": it must be `file`, or `s3:\/\//,
  });
});

test('links begin with the public address, without a slash at its end', () => {
  assert.equal(loadConfig({ CARILLON_PUBLIC_URL: 'https://a.example/x/' }, machine).publicUrl, 'https://a.example/x');
  assert.throws(() => loadConfig({ CARILLON_PUBLIC_URL: 'a.example' }, machine), { name: ConfigError.name });
});
