import type { Libc } from './libc.ts';

/** Memory that the C library reads and writes as well. `words` are in the machine's order, which is little-endian wherever this runs. */
export class NativeMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly address: number;

  /** `size` in bytes, a multiple of 4. */
  constructor(libc: Libc, size: number) {
    this.bytes = new Uint8Array(new ArrayBuffer(size));
    this.words = new Uint32Array(this.bytes.buffer);
    this.address = libc.addressOf(this.bytes);
  }
}
