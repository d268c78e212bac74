/** Ids that are remembered, of each of two generations. */
const generationSize = 20_000;

/** Receipts that may wait. */
const maxHeld = 10_000;

type Held = { readonly providerId: string; readonly barrier: number; readonly pass: () => void };

/**
 * Carriers send receipts before the answer to the submit_sm, or before a long message's last part was answered: then nobody knows yet whose they are. Such a
 * receipt waits until its message is settled, or every message that was out when it came; it may be for one that an earlier process sent.
 */
export class EarlyReceipts {
  /** Messages that are out, oldest first. */
  readonly #out = new Set<number>();
  readonly #held = new Set<Held>();
  readonly #heldById = new Map<string, Held[]>();
  #known = new Set<string>();
  #knownBefore = new Set<string>();
  #latest = 0;

  /** A message goes out. */
  begin(): number {
    this.#latest += 1;
    this.#out.add(this.#latest);
    return this.#latest;
  }

  /** Whoever sent it has been told, `providerIds` among it. */
  settle(message: number, providerIds: readonly string[]): void {
    this.#out.delete(message);
    for (const providerId of providerIds) {
      for (const held of this.#heldById.get(providerId) ?? []) this.#release(held);
    }
    const [oldest] = this.#out;
    for (const held of this.#held) {
      if (oldest !== undefined && held.barrier >= oldest) break;
      this.#release(held);
    }
  }

  /** Receipts of these parts wait for nobody from now on: the whole message was accepted. */
  remember(providerIds: readonly string[]): void {
    for (const providerId of providerIds) {
      if (this.#known.size >= generationSize) {
        this.#knownBefore = this.#known;
        this.#known = new Set();
      }
      this.#known.add(providerId);
    }
  }

  isKnown(providerId: string): boolean {
    return this.#known.has(providerId) || this.#knownBefore.has(providerId);
  }

  /** `pass` is called at once, or as soon as it is known whose the receipt is, or that nobody's it is. */
  take(providerId: string, pass: () => void): void {
    if (this.isKnown(providerId) || this.#out.size === 0 || this.#held.size >= maxHeld) {
      pass();
      return;
    }
    const held = { providerId, barrier: this.#latest, pass };
    this.#held.add(held);
    const others = this.#heldById.get(providerId);
    if (others === undefined) this.#heldById.set(providerId, [held]);
    else others.push(held);
  }

  #release(held: Held): void {
    this.#held.delete(held);
    const others = (this.#heldById.get(held.providerId) ?? []).filter((other) => other !== held);
    if (others.length === 0) this.#heldById.delete(held.providerId);
    else this.#heldById.set(held.providerId, others);
    held.pass();
  }
}
