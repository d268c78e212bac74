import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../../domain/job/scheduling.ts';
import type { AudioDecoder } from '../../telephony/audio/audio-decoder.ts';
import type { RecordingLinks } from '../recording-links.ts';
import type { Voices } from './voice-check.ts';

/** What the dialect's endpoints work with. */
export type DialectDeps = {
  readonly db: Db;
  readonly scheduling: Scheduling;
  readonly decoder: AudioDecoder;
  readonly voices: Voices;
  readonly recordings: RecordingLinks;
  /** How many days calls are kept. */
  readonly recordDays: number;
};
