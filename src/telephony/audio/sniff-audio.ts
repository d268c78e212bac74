import { findMp3Start } from './mp3-frame.ts';

/** What a file is, by its content. */
export type AudioFormat = 'wav' | 'mp3' | 'm4a' | 'ogg' | 'flac';

/** Recognises a file by its first bytes; names lie. Null: none of the known formats. */
export function sniffAudio(bytes: Uint8Array): AudioFormat | null {
  if (hasText(bytes, 0, 'RIFF') && hasText(bytes, 8, 'WAVE')) return 'wav';
  if (hasText(bytes, 4, 'ftyp')) return 'm4a';
  if (hasText(bytes, 0, 'OggS')) return 'ogg';
  if (hasText(bytes, 0, 'fLaC')) return 'flac';
  return findMp3Start(bytes) === null ? null : 'mp3';
}

function hasText(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
