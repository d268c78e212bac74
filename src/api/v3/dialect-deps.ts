import type { Db } from '../../db/tables.ts';
import type { Scheduling } from '../../domain/job/scheduling.ts';
import type { VoiceCheck } from './voice-check.ts';

/** Decodes an uploaded audio file. */
export interface AudioDecoder {
  /**
   * Decodes a whole file of the format that its content shows. Rejects with an error whose message says what is wrong when the bytes are not audio that it
   * can decode.
   */
  decode(bytes: Buffer): Promise<DecodedAudio>;
}

export type DecodedAudio = {
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array;
  /** Hz. */
  readonly sampleRate: number;
};

/** What the dialect's endpoints work with. */
export type DialectDeps = {
  readonly db: Db;
  readonly scheduling: Scheduling;
  readonly decoder: AudioDecoder;
  readonly voices: VoiceCheck;
};
