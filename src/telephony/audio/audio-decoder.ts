import { AudioError, type AudioErrorReason } from './audio-error.ts';
import type { DecodedAudio } from './mono-collector.ts';
import { siblingEntry, WorkerQueue } from './worker-queue.ts';

/** Sample rate of what an {@link AudioDecoder} gives out: wideband, twice what the telephone carries today. */
export const decoderSampleRate = 16_000;

export type AudioDecodeRequest = { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> };
export type AudioDecodeFailure = { readonly reason: AudioErrorReason; readonly message: string };

/** Decodes files off the caller's thread. */
export interface AudioDecoder {
  /**
   * Decodes a file to mono 16 bit at 16 kHz. Rejects with an AudioError when the file cannot be used, with an InfrastructureError when too many are
   * waiting (retryable), with the signal's reason when aborted; abort also ends work under way. `bytes` is copied.
   */
  decode(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<DecodedAudio>;
  /** Ends the worker; what is under way is rejected. */
  close(): Promise<void>;
}

export type AudioDecoderOptions = {
  /** Most files that wait while one is decoded; default 16. */
  readonly capacity?: number;
  /** Longest time for one file; default 60000. Ten minutes of mp3 take about 8 s. */
  readonly timeoutMs?: number;
};

/** A decoder on one worker thread, which starts with the first file. */
export function createAudioDecoder(options: AudioDecoderOptions = {}): AudioDecoder {
  const queue = new WorkerQueue<AudioDecodeRequest, DecodedAudio, AudioDecodeFailure>({
    entry: siblingEntry(import.meta.url, 'audio-decoder-thread'),
    capacity: options.capacity ?? 16,
    timeoutMs: options.timeoutMs ?? 60_000,
  });
  return {
    async decode(bytes, name, signal) {
      const copy = new Uint8Array(bytes);
      const reply = await queue.run({ bytes: copy, name }, [copy.buffer], signal ?? null);
      if (reply.ok) return reply.value;
      throw new AudioError(reply.failure.reason, reply.failure.message);
    },
    close: () => queue.close(),
  };
}
