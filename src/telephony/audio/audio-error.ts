/**
 * Why a file cannot be used as a voice file.
 * - `empty`: there are no bytes.
 * - `unsupported-format`: a known format that is not decoded here.
 * - `not-decodable`: not audio, or damaged.
 * - `no-samples`: the right format, but no sound in it.
 * - `too-long`: longer than {@link longestAudioMs}.
 */
export type AudioErrorReason = 'empty' | 'unsupported-format' | 'not-decodable' | 'no-samples' | 'too-long';

/** Ten minutes. */
export const longestAudioMs = 600_000;

/** A file that cannot be used. `message` is English and meant for the person who uploaded it. */
export class AudioError extends Error {
  readonly reason: AudioErrorReason;

  constructor(reason: AudioErrorReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'AudioError';
    this.reason = reason;
  }
}
