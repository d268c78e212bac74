/** The header of a PDU (SMPP 3.4 section 3.2). */
export const headerOctets = 16;

/** A `message_payload` is at most 64 KiB; nothing else is near that. */
const maxOctets = 70_000;

/** Cuts a stream into PDUs by the length in front of each. Holds no more than one that is not complete. */
export class PduFramer {
  #pieces: Buffer[] = [];
  #held = 0;
  #broken: string | null = null;

  /** Why no PDU can be found any more; null: all is well. */
  get broken(): string | null {
    return this.#broken;
  }

  /** Takes what came, and returns what is complete, in order. The PDUs may share memory with `bytes`. */
  push(bytes: Buffer): Buffer[] {
    if (this.#broken !== null) return [];
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    if (this.#held < headerOctets) return [];
    return this.#cut();
  }

  #cut(): Buffer[] {
    const [first] = this.#pieces;
    // Pieces are put together once they are worth a PDU, not each time that one comes.
    if (first !== undefined && first.length >= 4 && this.#held < this.#lengthAt(first, 0) && this.#broken === null)
      return [];
    let rest = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    const pdus: Buffer[] = [];
    while (rest.length >= 4 && this.#broken === null) {
      const length = this.#lengthAt(rest, 0);
      if (this.#broken !== null || rest.length < length) break;
      pdus.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#pieces = rest.length > 0 && this.#broken === null ? [rest] : [];
    this.#held = rest.length;
    return pdus;
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at);
    if (length < headerOctets || length > maxOctets) this.#broken = `not SMPP: a length of ${length}`;
    return length;
  }
}
