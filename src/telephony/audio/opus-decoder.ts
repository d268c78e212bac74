import type { OpusDecoderHandle } from 'libopus-wasm';
import type { PacketDecoder } from './codec.ts';

/**
 * A decoder for a stream of Opus; some 20 KB. The library is loaded with the first one of a thread (some 40 ms): until then packets cannot be decoded. A
 * library that cannot be loaded ends the thread.
 */
export function createOpusDecoder(): PacketDecoder {
  return new OpusDecoder();
}

class OpusDecoder implements PacketDecoder {
  #library: typeof import('libopus-wasm') | null = null;
  #handle: OpusDecoderHandle | null = null;
  #isClosed = false;

  constructor() {
    void this.#open();
  }

  decode(payload: Uint8Array, out: Int16Array): number {
    return payload.length === 0 ? 0 : this.#run(out, (handle) => handle.decode(payload));
  }

  conceal(out: Int16Array, next: Uint8Array | null): void {
    // The library makes up audio in steps of 2.5 ms, at most 120 ms at once.
    const frameSize = Math.min(960, Math.ceil(out.length / 20) * 20);
    const copied = next !== null && next.length > 0 ? next : null;
    const count = this.#run(out, (handle) =>
      copied === null ? handle.decodePacketLoss(frameSize) : handle.decode(copied, { decodeFec: true, frameSize }),
    );
    out.fill(0, count);
  }

  close(): void {
    this.#isClosed = true;
    this.#handle?.free();
    this.#handle = null;
  }

  async #open(): Promise<void> {
    this.#library = await import('libopus-wasm');
    const handle = await this.#library.createDecoder({ sampleRate: 8000, channels: 1 });
    if (this.#isClosed) handle.free();
    else this.#handle = handle;
  }

  #run(out: Int16Array, decode: (handle: OpusDecoderHandle) => Int16Array): number {
    if (this.#handle === null) return 0;
    try {
      const pcm = decode(this.#handle);
      out.set(pcm.length <= out.length ? pcm : pcm.subarray(0, out.length));
      return Math.min(pcm.length, out.length);
    } catch (error) {
      // Anybody can send a packet that is none; what it would have held is a gap.
      if (this.#library?.isOpusError(error)) return 0;
      throw error;
    }
  }
}
