import { AudioError, refuseTooLong } from './audio-error.ts';
import { uintAt } from './bytes.ts';
import { bodyOf, findBox, type Mp4Box, readBoxes } from './mp4-boxes.ts';
import { readFragmentFrames } from './mp4-fragments.ts';
import { readTableFrames } from './mp4-tables.ts';

/** Contents of the boxes that say which part of the decoded sound is the sound: encoders add some before and after. */
export type GaplessBoxes = Readonly<Partial<Record<'elst' | 'mdhd' | 'stts' | 'mvhd' | 'ilst', Uint8Array>>>;

/** The sound of an MP4 file. */
export type Mp4Track = {
  readonly codec: 'aac' | 'alac';
  /** AudioSpecificConfig (ISO 14496-3 1.6.2.1), or ALAC's magic cookie. */
  readonly config: Uint8Array;
  readonly gapless: GaplessBoxes;
  /** In order. */
  readonly frames: Iterable<Uint8Array>;
};

/**
 * Finds the first track with AAC or ALAC in an MP4, M4A or QuickTime file, whole or in fragments. Throws an AudioError: damaged, without such a track, or too long
 * by its own account.
 */
export function readMp4Track(bytes: Uint8Array): Mp4Track {
  const moov = [...readBoxes(bytes, 0, bytes.length)].find((box) => box.type === 'moov');
  if (moov === undefined) throw new AudioError('not-decodable', 'the m4a file is cut off: it has no index (moov)');
  const codecs: string[] = [];
  for (const trak of readBoxes(bytes, moov.bodyStart, moov.end)) {
    if (trak.type !== 'trak') continue;
    const sample = sampleEntryOf(bytes, trak);
    const config = sample === null ? null : configOf(bytes, sample);
    if (config !== null) return trackOf(bytes, moov, trak, config);
    if (sample !== null) codecs.push(sample.type);
  }
  throw new AudioError('unsupported-format', `the MP4 file has no sound in AAC or ALAC${listOf(codecs)}`);
}

function listOf(codecs: readonly string[]): string {
  const names = codecs.map((codec) => codec.replace(/[^ -~]/g, '?'));
  return names.length === 0 ? '' : `, but ${names.slice(0, 4).join(', ')}`;
}

type Config = Pick<Mp4Track, 'codec' | 'config'>;

function trackOf(bytes: Uint8Array, moov: Mp4Box, trak: Mp4Box, config: Config): Mp4Track {
  const at = (parent: Mp4Box, ...path: string[]) => bodyOf(bytes, findBox(bytes, parent, ...path)) ?? undefined;
  const mdhd = at(trak, 'mdia', 'mdhd');
  if (mdhd !== undefined) refuseDeclaredTooLong(mdhd);
  const boxes = {
    ...{ mdhd, elst: at(trak, 'edts', 'elst'), stts: at(trak, 'mdia', 'minf', 'stbl', 'stts') },
    ...{ mvhd: at(moov, 'mvhd'), ilst: at(moov, 'udta', 'meta', 'ilst') },
  };
  const isFragmented = findBox(bytes, moov, 'mvex') !== null;
  const frames = isFragmented ? readFragmentFrames(bytes, moov, trak) : readTableFrames(bytes, trak);
  return { ...config, gapless: boxes, frames };
}

function refuseDeclaredTooLong(mdhd: Uint8Array): void {
  const isLong = mdhd[0] === 1;
  const timescale = uintAt(mdhd, isLong ? 20 : 12, 4);
  const duration = isLong ? uintAt(mdhd, 24, 4) * 2 ** 32 + uintAt(mdhd, 28, 4) : uintAt(mdhd, 16, 4);
  // All ones: unknown.
  if (timescale > 0 && duration < 0xffffffff) refuseTooLong(duration, timescale);
}

/** The first description of a track's samples; null: there is none. */
function sampleEntryOf(bytes: Uint8Array, trak: Mp4Box): Mp4Box | null {
  const stsd = findBox(bytes, trak, 'mdia', 'minf', 'stbl', 'stsd');
  if (stsd === null) return null;
  const [entry] = readBoxes(bytes, stsd.bodyStart + 8, stsd.end);
  return entry ?? null;
}

/** null: neither AAC nor ALAC. */
function configOf(bytes: Uint8Array, entry: Mp4Box): Config | null {
  // An audio sample entry is 28 bytes; QuickTime's versions 1 and 2 of it are longer.
  const version = uintAt(bytes, entry.bodyStart + 8, 2);
  const start = entry.bodyStart + 28 + (version === 1 ? 16 : version === 2 ? 36 : 0);
  const within = { ...entry, bodyStart: Math.min(start, entry.end) };
  switch (entry.type) {
    case 'mp4a': {
      const esds = findBox(bytes, within, 'esds') ?? findBox(bytes, within, 'wave', 'esds');
      const config = esds === null ? null : specificConfigOf(bytes.subarray(esds.bodyStart + 4, esds.end));
      return config === null ? null : { codec: 'aac', config };
    }
    case 'alac': {
      const cookie = bodyOf(bytes, findBox(bytes, within, 'alac') ?? findBox(bytes, within, 'wave', 'alac'));
      return cookie === null || cookie.length < 24 ? null : { codec: 'alac', config: cookie };
    }
    default:
      return null;
  }
}

/** Object types of AAC: MPEG-4, and MPEG-2's three profiles (ISO 14496-1 table 5). */
const aacObjectTypes: readonly number[] = [0x40, 0x66, 0x67, 0x68];

/** Walks the descriptors of an `esds` box (ISO 14496-1 7.2.6): ES_Descriptor, DecoderConfigDescriptor, DecoderSpecificInfo. null: not AAC. */
function specificConfigOf(esds: Uint8Array): Uint8Array | null {
  const stream = descriptor(esds, 0, 0x03);
  if (stream === null) return null;
  const flags = stream[2] ?? 0;
  const optional = (flags & 0x80 ? 2 : 0) + (flags & 0x40 ? 1 + (stream[3] ?? 0) : 0) + (flags & 0x20 ? 2 : 0);
  const decoder = descriptor(stream, 3 + optional, 0x04);
  if (decoder === null || !aacObjectTypes.includes(decoder[0] ?? 0)) return null;
  const config = descriptor(decoder, 13, 0x05);
  return config === null || config.length < 2 ? null : config;
}

/** The content of the descriptor at `offset`, whose length is written in 7-bit bytes; null: another one is there. */
function descriptor(bytes: Uint8Array, offset: number, tag: number): Uint8Array | null {
  if (bytes[offset] !== tag) return null;
  let length = 0;
  let at = offset + 1;
  for (let digits = 0; digits < 4; digits += 1) {
    const byte = bytes[at] ?? 0;
    at += 1;
    length = (length << 7) | (byte & 0x7f);
    if ((byte & 0x80) === 0) break;
  }
  return bytes.subarray(at, at + length);
}
