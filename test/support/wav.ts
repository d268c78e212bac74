import { readFile } from 'node:fs/promises';
import type { Samples } from './tone.ts';
import { until } from './until.ts';

/** A RIFF file with 16 bit PCM, the same on every channel. */
export function encodeWav({ pcm, sampleRate }: Samples, channels: 1 | 2): Buffer {
  const data = Buffer.alloc(pcm.length * channels * 2);
  pcm.forEach((sample, i) => {
    for (let channel = 0; channel < channels; channel++) data.writeInt16LE(sample, (i * channels + channel) * 2);
  });
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

/** Reads 16 bit PCM, of several channels the first. A file whose writer was stopped may name too little data: all that follows the `data` header counts. */
export function decodeWav(file: Buffer): Samples {
  const formatAt = file.indexOf('fmt ');
  const dataAt = file.indexOf('data', formatAt);
  if (formatAt < 0 || dataAt < 0) throw new Error('not a WAV file');
  if (file.readUInt16LE(formatAt + 22) !== 16) throw new Error('not 16 bit');
  const frameBytes = 2 * file.readUInt16LE(formatAt + 10);
  const data = file.subarray(dataAt + 8);
  const pcm = Int16Array.from({ length: Math.floor(data.length / frameBytes) }, (_, i) =>
    data.readInt16LE(i * frameBytes),
  );
  return { pcm, sampleRate: file.readUInt32LE(formatAt + 12) };
}

/** Reads what a peer records as soon as it is whole: the length in the header is written last. `detail`: the end of what the peer wrote. */
export function readRecording(file: string, detail: () => string): Promise<Samples> {
  return until(
    async () => {
      const content = await readFile(file).catch(() => Buffer.alloc(0));
      return content.length > 44 && content.readUInt32LE(4) === content.length - 8 ? decodeWav(content) : null;
    },
    { what: `the recording ${file}`, timeoutMs: 10_000, everyMs: 50, detail: () => detail().slice(-6000) },
  );
}

/** Reads 16 bit stereo PCM that begins right after a header of 44 bytes. */
export function decodeStereoWav(file: Buffer): { left: Int16Array; right: Int16Array; sampleRate: number } {
  if (file.readUInt16LE(22) !== 2 || file.readUInt16LE(34) !== 16) throw new Error('not 16 bit stereo');
  const frames = file.readUInt32LE(40) / 4;
  const side = (offset: number): Int16Array =>
    Int16Array.from({ length: frames }, (_, frame) => file.readInt16LE(44 + 4 * frame + offset));
  return { left: side(0), right: side(2), sampleRate: file.readUInt32LE(24) };
}
