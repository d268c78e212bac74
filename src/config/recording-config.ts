import { join, resolve } from 'node:path';
import type { Settings } from './settings-schema.ts';

/** How recordings are kept, as the composition roots use it. */
export type RecordingConfig = {
  /** Of finished recordings and of those that wait for being stored; absolute. */
  readonly storeFolder: string;
  readonly spoolFolder: string;
  /** null: finished recordings stay in `storeFolder`. */
  readonly s3: {
    /** Scheme, host and port. */
    readonly endpoint: string;
    readonly region: string;
    readonly bucket: string;
    /** Empty: none. */
    readonly prefix: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly addressing: 'path' | 'host';
    readonly timeoutMs: number;
  } | null;
  readonly maxSpoolBytes: number;
  readonly minFreeBytes: number;
  readonly linkLifetimeMs: number;
};

const mebibyte = 1024 * 1024;

/** A minute of stereo at 16 kHz is 4 MB; a slow line takes a while for the longest call. */
const s3TimeoutMs = 120_000;

export function recordingsIn(settings: Settings): RecordingConfig {
  const folder = join(resolve(settings.CARILLON_DATA_DIR), 'recordings');
  return {
    storeFolder: join(folder, 'store'),
    spoolFolder: join(folder, 'spool'),
    s3: s3In(settings),
    maxSpoolBytes: settings.CARILLON_RECORDING_SPOOL_MB * mebibyte,
    minFreeBytes: settings.CARILLON_RECORDING_FREE_MB * mebibyte,
    linkLifetimeMs: settings.CARILLON_RECORDING_LINK_S * 1000,
  };
}

/** What a pattern cannot say. */
export function recordingProblems(settings: Settings): string[] {
  if (settings.CARILLON_RECORDING_STORE === 'file') return [];
  const names = ['CARILLON_S3_ACCESS_KEY', 'CARILLON_S3_SECRET_KEY'] as const;
  return names
    .filter((name) => settings[name] === undefined)
    .map((name) => `${name} is not set: CARILLON_RECORDING_STORE ${settings.CARILLON_RECORDING_STORE} needs it.`);
}

/** null: the store is in files. */
function s3In(settings: Settings): RecordingConfig['s3'] {
  const [bucket = '', ...prefix] = settings.CARILLON_RECORDING_STORE.replace(/^(file$|s3:\/\/)/, '').split('/');
  if (bucket === '') return null;
  const region = settings.CARILLON_S3_REGION;
  return {
    endpoint: settings.CARILLON_S3_ENDPOINT?.replace(/\/$/, '') ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket,
    prefix: prefix.join('/'),
    accessKeyId: settings.CARILLON_S3_ACCESS_KEY ?? '',
    secretAccessKey: settings.CARILLON_S3_SECRET_KEY ?? '',
    addressing: settings.CARILLON_S3_ADDRESSING,
    timeoutMs: s3TimeoutMs,
  };
}
