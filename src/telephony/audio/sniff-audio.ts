import { findAdtsStart } from './adts-frame.ts';
import { asciiAt } from './bytes.ts';
import { findMp3Start, id3Length } from './mp3-frame.ts';

/** What a file is, by its content. `aac` is a bare ADTS stream; `m4a` is MP4 and QuickTime too. */
export type AudioFormat = 'wav' | 'mp3' | 'm4a' | 'aac' | 'ogg' | 'flac';

/** Recognises a file by its first bytes; names lie. Null: none of the formats that are decoded. */
export function sniffAudio(bytes: Uint8Array): AudioFormat | null {
  if (asciiAt(bytes, 0, 'RIFF') && asciiAt(bytes, 8, 'WAVE')) return 'wav';
  if (asciiAt(bytes, 4, 'ftyp')) return 'm4a';
  if (asciiAt(bytes, 0, 'OggS')) return 'ogg';
  if (asciiAt(bytes, 0, 'fLaC')) return 'flac';
  // Both are runs of frames that begin almost alike; by chance one may be seen inside the other, but only later on.
  const aac = findAdtsStart(bytes, id3Length(bytes)) ?? Number.POSITIVE_INFINITY;
  const mp3 = findMp3Start(bytes) ?? Number.POSITIVE_INFINITY;
  if (aac < mp3) return 'aac';
  return mp3 < Number.POSITIVE_INFINITY ? 'mp3' : null;
}

/** Beginnings of files that people take for audio that can be used, and rightly so, but not here. */
const others: readonly { readonly magic: string; readonly name: string }[] = [
  { magic: '#!AMR', name: 'AMR' },
  { magic: 'FORM', name: 'AIFF' },
  { magic: '\x30\x26\xb2\x75', name: 'WMA' },
  { magic: '\x1a\x45\xdf\xa3', name: 'WebM or Matroska' },
  { magic: 'caff', name: 'CAF' },
  { magic: '.snd', name: 'AU' },
  { magic: 'RF64', name: 'RF64' },
  { magic: 'MThd', name: 'MIDI' },
];

/** The name of a known format that is not decoded; null: not known at all. */
export function sniffOther(bytes: Uint8Array): string | null {
  return others.find(({ magic }) => asciiAt(bytes, 0, magic))?.name ?? null;
}
