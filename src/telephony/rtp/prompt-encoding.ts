import type { CodecName } from '../audio/codec.ts';
import type { OpusFrameMs } from '../audio/opus-encoder.ts';

/** A way to encode a prompt: a codec, and for Opus the length of a packet. */
export type PromptEncoding = Exclude<CodecName, 'opus'> | `opus-${OpusFrameMs}`;

/** A prompt, encoded, in memory that all threads share; never written again. */
export type EncodedAudio = {
  /** The payloads of all packets, one after another. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Null: eight bytes are a millisecond, and a packet may have any number of them. */
  readonly frames: PromptFrames | null;
};

/** Payloads that are taken as they are. */
export type PromptFrames = {
  /** Where each begins in `bytes`, and where the last one ends. */
  readonly offsets: Uint32Array<SharedArrayBuffer>;
  /** The time of each, in samples of 8 kHz. */
  readonly samples: number;
};

/** What is known of a prompt by now: encodings are made when they are needed. */
export type PromptCodes = Readonly<Partial<Record<PromptEncoding, EncodedAudio>>>;

const opusFrameMs: readonly OpusFrameMs[] = [60, 40, 20, 10];

/** The encoding that a session takes whose packets may be up to `ptimeMs` long (10 or more), and how long its packets are. */
export function encodingFor(codec: CodecName, ptimeMs: number): { encoding: PromptEncoding; packetMs: number } {
  if (codec !== 'opus') return { encoding: codec, packetMs: ptimeMs };
  // Opus has no frames of 30 and 50 ms, and what is asked for is no more than a wish (RFC 7587 6.1).
  const packetMs = opusFrameMs.find((frameMs) => frameMs <= ptimeMs) ?? 10;
  return { encoding: `opus-${packetMs}`, packetMs };
}

/** The encoding that is made before anybody has asked, where a codec is expected. */
export function usualEncoding(codec: CodecName): PromptEncoding {
  return encodingFor(codec, 20).encoding;
}
