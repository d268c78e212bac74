/** GSM 03.38 section 6.2.1: the default alphabet, by septet. The one that is missing at 0x1B is the escape to the extension table. */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** Section 6.2.1.1: what follows the escape. The national tables of later releases are not used: few handsets and fewer carriers know them. */
const extension: readonly (readonly [number, string])[] = [
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
];

const escapeSeptet = 0x1b;

/** The septet of each character; those of the extension table have `extended` added. */
const extended = 0x100;
const septets: ReadonlyMap<string, number> = new Map([
  ...[...basic].map((char, septet): [string, number] => [char, septet]).filter(([, septet]) => septet !== escapeSeptet),
  ...extension.map(([septet, char]): [string, number] => [char, septet + extended]),
]);

/** How many septets a character takes: 1, or 2 from the extension table; null: the alphabet does not have it. */
export function gsm7Size(char: string): 1 | 2 | null {
  const septet = septets.get(char);
  if (septet === undefined) return null;
  return septet < extended ? 1 : 2;
}

/** One septet in each octet. Throws a RangeError for a character that {@link gsm7Size} does not know. */
export function encodeGsm7(text: string): Buffer {
  const bytes: number[] = [];
  for (const char of text) {
    const septet = septets.get(char);
    if (septet === undefined) throw new RangeError('not in the GSM alphabet');
    if (septet >= extended) bytes.push(escapeSeptet);
    bytes.push(septet & 0x7f);
  }
  return Buffer.from(bytes);
}

/**
 * Septets, eight in seven octets (GSM 03.38 section 6.1.2.1.1), after `headerOctets` octets of a header of which the septets' boundary goes on (GSM 03.40
 * section 9.2.3.24). Seven bits that are left over would read as another `@`, so they are filled with a carriage return.
 */
export function packGsm7(unpacked: Buffer, headerOctets: number): Buffer {
  const fillBits = (7 - ((headerOctets * 8) % 7)) % 7;
  const usedBits = fillBits + unpacked.length * 7;
  const isPadded = unpacked.length > 0 && usedBits % 8 === 1;
  const packed = Buffer.alloc(Math.ceil(usedBits / 8));
  let bit = fillBits;
  for (const septet of isPadded ? [...unpacked, 0x0d] : unpacked) {
    const shifted = septet << (bit % 8);
    const at = bit >> 3;
    packed[at] = (packed[at] ?? 0) | (shifted & 0xff);
    if (at + 1 < packed.length) packed[at + 1] = (packed[at + 1] ?? 0) | (shifted >> 8);
    bit += 7;
  }
  return packed;
}
