/*
 * Packet indices: the 16 bits of a sequence number and the 32 bits of the rollover counter (ROC) that counts its wraps and never is on the wire
 * (RFC 3711 3.3.1). Indices are plain numbers: 48 bits fit.
 */

/** How far back a packet may come late; RFC 3711 3.3.2 asks for 64 at least. One second of 20 ms packets is 50. */
export const replayWindowPackets = 128;

const wrap = 0x10000;
const lastIndex = 2 ** 48 - 1;

/** The index that a sequence number most likely means, near the highest one authenticated so far; null: none fits (RFC 3711 appendix A). */
export function guessIndex(highest: number, sequence: number): number | null {
  const ahead = (sequence - highest) & 0xffff;
  const index = ahead < 0x8000 ? highest + ahead : highest + ahead - wrap;
  return index < 0 || index > lastIndex ? null : index;
}

/** Which of the latest packets of one source were seen. Only authenticated packets may be marked. */
export class ReplayWindow {
  readonly #seen = new Uint32Array(replayWindowPackets / 32);
  #highest: number;

  /** `first` is the index of the first packet; it is marked. */
  constructor(first: number) {
    this.#highest = first;
    this.#set(first);
  }

  get highest(): number {
    return this.#highest;
  }

  /** Whether a packet may still be taken: neither seen nor too old to tell. */
  admits(index: number): boolean {
    if (index > this.#highest) return true;
    if (this.#highest - index >= replayWindowPackets) return false;
    return ((this.#seen[wordOf(index)] ?? 0) & bitOf(index)) === 0;
  }

  mark(index: number): void {
    if (index > this.#highest) {
      const forget = Math.min(index - this.#highest, replayWindowPackets);
      for (let passed = index - forget + 1; passed < index; passed += 1) this.#clear(passed);
      this.#highest = index;
    }
    this.#set(index);
  }

  #set(index: number): void {
    this.#seen[wordOf(index)] = (this.#seen[wordOf(index)] ?? 0) | bitOf(index);
  }

  #clear(index: number): void {
    this.#seen[wordOf(index)] = (this.#seen[wordOf(index)] ?? 0) & ~bitOf(index);
  }
}

/** The window is a ring: an index has the same place as the one a window's length before it, which it replaces. */
function wordOf(index: number): number {
  return Math.floor((index % replayWindowPackets) / 32);
}

function bitOf(index: number): number {
  return 1 << (index % 32);
}
