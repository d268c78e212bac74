/**
 * Why a file cannot be used as a voice file.
 * - `empty`: there are no bytes.
 * - `unsupported-format`: a known format, or a form of one, that is not decoded here.
 * - `not-decodable`: not audio, or damaged.
 * - `no-samples`: the right format, but no sound in it.
 * - `silent`: it has a sound track, but nothing is to be heard: not one sample above {@link silenceDb}.
 * - `too-long`: longer than {@link longestAudioMs}, by what the file says of itself or by what was decoded.
 */
export type AudioErrorReason = 'empty' | 'unsupported-format' | 'not-decodable' | 'no-samples' | 'silent' | 'too-long';

/** Ten minutes. */
export const longestAudioMs = 600_000;

/** Decibels of full scale: a peak below this is silence, with the noise of a good microphone in it. */
export const silenceDb = -60;

/** A file that cannot be used. `message` is English and meant for the person who uploaded it. */
export class AudioError extends Error {
  readonly reason: AudioErrorReason;
  /** What the content looks like, e.g. `mp3`; null: like nothing known, or it does not matter. */
  readonly format: string | null;

  constructor(reason: AudioErrorReason, message: string, options: { format?: string | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'AudioError';
    this.reason = reason;
    this.format = options.format ?? null;
  }
}

/** Throws `too-long` when a file of so many samples per channel is longer than ten minutes. */
export function refuseTooLong(samples: number, sampleRate: number): void {
  if (samples * 1000 > sampleRate * longestAudioMs) {
    throw new AudioError('too-long', 'the audio is longer than 10 minutes');
  }
}
