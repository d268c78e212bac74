/**
 * G.711 companding (ITU-T G.711 11/88), by tables. The 16-bit scale is that of the ITU-T software tool library (G.191): 14-bit u-law
 * and 13-bit A-law samples stand left-justified in 16 bits.
 */

export type G711Law = 'PCMA' | 'PCMU';

/** Both directions of one law. Tables are built once, when the codec is made; 64 KB + 512 bytes. */
export type G711Codec = {
  readonly law: G711Law;
  /** The code for digital silence: 0xD5 in A-law, 0xFF in u-law. */
  readonly silence: number;
  /** Encodes every sample of `pcm` into `out`, which holds at least as many bytes. */
  encode(pcm: Int16Array, out: Uint8Array): void;
  /** Decodes every byte of `codes` into `out`, which holds at least as many samples. */
  decode(codes: Uint8Array, out: Int16Array): void;
  /** The code of one sample. */
  encodeSample(sample: number): number;
  /** The sample of one code. */
  decodeSample(code: number): number;
};

const uLawBias = 0x84;
const uLawClip = 32635;

/** A-law: 8 segments, the first two of equal step, even bits inverted (G.711 table 1a). */
function aLawToLinear(code: number): number {
  const inverted = code ^ 0x55;
  const segment = (inverted >> 4) & 7;
  const mantissa = ((inverted & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? mantissa : (mantissa + 0x100) << (segment - 1);
  return (inverted & 0x80) !== 0 ? magnitude : -magnitude;
}

function linearToALaw(sample: number): number {
  const isPositive = sample >= 0;
  // One's complement, so that the decision values of both signs are symmetric.
  const magnitude = (isPositive ? sample : ~sample) >> 4;
  let segment = 0;
  while (magnitude >> (segment + 4) !== 0) segment += 1;
  const code = segment === 0 ? magnitude : (segment << 4) | ((magnitude >> (segment - 1)) & 0x0f);
  return (code | (isPositive ? 0x80 : 0)) ^ 0x55;
}

/** u-law: bias 33 (of 14 bits), all bits inverted (G.711 table 2a). */
function uLawToLinear(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + uLawBias) << ((inverted >> 4) & 7)) - uLawBias;
  return (inverted & 0x80) !== 0 ? -magnitude : magnitude;
}

function linearToULaw(sample: number): number {
  const isNegative = sample < 0;
  const biased = Math.min(isNegative ? ~sample : sample, uLawClip) + uLawBias;
  let segment = 0;
  while (biased >> (segment + 8) !== 0) segment += 1;
  const code = (segment << 4) | ((biased >> (segment + 3)) & 0x0f);
  return ~(code | (isNegative ? 0x80 : 0)) & 0xff;
}

/** Builds the tables of one law. Keep the result: it is meant to be made once per process or thread. */
export function createG711Codec(law: G711Law): G711Codec {
  const toLinear = law === 'PCMA' ? aLawToLinear : uLawToLinear;
  const toCode = law === 'PCMA' ? linearToALaw : linearToULaw;
  const linearOf = Int16Array.from({ length: 256 }, (_, code) => toLinear(code));
  // Indexed by the sample as an unsigned 16-bit number.
  const codeOf = Uint8Array.from({ length: 65536 }, (_, index) => toCode((index << 16) >> 16));
  return {
    law,
    silence: toCode(0),
    encode(pcm, out) {
      for (let index = 0; index < pcm.length; index += 1) out[index] = codeOf[(pcm[index] ?? 0) & 0xffff] ?? 0;
    },
    decode(codes, out) {
      for (let index = 0; index < codes.length; index += 1) out[index] = linearOf[codes[index] ?? 0] ?? 0;
    },
    encodeSample: (sample) => codeOf[sample & 0xffff] ?? 0,
    decodeSample: (code) => linearOf[code & 0xff] ?? 0,
  };
}
