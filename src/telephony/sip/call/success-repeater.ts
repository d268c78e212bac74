import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { WheelTimer, type WheelTimerTarget } from '../transaction/timer-wheel.ts';
import { giveUpAfter } from '../transaction/timing.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';

/**
 * Repeats a 2xx to an INVITE until its ACK comes: after T1, doubled up to T2, for 64*T1 (RFC 3261 section 13.3.1.4). The transaction
 * does not do that, because only its user sees the ACK.
 */
export class SuccessRepeater implements WheelTimerTarget {
  readonly #layer: TransactionLayer;
  readonly #transaction: ServerTransaction;
  readonly #onNoAck: () => void;
  #success: Buffer | null;
  #intervalMs: number;
  readonly #repeatTimer = new WheelTimer(this);
  readonly #endTimer = new WheelTimer(this);

  /** `success` has been sent once already. */
  constructor(layer: TransactionLayer, transaction: ServerTransaction, success: Buffer, onNoAck: () => void) {
    this.#layer = layer;
    this.#transaction = transaction;
    this.#success = success;
    this.#onNoAck = onNoAck;
    this.#intervalMs = layer.timing.t1;
    layer.wheel.start(this.#repeatTimer, this.#intervalMs);
    layer.wheel.start(this.#endTimer, giveUpAfter(layer.timing));
  }

  /** The ACK came, or nobody waits for it any more. Idempotent. */
  stop(): void {
    this.#success = null;
    this.#layer.wheel.stop(this.#repeatTimer);
    this.#layer.wheel.stop(this.#endTimer);
  }

  timerFired(timer: WheelTimer): void {
    if (timer === this.#endTimer) {
      this.stop();
      this.#onNoAck();
    } else if (this.#success !== null) {
      this.#transaction.sendAgain(this.#success);
      this.#intervalMs = Math.min(this.#intervalMs * 2, this.#layer.timing.t2);
      this.#layer.wheel.start(this.#repeatTimer, this.#intervalMs);
    }
  }
}
