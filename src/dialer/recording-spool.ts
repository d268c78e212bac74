import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallKey } from '../domain/record/voice-id.ts';
import { parseRecordingFileId, recordingFileId } from '../domain/recording/recording-name.ts';
import { stereoWavDurationMs, stereoWavHeader, stereoWavRate, wavHeaderBytes, wholeFrames } from '../lib/stereo-wav.ts';

export type RecordingSpoolOptions = {
  /** Of all processes of this machine; absolute. */
  readonly folder: string;
  readonly processId: string;
};

/** A finished recording that waits for being stored. */
export type SpooledRecording = {
  readonly key: CallKey;
  readonly file: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Its process died while it recorded: its end is missing. */
  readonly isCut: boolean;
};

const partSuffix = '.part';
const cutPrefix = 'cut-';

/**
 * The folder in which recordings wait for being stored: a subfolder for each process, where `x.wav.part` is being recorded and `x.wav` is whole. What a dead process left is taken over by renaming, so
 * of several that try one gets it; a part becomes `cut-x.wav`. So what there is to do is always on the disk, and nothing has to be remembered.
 */
export class RecordingSpool {
  readonly #folder: string;
  readonly #own: string;
  readonly #processId: string;

  constructor({ folder, processId }: RecordingSpoolOptions) {
    this.#folder = folder;
    this.#own = join(folder, processId);
    this.#processId = processId;
  }

  /** Where a call is to be recorded. */
  fileOf(key: CallKey): string {
    return join(this.#own, recordingFileId(key));
  }

  async open(): Promise<void> {
    await mkdir(this.#own, { recursive: true });
  }

  /** What is whole, oldest first, and the size of everything in bytes. */
  async look(): Promise<{ readonly finished: SpooledRecording[]; readonly totalBytes: number }> {
    const finished: SpooledRecording[] = [];
    let totalBytes = 0;
    for (const name of await readdir(this.#own)) {
      const file = join(this.#own, name);
      // One that is being recorded is renamed at any moment.
      const found = await unlessMissing(() => stat(file));
      if (found === null) continue;
      totalBytes += found.size;
      const isCut = name.startsWith(cutPrefix);
      const key = parseRecordingFileId(isCut ? name.slice(cutPrefix.length) : name);
      if (key !== null) finished.push({ key, file, bytes: found.size, modifiedMs: found.mtimeMs, isCut });
    }
    return { finished: finished.sort((a, b) => a.modifiedMs - b.modifiedMs), totalBytes };
  }

  /** How long a finished recording lasts, ms; 0 where it cannot be told. */
  async durationOf({ file, bytes }: SpooledRecording): Promise<number> {
    const handle = await open(file, 'r');
    try {
      const { buffer } = await handle.read(Buffer.alloc(wavHeaderBytes), 0, wavHeaderBytes, 0);
      const sampleRate = stereoWavRate(buffer);
      return sampleRate === null ? 0 : stereoWavDurationMs(sampleRate, Math.max(0, bytes - wavHeaderBytes));
    } finally {
      await handle.close();
    }
  }

  async remove({ file }: SpooledRecording): Promise<void> {
    await rm(file, { force: true });
  }

  /**
   * Takes over what others left, and what this process's own recorder left when it died. `isAlive` tells of a process id, `isOpen` of a file of our own. Returns the calls of whose recordings nothing
   * was on the disk.
   */
  async adopt(isAlive: (processId: string) => boolean, isOpen: (file: string) => boolean): Promise<CallKey[]> {
    const empty: CallKey[] = [];
    for (const processId of await readdir(this.#folder)) {
      const isOwn = processId === this.#processId;
      if (!isOwn && isAlive(processId)) continue;
      const folder = join(this.#folder, processId);
      // Somebody else may have taken it over just now.
      for (const name of (await unlessMissing(() => readdir(folder))) ?? []) {
        const isPart = name.endsWith(partSuffix);
        if (isOwn && (!isPart || isOpen(join(folder, name.slice(0, -partSuffix.length))))) continue;
        if (!isPart) await unlessMissing(() => rename(join(folder, name), join(this.#own, name)));
        else empty.push(...(await this.#adoptPart(folder, name)));
      }
      // Not empty: somebody else takes over the rest.
      if (!isOwn) await rmdir(folder).catch(() => undefined);
    }
    return empty;
  }

  async #adoptPart(folder: string, name: string): Promise<CallKey[]> {
    const fileId = name.slice(0, -partSuffix.length);
    const key = parseRecordingFileId(fileId);
    if (key === null) return [];
    const part = join(folder, name);
    const isWorthKeeping = await unlessMissing(() => finishPart(part));
    if (isWorthKeeping === null) return [];
    if (isWorthKeeping) {
      await unlessMissing(() => rename(part, join(this.#own, cutPrefix + fileId)));
      return [];
    }
    await rm(part, { force: true });
    return [key];
  }
}

/** Puts the length into a file that was cut off. False: there is no sound in it. */
async function finishPart(part: string): Promise<boolean> {
  const handle = await open(part, 'r+');
  try {
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(wavHeaderBytes), 0, wavHeaderBytes, 0);
    const sampleRate = stereoWavRate(buffer);
    const dataBytes = wholeFrames(Math.max(0, size - wavHeaderBytes));
    if (sampleRate === null || dataBytes === 0) return false;
    await handle.truncate(wavHeaderBytes + dataBytes);
    await handle.write(stereoWavHeader(sampleRate, dataBytes), 0, wavHeaderBytes, 0);
    return true;
  } finally {
    await handle.close();
  }
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}
