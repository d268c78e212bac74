import { escapeForSsml } from '../ssml/read-speech-text.ts';
import type { Manner, SpeechPart } from '../ssml/speech-part.ts';

/** What one request asks Google to speak: its limit is 5,000 bytes. */
export type GoogleInput = { readonly text: string } | { readonly ssml: string };

const mostBytes = 5000;
const opening = '<speak>';
const closing = '</speak>';

/**
 * A text as inputs of one request each, cut between sentences, else between words, else where it must be. Words without markup go as they are; all others
 * in Google's SSML.
 */
export function googleInputsOf(parts: readonly SpeechPart[]): readonly GoogleInput[] {
  const [only] = parts;
  if (parts.length === 1 && only?.type === 'words' && isPlain(only.manner)) {
    return pack(
      piecesOf(only.words, mostBytes, (words) => words),
      mostBytes,
    ).map((text) => ({ text }));
  }
  const room = mostBytes - opening.length - closing.length;
  const pieces = parts.flatMap((part) =>
    part.type === 'pause'
      ? [`<break time="${part.ms}ms"/>`]
      : piecesOf(part.words, room, (words) => googleMarkup(words, part.manner)),
  );
  return pack(pieces, room).map((markup) => ({ ssml: `${opening}${markup}${closing}` }));
}

function isPlain({ rate, emphasis, isSpelled }: Manner): boolean {
  return rate === 1 && emphasis === 'none' && !isSpelled;
}

function googleMarkup(words: string, { rate, emphasis, isSpelled }: Manner): string {
  let markup = escapeForSsml(words);
  if (isSpelled) markup = `<say-as interpret-as="characters">${markup}</say-as>`;
  if (emphasis !== 'none') markup = `<emphasis level="${emphasis}">${markup}</emphasis>`;
  return rate === 1 ? markup : `<prosody rate="${Math.round(rate * 100)}%">${markup}</prosody>`;
}

/** The words marked, in as few pieces as their size allows. */
function piecesOf(words: string, room: number, mark: (words: string) => string): readonly string[] {
  const marked = mark(words);
  if (sizeOf(marked) <= room) return [marked];
  for (const granularity of ['sentence', 'word', 'grapheme'] as const) {
    const segments = Array.from(
      new Intl.Segmenter(undefined, { granularity }).segment(words),
      ({ segment }) => segment,
    );
    // Marked one by one: how much the markup adds is known only then.
    if (segments.length > 1) return segments.flatMap((segment) => piecesOf(segment, room, mark));
  }
  return [marked];
}

/** Puts neighbours together as long as they fit. */
function pack(pieces: readonly string[], room: number): readonly string[] {
  const packed: string[] = [];
  for (const piece of pieces) {
    const last = packed.at(-1);
    if (last !== undefined && sizeOf(last) + sizeOf(piece) <= room) packed[packed.length - 1] = last + piece;
    else packed.push(piece);
  }
  return packed;
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
