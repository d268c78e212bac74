import type { MessagePort } from 'node:worker_threads';

/** What a media thread tells the recorder thread, in order, over a port of its own. */
export type ToRecorder =
  | { readonly type: 'begin'; readonly recordingId: number; readonly file: string; readonly sampleRate: number }
  /** The next stretch: left and right sample by sample. Its memory goes along. */
  | { readonly type: 'audio'; readonly recordingId: number; readonly frames: Int16Array<ArrayBuffer> }
  /** The recording is complete. */
  | { readonly type: 'end'; readonly recordingId: number }
  /** It is given up: what there is of it is deleted. */
  | { readonly type: 'drop'; readonly recordingId: number; readonly problem: string };

/** What the main side tells the recorder thread. */
export type RecorderCommand =
  /** A media thread's end of the line. */
  | { readonly type: 'attach'; readonly port: MessagePort }
  /** Whoever recorded it is gone: what there is of it is kept. */
  | { readonly type: 'cut'; readonly recordingId: number; readonly problem: string }
  /** Everything that is open is cut; answered by `closed`. */
  | { readonly type: 'close'; readonly problem: string };

/** What came of a recording. `problem` of one that is kept: what is wrong with it; null: nothing. */
export type RecordingOutcome =
  | {
      readonly isKept: true;
      readonly bytes: number;
      readonly durationMs: number;
      readonly problem: string | null;
    }
  | { readonly isKept: false; readonly problem: string };

/** What the recorder thread tells the main side. */
export type FromRecorder =
  | { readonly type: 'ended'; readonly recordingId: number; readonly outcome: RecordingOutcome }
  | { readonly type: 'closed' };

/** A media thread's way to the recorder thread. */
export type RecorderLine = {
  readonly port: MessagePort;
  /** One 32-bit count of the bytes that media threads have sent and the recorder has not written. */
  readonly pendingBytes: SharedArrayBuffer;
};

/**
 * With so much unwritten the disk is too slow for what is recorded, and recordings are given up rather than memory: four seconds of a thousand
 * calls.
 */
export const mostPendingBytes = 128 * 1024 * 1024;
