/** What a 16-bit stereo WAV file begins with, in bytes. */
export const wavHeaderBytes = 44;

const bytesPerFrame = 4;

/** The header of 16-bit stereo PCM ("Multimedia Programming Interface and Data Specifications" 1.0) before `dataBytes` of it. */
export function stereoWavHeader(sampleRate: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(wavHeaderBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(wavHeaderBytes - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * bytesPerFrame, 28);
  header.writeUInt16LE(bytesPerFrame, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/** The sample rate of a file that begins with such a header, whatever length the header says; null: it does not. */
export function stereoWavRate(header: Buffer): number | null {
  if (header.length < wavHeaderBytes) return null;
  const sampleRate = header.readUInt32LE(24);
  if (sampleRate === 0 || sampleRate > 192_000) return null;
  const sized = Buffer.from(header.subarray(0, wavHeaderBytes));
  sized.writeUInt32LE(wavHeaderBytes - 8, 4);
  sized.writeUInt32LE(0, 40);
  return sized.equals(stereoWavHeader(sampleRate, 0)) ? sampleRate : null;
}

/** How long so many bytes of data last, ms. */
export function stereoWavDurationMs(sampleRate: number, dataBytes: number): number {
  return Math.round((dataBytes / bytesPerFrame / sampleRate) * 1000);
}

/** Whole frames only: what a file that was cut off has too much is left out. */
export function wholeFrames(dataBytes: number): number {
  return dataBytes - (dataBytes % bytesPerFrame);
}
