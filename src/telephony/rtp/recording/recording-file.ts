import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { stereoWavDurationMs, stereoWavHeader, wavHeaderBytes } from '../../../lib/stereo-wav.ts';

/** What an unfinished recording's file has behind its name. */
export const partSuffix = '.part';

/**
 * One recording on its way to the disk: a WAV file with `.part` behind its name until it is whole. Everything is done at once, by the calling thread: it is the recorder's, which nobody
 * waits for, and the pool that others' file work shares is left alone. All methods throw what the file system says.
 */
export class RecordingFile {
  readonly #file: string;
  readonly #sampleRate: number;
  readonly #descriptor: number;
  #dataBytes = 0;

  /** `file` is where it lies when it is whole. */
  constructor(file: string, sampleRate: number) {
    this.#file = file;
    this.#sampleRate = sampleRate;
    this.#descriptor = openSync(file + partSuffix, 'w');
    // Its length is written at the end: 0 is what a file says of itself that was cut off.
    this.#write(stereoWavHeader(sampleRate, 0), 0);
  }

  append(frames: Int16Array): void {
    this.#write(new Uint8Array(frames.buffer, frames.byteOffset, frames.byteLength), wavHeaderBytes + this.#dataBytes);
    this.#dataBytes += frames.byteLength;
  }

  /** Makes it whole. */
  finish(): { readonly bytes: number; readonly durationMs: number } {
    this.#write(stereoWavHeader(this.#sampleRate, this.#dataBytes), 0);
    closeSync(this.#descriptor);
    renameSync(this.#file + partSuffix, this.#file);
    return {
      bytes: wavHeaderBytes + this.#dataBytes,
      durationMs: stereoWavDurationMs(this.#sampleRate, this.#dataBytes),
    };
  }

  /** Takes it away, also after any of the others threw. */
  drop(): void {
    rmSync(this.#file + partSuffix, { force: true });
    closeSync(this.#descriptor);
  }

  #write(bytes: Uint8Array, position: number): void {
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written, position + written);
    }
  }
}
