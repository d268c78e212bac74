import { AudioError, type AudioErrorReason } from './audio-error.ts';
import type { Finish, FinishedAudio } from './finish-audio.ts';
import { siblingEntry, WorkerQueue, WorkerTimeoutError } from './worker-queue.ts';

/** A file to be decoded, and what is to be done to it. */
export type AudioFile = Finish & { readonly name: string; readonly bytes: Uint8Array };

/** Sound that needs no decoding: mono, signed 16 bit. */
export type PlainAudio = { readonly pcm: Int16Array; readonly sampleRate: number };

export type AudioRequest =
  | { readonly kind: 'file'; readonly file: AudioFile }
  | { readonly kind: 'plain'; readonly audio: PlainAudio; readonly finish: Finish };
export type AudioFailure = {
  readonly reason: AudioErrorReason;
  readonly message: string;
  readonly format: string | null;
};

/** Makes prompts of files and of speech, off the caller's thread. */
export interface AudioDecoder {
  /**
   * Decodes a file, mixes it to mono, at 16 kHz or, where the file has no more, at 8 kHz, and finishes it. Rejects with an AudioError when the file
   * cannot be used, with an InfrastructureError when too many are waiting (retryable), with the signal's reason when aborted; abort also ends work under
   * way. `bytes` is copied.
   */
  decode(file: AudioFile, signal?: AbortSignal): Promise<FinishedAudio>;
  /** The same for sound that is decoded already; it keeps its sample rate. `pcm` is copied. */
  finish(audio: PlainAudio, finish: Finish, signal?: AbortSignal): Promise<FinishedAudio>;
  /** Ends the worker; what is under way is rejected. */
  close(): Promise<void>;
}

export type AudioDecoderOptions = {
  /** Most files that wait while one is worked on; default 16. */
  readonly capacity?: number;
  /**
   * Longest time for one file; default 180000. Ten minutes of mp3 take about 25 s of a core; on a machine that has other work, several times that on the
   * clock, and a client's upload should not fail for it.
   */
  readonly timeoutMs?: number;
};

/** A decoder on one worker thread, which starts with the first file. */
export function createAudioDecoder(options: AudioDecoderOptions = {}): AudioDecoder {
  const { capacity = 16, timeoutMs = 180_000 } = options;
  const queue = new WorkerQueue<AudioRequest, FinishedAudio, AudioFailure>({
    entry: siblingEntry(import.meta.url, 'audio-decoder-thread'),
    capacity,
    timeoutMs,
  });
  const run = async (request: AudioRequest, buffer: ArrayBuffer, signal: AbortSignal | undefined) => {
    const reply = await queue.run(request, [buffer], signal ?? null).catch((error: unknown) => {
      if (!(error instanceof WorkerTimeoutError)) throw error;
      throw new AudioError('not-decodable', `it takes longer than ${timeoutMs / 1000} s to decode`, { cause: error });
    });
    if (reply.ok) return reply.value;
    const { reason, message, format } = reply.failure;
    throw new AudioError(reason, message, { format });
  };
  return {
    async decode(file, signal) {
      const bytes = new Uint8Array(file.bytes);
      return run({ kind: 'file', file: { ...file, bytes } }, bytes.buffer, signal);
    },
    async finish({ pcm, sampleRate }, finish, signal) {
      const copy = new Int16Array(pcm);
      return run({ kind: 'plain', audio: { pcm: copy, sampleRate }, finish }, copy.buffer, signal);
    },
    close: () => queue.close(),
  };
}
