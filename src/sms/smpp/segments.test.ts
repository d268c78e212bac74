import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeGsm7 } from './gsm7.ts';
import { concatenationHeader, type SmppCharset, segmentsOf } from './segments.ts';

/** Septets back to text, by a table that is made the other way round. */
const gsmChars = [
  ...'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€',
];
const charOf = new Map(gsmChars.map((char) => [encodeGsm7(char).toString('hex'), char]));

function decodeGsm7(septets: Buffer): string {
  let text = '';
  for (let at = 0; at < septets.length; at += 1) {
    const size = septets[at] === 0x1b ? 2 : 1;
    text += charOf.get(septets.subarray(at, at + size).toString('hex')) ?? '\u{fffd}';
    at += size - 1;
  }
  return text;
}

const decoders = {
  0: decodeGsm7,
  3: (bytes: Buffer) => bytes.toString('latin1'),
  8: (bytes: Buffer) => Buffer.from(bytes).swap16().toString('utf16le'),
} as const;

function cut(text: string, charset: SmppCharset = 'gsm7'): { dataCoding: 0 | 3 | 8; parts: readonly Buffer[] } {
  const segments = segmentsOf(text, charset, 'udh');
  assert.ok(segments);
  return segments;
}

type Row = readonly [what: string, text: string, charset: SmppCharset, dataCoding: number, lengths: readonly number[]];

const rows: readonly Row[] = [
  ['nothing', '', 'gsm7', 0, [0]],
  ['160 septets in one', 'a'.repeat(160), 'gsm7', 0, [160]],
  ['161 in two', 'a'.repeat(161), 'gsm7', 0, [153, 8]],
  ['306 in two', 'a'.repeat(306), 'gsm7', 0, [153, 153]],
  ['307 in three', 'a'.repeat(307), 'gsm7', 0, [153, 153, 1]],
  ['80 euros in one', '€'.repeat(80), 'gsm7', 0, [160]],
  ['an escape is not parted from its character', `${'a'.repeat(152)}€${'b'.repeat(9)}`, 'gsm7', 0, [152, 11]],
  ['70 of UCS-2 in one', '中'.repeat(70), 'gsm7', 8, [140]],
  ['71 in two', '中'.repeat(71), 'gsm7', 8, [134, 8]],
  ['a surrogate pair is not parted', `${'中'.repeat(66)}😀${'中'.repeat(5)}`, 'gsm7', 8, [132, 14]],
  ['one character is enough for UCS-2', `${'a'.repeat(69)}ç`, 'gsm7', 8, [140]],
  ['packed: 160 septets are 140 octets', 'a'.repeat(160), 'gsm7-packed', 0, [140]],
  ['packed: 153 behind a header are 134', 'a'.repeat(161), 'gsm7-packed', 0, [134, 8]],
  ['Latin-1 has what GSM has not', 'ça va', 'latin1', 3, [5]],
  ['Latin-1 in parts', 'ç'.repeat(141), 'latin1', 3, [134, 7]],
  ['Latin-1 has no euro', '€', 'latin1', 8, [2]],
];

for (const [what, text, charset, dataCoding, lengths] of rows) {
  test(`segments: ${what}`, () => {
    const segments = cut(text, charset);
    assert.equal(segments.dataCoding, dataCoding);
    assert.deepEqual(
      segments.parts.map((part) => part.length),
      lengths,
    );
  });
}

test('segments: 255 parts and no more', () => {
  assert.equal(cut('a'.repeat(255 * 153)).parts.length, 255);
  assert.equal(segmentsOf('a'.repeat(255 * 153 + 1), 'gsm7', 'udh'), null);
});

test('segments: packed without a header of ours begins at the first bit', () => {
  const beside = segmentsOf('a'.repeat(161), 'gsm7-packed', 'sar');
  assert.equal(beside?.parts[1]?.toString('hex'), cut('a'.repeat(8), 'gsm7-packed').parts[0]?.toString('hex'));
});

const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...gsmChars), maxLength: 700 }),
  fc.string({ unit: 'grapheme', maxLength: 700 }),
  fc.string({ unit: fc.constantFrom('a', '€', '中', '😀', 'ç'), maxLength: 700 }),
);

for (const charset of ['gsm7', 'latin1'] as const) {
  test(`segments: any text comes out whole, in parts that fit and could not be fewer (${charset})`, () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { dataCoding, parts } = cut(text, charset);
        const texts = parts.map(decoders[dataCoding]);
        assert.equal(texts.join(''), text);
        const { alone, part: most } = dataCoding === 0 ? { alone: 160, part: 153 } : { alone: 140, part: 134 };
        for (const part of parts) assert.ok(part.length <= (parts.length === 1 ? alone : most));
        for (const piece of texts) assert.ok(piece.isWellFormed() || !text.isWellFormed());
        // A part that ends early does so for a character that would not have fitted.
        for (const part of parts.slice(0, -1)) assert.ok(part.length > most - (dataCoding === 8 ? 4 : 2));
      }),
    );
  });
}

test('segments: the header of GSM 03.40', () => {
  assert.equal(concatenationHeader(0xa7, 3, 2).toString('hex'), '050003a70302');
});
