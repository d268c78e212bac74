import type { Timer } from '../lib/clock.ts';
import { Pace } from './pace.ts';
import {
  type OutgoingSms,
  refusedForNow,
  type SmsSendResult,
  type SmsTransport,
  type SmsTransportHost,
  type SmsTransportState,
} from './sms-transport.ts';

/** Takes every message and says that it was delivered. The messages themselves are in the ledger, where they can be seen. */
export class OutboxTransport implements SmsTransport {
  readonly state: SmsTransportState = { state: 'up', reason: null };
  readonly window = 100;
  readonly #host: SmsTransportHost;
  readonly #pace: Pace;
  readonly #unreported = new Map<string, Timer>();
  readonly #reports = new Set<Promise<void>>();

  constructor(host: SmsTransportHost) {
    this.#host = host;
    this.#pace = new Pace(host.clock, host.maxTps);
  }

  start(): void {
    // There is nothing to connect to.
  }

  async send({ messageId }: OutgoingSms): Promise<SmsSendResult> {
    if (!(await this.#pace.turn())) return refusedForNow('the channel is being closed');
    const providerId = `outbox-${messageId}`;
    // As from a carrier, after the answer.
    this.#unreported.set(
      providerId,
      this.#host.clock.setTimer(() => this.#report(providerId), 0),
    );
    return { type: 'accepted', providerIds: [providerId] };
  }

  async close(): Promise<void> {
    this.#pace.close();
    for (const [providerId, timer] of this.#unreported) {
      timer.cancel();
      this.#report(providerId);
    }
    await Promise.all(this.#reports);
  }

  #report(providerId: string): void {
    this.#unreported.delete(providerId);
    const { onReceipt, logger, clock } = this.#host;
    const receipt = { providerId, state: 'delivered', doneAt: new Date(clock.now()), code: null } as const;
    const report: Promise<void> = onReceipt(receipt)
      .catch((error: unknown) => logger.warn({ err: error, providerId }, 'a receipt could not be stored'))
      .finally(() => this.#reports.delete(report));
    this.#reports.add(report);
  }
}
