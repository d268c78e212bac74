import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { selectFiles, type VoiceFile } from './voice-file-store.ts';

/** A voice file and what is known of its sound. */
export type VoiceFileSound = {
  readonly file: VoiceFile;
  /** Hz. */
  readonly sampleRate: number;
  /** LUFS, as it came and as it is played; null: not measured, or too quiet for the measure. */
  readonly loudnessBefore: number | null;
  readonly loudnessAfter: number | null;
  /** Lowest and highest sample of equal parts in turn, 127 = full scale; null: stored before waveforms were. */
  readonly waveform: Int8Array | null;
};

/** Any account's file, for an operator. Throws `unknownEntry`. */
export async function getVoiceFileSound(db: Db, fileId: string): Promise<VoiceFileSound> {
  const row = await selectFiles(db)
    .select(['sample_rate', 'loudness_before', 'loudness_after', 'waveform'])
    .where('file_id', '=', fileId)
    .executeTakeFirst();
  if (row === undefined) throw errors.unknownEntry('voice file', fileId);
  const { sample_rate, loudness_before, loudness_after, waveform, ...file } = row;
  return {
    file,
    sampleRate: sample_rate,
    loudnessBefore: loudness_before,
    loudnessAfter: loudness_after,
    waveform: waveform && new Int8Array(waveform.buffer, waveform.byteOffset, waveform.byteLength),
  };
}
