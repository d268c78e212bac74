import type { Random } from '../../lib/random.ts';

/** Destinations whose latest reference is kept; one that is forgotten begins anew somewhere. */
const maxKept = 10_000;

/**
 * Numbers the long messages to each destination: a handset puts parts together by sender and reference, so two messages that reach the same one at about the
 * same time must differ.
 */
export class PartReferences {
  readonly #random: Random;
  readonly #latest = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** 0 to 255. */
  next(destination: string): number {
    const before = this.#latest.get(destination) ?? Math.floor(this.#random.float() * 256);
    const reference = (before + 1) % 256;
    this.#latest.delete(destination);
    this.#latest.set(destination, reference);
    if (this.#latest.size > maxKept) {
      for (const oldest of this.#latest.keys()) {
        this.#latest.delete(oldest);
        break;
      }
    }
    return reference;
  }
}
