import type { SmsReceipt } from '../sms-transport.ts';

/** Receipts that are kept; the oldest make room. */
const maxKept = 10_000;

/**
 * Receipts that came while an answer was overdue, of messages that nobody could name: one of them may be for the message whose answer is late. They have been
 * acknowledged, so they will not come again.
 */
export class UnclaimedReceipts {
  readonly #kept = new Map<string, SmsReceipt>();

  /** The first for each part: it is the one that holds. */
  keep(receipt: SmsReceipt): void {
    if (this.#kept.has(receipt.providerId)) return;
    this.#kept.set(receipt.providerId, receipt);
    if (this.#kept.size <= maxKept) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }

  /** Takes those of a message whose parts have these names. */
  claim(providerIds: readonly string[]): SmsReceipt[] {
    return providerIds.flatMap((providerId) => {
      const receipt = this.#kept.get(providerId);
      this.#kept.delete(providerId);
      return receipt ?? [];
    });
  }

  /** No answer is overdue any more. */
  clear(): void {
    this.#kept.clear();
  }
}
