import { assertNever } from '../../lib/errors.ts';
import { encodeGsm7, gsm7Size, packGsm7 } from './gsm7.ts';

/**
 * What a carrier takes text of one octet a character as: the GSM alphabet with a septet in each octet (what nearly all want), the same packed, or Latin-1.
 * Text with other characters goes as UCS-2 with each of them.
 */
export type SmppCharset = 'gsm7' | 'gsm7-packed' | 'latin1';

/** How the parts of a long text are marked: by a header inside the text, or by parameters beside it, from which the carrier makes that header. */
export type Concatenation = 'udh' | 'sar';

/** A text as SMPP carries it. */
export type Segments = {
  /** SMPP 3.4 section 5.2.19: 0 the carrier's default alphabet, 3 Latin-1, 8 UCS-2. */
  readonly dataCoding: 0 | 3 | 8;
  /** At least one; without the header that tells a part's place, for which room is left. */
  readonly parts: readonly Buffer[];
};

/** A user data header with one element of 8 bit reference, total and place (GSM 03.40 section 9.2.3.24.1). */
export const concatenationHeaderOctets = 6;

/** The header's number of parts is one octet. */
const maxParts = 255;

/** Of a text alone, and of a part beside the header, in septets, octets, and octets. */
const limits = {
  gsm7: { alone: 160, part: 153 },
  latin1: { alone: 140, part: 134 },
  ucs2: { alone: 140, part: 134 },
} as const;

/**
 * Encodes a text in the smallest way that keeps every character, and cuts it into parts where it does not fit one; never within a character of two septets
 * or a surrogate pair. null: it is too long for 255 parts.
 */
export function segmentsOf(text: string, charset: SmppCharset, concatenation: Concatenation): Segments | null {
  const alphabet = alphabetOf(text, charset);
  const texts = cutText(text, sizes[alphabet], limits[alphabet]);
  if (texts.length > maxParts) return null;
  switch (alphabet) {
    case 'gsm7': {
      if (charset !== 'gsm7-packed') return { dataCoding: 0, parts: texts.map(encodeGsm7) };
      // Where the carrier makes the header it must shift the septets anyway.
      const headerOctets = texts.length > 1 && concatenation === 'udh' ? concatenationHeaderOctets : 0;
      return { dataCoding: 0, parts: texts.map((part) => packGsm7(encodeGsm7(part), headerOctets)) };
    }
    case 'latin1':
      return { dataCoding: 3, parts: texts.map((part) => Buffer.from(part, 'latin1')) };
    case 'ucs2':
      return { dataCoding: 8, parts: texts.map((part) => Buffer.from(part, 'utf16le').swap16()) };
    default:
      return assertNever(alphabet);
  }
}

/** The header in front of part `place` (from 1) of `total`. */
export function concatenationHeader(reference: number, total: number, place: number): Buffer {
  return Buffer.from([concatenationHeaderOctets - 1, 0x00, 3, reference, total, place]);
}

type Alphabet = keyof typeof limits;

const sizes: Record<Alphabet, (char: string) => number> = {
  // Only asked of texts that the alphabet holds.
  gsm7: (char) => gsm7Size(char) ?? 1,
  latin1: () => 1,
  ucs2: (char) => char.length * 2,
};

function alphabetOf(text: string, charset: SmppCharset): Alphabet {
  if (charset === 'latin1') return /^[\0-\xff]*$/.test(text) ? 'latin1' : 'ucs2';
  for (const char of text) if (gsm7Size(char) === null) return 'ucs2';
  return 'gsm7';
}

/** Each part takes as much as it can hold. */
function cutText(
  text: string,
  sizeOf: (char: string) => number,
  limit: { readonly alone: number; readonly part: number },
): string[] {
  const ends: number[] = [];
  let [at, total, inPart] = [0, 0, 0];
  for (const char of text) {
    const size = sizeOf(char);
    total += size;
    if (inPart + size > limit.part) {
      ends.push(at);
      inPart = 0;
    }
    inPart += size;
    at += char.length;
  }
  if (total <= limit.alone) return [text];
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}
