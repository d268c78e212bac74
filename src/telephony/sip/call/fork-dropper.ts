import type { Hop } from '../endpoint-types.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';

/** The ACK to the 2xx of a fork, and how its dialog is ended. */
export type Fork = { readonly ack: Buffer; readonly hop: Hop; readonly hangUp: () => void };

/** More forks than this answer no honest call; the rest is not answered. */
const maxForks = 16;

/**
 * The 2xx of forks that came after the first: each is ACKed, whenever it is repeated, and its dialog ended at once
 * (RFC 3261 section 13.2.2.4).
 */
export class ForkDropper {
  readonly #layer: TransactionLayer;
  readonly #acks = new Map<string, Fork>();

  constructor(layer: TransactionLayer) {
    this.#layer = layer;
  }

  /** `make` is called for a fork that is new. */
  drop(toTag: string, make: () => Fork): void {
    const known = this.#acks.get(toTag);
    if (known !== undefined) {
      this.#layer.sendAck(known.ack, known.hop);
      return;
    }
    if (this.#acks.size >= maxForks) return;
    const fork = make();
    this.#acks.set(toTag, fork);
    this.#layer.sendAck(fork.ack, fork.hop);
    fork.hangUp();
  }
}
