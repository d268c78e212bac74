import type { PacketDecoder } from './codec.ts';
import { Concealment } from './concealment.ts';
import type { G711Codec } from './g711.ts';
import { G722Decoder } from './g722.ts';

/** A decoder for a stream of G.711. */
export function createG711Decoder(codec: G711Codec): PacketDecoder {
  return new ByteDecoder((codes, out) => codec.decode(codes, out));
}

/** A decoder for a stream of G.722, of its lower band only: 8 kHz is what is asked for. */
export function createG722Decoder(): PacketDecoder {
  const decoder = new G722Decoder();
  return new ByteDecoder((codes, out) => decoder.decodeNarrow(codes, out));
}

/** A codec of one byte per sample. */
class ByteDecoder implements PacketDecoder {
  readonly #decode: (codes: Uint8Array, out: Int16Array) => void;
  readonly #concealment = new Concealment(8000);

  constructor(decode: (codes: Uint8Array, out: Int16Array) => void) {
    this.#decode = decode;
  }

  decode(payload: Uint8Array, out: Int16Array): number {
    const codes = payload.length <= out.length ? payload : payload.subarray(0, out.length);
    this.#decode(codes, out);
    this.#concealment.remember(out.subarray(0, codes.length));
    return codes.length;
  }

  conceal(out: Int16Array): void {
    this.#concealment.fill(out);
  }

  close(): void {
    // Holds nothing but memory of its own.
  }
}
