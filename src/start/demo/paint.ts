export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

/** Puts a colour around a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

const codes: Readonly<Record<Colour, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
};

const escapeCode = '\u001b';

export const ansiPaint: Paint = (colour, text) =>
  text === '' ? '' : `${escapeCode}[${codes[colour]}m${text}${escapeCode}[0m`;

export const plainPaint: Paint = (_, text) => text;

/** The length of a text as it is seen, without its colours. */
export function visibleLength(text: string): number {
  return text.replaceAll(new RegExp(`${escapeCode}\\[\\d+m`, 'g'), '').length;
}

/** The first `width` characters that are seen, with the colours that belong to them. */
export function clip(text: string, width: number): string {
  if (visibleLength(text) <= width) return text;
  let seen = 0;
  let clipped = '';
  for (const part of text.split(new RegExp(`(${escapeCode}\\[\\d+m)`))) {
    if (part.startsWith(escapeCode)) clipped += part;
    else {
      clipped += part.slice(0, Math.max(0, width - seen));
      seen += part.length;
    }
  }
  return clipped;
}
