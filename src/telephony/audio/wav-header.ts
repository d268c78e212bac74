import { AudioError } from './audio-error.ts';

/** Where the sound of a WAV file is, and in which form; checked, so that a decoder may trust it. */
export type WavLayout = {
  /** The `fmt ` chunk's content, put right where writers get it wrong. */
  readonly format: Uint8Array;
  readonly blockBytes: number;
  /** Samples per channel in one block: 1, but for ADPCM. */
  readonly samplesPerBlock: number;
  readonly sampleRate: number;
  readonly dataStart: number;
  readonly dataEnd: number;
};

const tags = { pcm: 1, msAdpcm: 2, float: 3, aLaw: 6, uLaw: 7, imaAdpcm: 0x11, extensible: 0xfffe } as const;

/** A telephone hears no more, and the resampler is measured up to here. */
const sampleRateRange = { least: 4000, most: 192_000 };
const mostChannels = 32;

/**
 * Reads the RIFF structure (Microsoft "Multimedia Programming Interface and Data Specifications" 1.0): chunks in any order before `data`, padded to even
 * lengths (also where a writer forgot to), a `data` size that is 0, unset or beyond the end (recorders that were cut off).
 * Throws an AudioError for what is no WAV file, or one in a form that is not decoded.
 */
export function readWavLayout(bytes: Uint8Array): WavLayout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Uint8Array | null = null;
  let offset = 12;
  while (offset + 8 <= bytes.length) {
    const id = chunkId(bytes, offset);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (id === 'fmt ') format = checkFormat(bytes.slice(start, start + size));
    if (id === 'data') {
      if (format === null) throw new AudioError('not-decodable', 'the WAV file has no format before its data');
      return layoutOf(format, start, dataEndOf(bytes.length, start, size));
    }
    offset = nextChunk(bytes, start + size);
  }
  throw new AudioError(
    format === null ? 'not-decodable' : 'no-samples',
    format === null ? 'the WAV file has no format' : 'the WAV file contains no sound',
  );
}

function dataEndOf(fileBytes: number, start: number, size: number): number {
  const isUnset = size === 0 || size === 0xffffffff;
  return isUnset ? fileBytes : Math.min(fileBytes, start + size);
}

function layoutOf(format: Uint8Array, dataStart: number, dataEnd: number): WavLayout {
  const view = new DataView(format.buffer, format.byteOffset, format.byteLength);
  const blockBytes = view.getUint16(12, true);
  const samplesPerBlock = adpcmSamples(view.getUint16(0, true), blockBytes / view.getUint16(2, true)) ?? 1;
  return { format, blockBytes, samplesPerBlock, sampleRate: view.getUint32(4, true), dataStart, dataEnd };
}

function nextChunk(bytes: Uint8Array, end: number): number {
  if (end % 2 === 0) return end;
  const isPadded = isChunkId(bytes, end + 1) || !isChunkId(bytes, end);
  return isPadded ? end + 1 : end;
}

function isChunkId(bytes: Uint8Array, offset: number): boolean {
  for (let index = offset; index < offset + 4; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return true;
}

function chunkId(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

/** Checks a `fmt ` chunk; gives back a copy with block size and bit depth put right. */
function checkFormat(format: Uint8Array): Uint8Array {
  if (format.length < 16) throw new AudioError('not-decodable', 'the WAV file is cut off');
  const view = new DataView(format.buffer, format.byteOffset, format.byteLength);
  const declaredTag = view.getUint16(0, true);
  const isExtensible = declaredTag === tags.extensible && format.length >= 40;
  const tag = isExtensible ? view.getUint16(24, true) : declaredTag;
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  if (channels < 1 || channels > mostChannels) refuse(`${channels} channels`);
  if (sampleRate < sampleRateRange.least || sampleRate > sampleRateRange.most)
    refuse(`${sampleRate} samples per second`);
  if (tag === tags.msAdpcm || tag === tags.imaAdpcm) {
    checkAdpcm(view, tag, channels);
    return format;
  }
  const bits = Math.ceil(view.getUint16(14, true) / 8) * 8;
  const isKnown =
    (tag === tags.pcm && [8, 16, 24, 32].includes(bits)) ||
    (tag === tags.float && [32, 64].includes(bits)) ||
    ((tag === tags.aLaw || tag === tags.uLaw) && bits === 8);
  if (!isKnown) refuse(`WAV format ${tag} with ${bits} bits`);
  view.setUint16(12, (channels * bits) / 8, true);
  view.setUint16(14, bits, true);
  return format;
}

/** The block's length says how many samples it holds; a header that says otherwise would have a decoder read or write beyond it. */
function checkAdpcm(view: DataView, tag: number, channels: number): void {
  const blockBytes = view.getUint16(12, true);
  const expected = adpcmSamples(tag, blockBytes / channels) ?? 0;
  const declared = view.byteLength >= 20 && view.getUint16(16, true) >= 2 ? view.getUint16(18, true) : expected;
  const isSound =
    channels <= 2 && blockBytes % channels === 0 && expected > 2 && declared === expected && view.byteLength >= 18;
  if (!isSound) refuse('damaged ADPCM');
}

/** How many samples an ADPCM block holds of a channel to which it gives so many bytes; null: the format is none of the two. */
function adpcmSamples(tag: number, bytesPerChannel: number): number | null {
  if (tag === tags.imaAdpcm) return 1 + (bytesPerChannel - 4) * 2;
  return tag === tags.msAdpcm ? 2 + (bytesPerChannel - 7) * 2 : null;
}

function refuse(what: string): never {
  throw new AudioError('not-decodable', `this kind of WAV file is not supported: ${what}`);
}
