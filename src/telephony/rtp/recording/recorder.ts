import { MessageChannel, Worker } from 'node:worker_threads';
import { assertNever } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import { siblingEntry } from '../../audio/worker-queue.ts';
import type { FromRecorder, RecorderCommand, RecorderLine, RecordingOutcome } from './recorder-protocol.ts';
import type { RecorderSettings } from './recorder-thread.ts';

export type RecorderOptions = {
  /** What recordings leave free of the disk, bytes. */
  readonly minFreeBytes: number;
  readonly logger: Logger;
};

/** A recording that the recorder thread expects. */
export type BegunRecording = { readonly recordingId: number; readonly outcome: Promise<RecordingOutcome> };

/** One run of the recorder thread; media threads need a line of their own into each. */
export type RecorderRun = { readonly worker: Worker; readonly pendingBytes: SharedArrayBuffer };

/**
 * The main side of the recorder thread, which starts with the first recording, and anew with the next one after it died. Audio does not pass here: media threads have lines of their own
 * to it.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #open = new Map<number, (outcome: RecordingOutcome) => void>();
  #run: RecorderRun | null = null;
  #nextId = 1;
  #onClosed: (() => void) | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Expects a recording that a media thread will make; its outcome never rejects. */
  begin(): BegunRecording {
    const recordingId = this.#nextId;
    this.#nextId += 1;
    const outcome = new Promise<RecordingOutcome>((resolve) => this.#open.set(recordingId, resolve));
    return { recordingId, outcome };
  }

  /** The thread that runs now. */
  get run(): RecorderRun {
    this.#run ??= this.#start();
    return this.#run;
  }

  /** A new line into a run. */
  connect({ worker, pendingBytes }: RecorderRun): RecorderLine {
    const { port1, port2 } = new MessageChannel();
    const command: RecorderCommand = { type: 'attach', port: port2 };
    worker.postMessage(command, [port2]);
    return { port: port1, pendingBytes };
  }

  /** The media thread that recorded is gone: what there is of it is kept. One that has ended is left alone. */
  cut(recordingId: number, problem: string): void {
    if (!this.#open.has(recordingId)) return;
    if (this.#run === null) this.#settle(recordingId, { isKept: false, problem });
    else this.#command({ type: 'cut', recordingId, problem });
  }

  /** Ends what is still recorded, keeping what there is, and then the thread. */
  async close(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      this.#command({ type: 'close', problem: 'its end is missing: the process stopped' });
    });
    this.#run = null;
    await run.worker.terminate();
  }

  #command(command: RecorderCommand): void {
    this.#run?.worker.postMessage(command);
  }

  #start(): RecorderRun {
    const pendingBytes = new SharedArrayBuffer(4);
    const settings: RecorderSettings = { pendingBytes, minFreeBytes: this.#options.minFreeBytes };
    const worker = new Worker(siblingEntry(import.meta.url, 'recorder-thread'), { workerData: settings });
    let reason = 'the recorder thread ended';
    worker.on('message', (message: FromRecorder) => this.#receive(message));
    worker.on('error', (error) => {
      reason = `the recorder thread failed: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on('exit', () => {
      if (this.#run?.worker !== worker) return;
      this.#run = null;
      this.#options.logger.error({ reason, recordings: this.#open.size }, 'recorder thread died');
      for (const recordingId of [...this.#open.keys()]) this.#settle(recordingId, { isKept: false, problem: reason });
      this.#onClosed?.();
    });
    return { worker, pendingBytes };
  }

  #receive(message: FromRecorder): void {
    switch (message.type) {
      case 'ended':
        this.#settle(message.recordingId, message.outcome);
        return;
      case 'closed':
        this.#onClosed?.();
        return;
      default:
        assertNever(message);
    }
  }

  #settle(recordingId: number, outcome: RecordingOutcome): void {
    this.#open.get(recordingId)?.(outcome);
    this.#open.delete(recordingId);
  }
}
