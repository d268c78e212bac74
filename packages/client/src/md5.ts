/** Left rotations of the four rounds (RFC 1321, 3.4), four to a round. */
const rotations = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/** T[i] of RFC 1321: the whole part of 4294967296 times abs(sin(i)), i from 1. */
const sines = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0);

type State = readonly [number, number, number, number];

/**
 * MD5 (RFC 1321) of a text's UTF-8 bytes, as 32 lower-case hex digits. `Sign` is one (contract 1.2) and WebCrypto has none; it proves nothing to anybody who
 * can make collisions, and is used for nothing else.
 */
export function md5(text: string): string {
  const message = padded(new TextEncoder().encode(text));
  let state: State = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let offset = 0; offset < message.byteLength; offset += 64) state = withBlock(state, message, offset);
  const digest = new DataView(new ArrayBuffer(16));
  for (const [index, word] of state.entries()) digest.setInt32(4 * index, word, true);
  return Array.from(new Uint8Array(digest.buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The message, a one bit, zeros, and the length in bits in 64 bits, up to a multiple of 64 bytes. */
function padded(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 9) / 64) * 64;
  const message = new Uint8Array(length);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setBigUint64(length - 8, BigInt(bytes.length) * 8n, true);
  return view;
}

function withBlock(state: State, message: DataView, offset: number): State {
  let [a, b, c, d] = state;
  for (let step = 0; step < 64; step++) {
    const { mixed, word } = stepOf(step, b, c, d);
    const sum = (a + mixed + (sines[step] ?? 0) + message.getInt32(offset + 4 * word, true)) | 0;
    const by = rotations[step >> 4]?.[step & 3] ?? 0;
    [a, b, c, d] = [d, (b + ((sum << by) | (sum >>> (32 - by)))) | 0, b, c];
  }
  return [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
}

/** The round's function of three words, and which word of the block the step takes. */
function stepOf(step: number, b: number, c: number, d: number): { readonly mixed: number; readonly word: number } {
  if (step < 16) return { mixed: (b & c) | (~b & d), word: step };
  if (step < 32) return { mixed: (d & b) | (~d & c), word: (5 * step + 1) % 16 };
  if (step < 48) return { mixed: b ^ c ^ d, word: (3 * step + 5) % 16 };
  return { mixed: c ^ (b | ~d), word: (7 * step) % 16 };
}
