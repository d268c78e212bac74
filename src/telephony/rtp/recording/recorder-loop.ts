import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { assertNever, messageOf } from '../../../lib/errors.ts';
import type { FromRecorder, RecordingOutcome, ToRecorder } from './recorder-protocol.ts';
import { RecordingFile } from './recording-file.ts';

export type RecorderLoopOptions = {
  readonly pendingBytes: Int32Array;
  /** What is left free of the disk, bytes. */
  readonly minFreeBytes: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly post: (message: FromRecorder) => void;
};

/** How often the disk is asked how much of it is left, ms. */
const lookEveryMs = 1000;

/** What runs in the recorder thread: the files of all recordings under way. A recording that cannot be written is given up and deleted; the others go on. */
export class RecorderLoop {
  readonly #options: RecorderLoopOptions;
  readonly #files = new Map<number, { readonly file: RecordingFile; readonly folder: string }>();
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isDiskFull = false;

  constructor(options: RecorderLoopOptions) {
    this.#options = options;
  }

  /** Carries out one message. What concerns a recording that has ended is only counted. */
  handle(message: ToRecorder): void {
    switch (message.type) {
      case 'begin':
        this.#begin(message);
        return;
      case 'audio':
        Atomics.sub(this.#options.pendingBytes, 0, message.frames.byteLength);
        this.#append(message.recordingId, message.frames);
        return;
      case 'end':
        this.#finish(message.recordingId, null);
        return;
      case 'drop':
        this.#drop(message.recordingId, message.problem);
        return;
      default:
        assertNever(message);
    }
  }

  /** Makes a file of what there is of a recording. */
  cut(recordingId: number, problem: string): void {
    this.#finish(recordingId, problem);
  }

  cutAll(problem: string): void {
    for (const recordingId of [...this.#files.keys()]) this.#finish(recordingId, problem);
  }

  #begin({ recordingId, file, sampleRate }: Extract<ToRecorder, { type: 'begin' }>): void {
    const folder = dirname(file);
    try {
      if (this.#isFull(folder)) throw new Error('the disk is nearly full');
      this.#files.set(recordingId, { file: new RecordingFile(file, sampleRate), folder });
    } catch (error) {
      this.#end(recordingId, { isKept: false, problem: `it could not be begun: ${messageOf(error)}` });
    }
  }

  #append(recordingId: number, frames: Int16Array): void {
    const open = this.#files.get(recordingId);
    if (open === undefined) return;
    try {
      if (this.#isFull(open.folder)) throw new Error('the disk is nearly full');
      open.file.append(frames);
    } catch (error) {
      this.#drop(recordingId, `it could not be written: ${messageOf(error)}`);
    }
  }

  #finish(recordingId: number, problem: string | null): void {
    const open = this.#files.get(recordingId);
    if (open === undefined) return;
    try {
      const { bytes, durationMs } = open.file.finish();
      this.#end(recordingId, { isKept: true, bytes, durationMs, problem });
    } catch (error) {
      this.#drop(recordingId, `it could not be finished: ${messageOf(error)}`);
    }
  }

  #drop(recordingId: number, problem: string): void {
    const open = this.#files.get(recordingId);
    if (open === undefined) return;
    try {
      open.file.drop();
    } catch {
      // The file is closed already, or the disk is gone; whatever is left of it is found by who looks through the folder.
    }
    this.#end(recordingId, { isKept: false, problem });
  }

  #end(recordingId: number, outcome: RecordingOutcome): void {
    this.#files.delete(recordingId);
    this.#options.post({ type: 'ended', recordingId, outcome });
  }

  #isFull(folder: string): boolean {
    const { now, minFreeBytes } = this.#options;
    if (now() - this.#lookedAtMs < lookEveryMs) return this.#isDiskFull;
    this.#lookedAtMs = now();
    const { bavail, bsize } = statfsSync(folder);
    this.#isDiskFull = bavail * bsize < minFreeBytes;
    return this.#isDiskFull;
  }
}
