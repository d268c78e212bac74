import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';

/** One message on its way out. */
export type OutgoingSms = {
  /** Ours, at most 19 digits; the same for every try of the same message. */
  readonly messageId: string;
  /** Country code and number, digits only. */
  readonly to: string;
  /** At most 32 characters; null: whatever the channel shows by itself. */
  readonly from: string | null;
  /** Any Unicode text. How it is encoded and into how many parts it is cut is the transport's business. */
  readonly text: string;
};

/**
 * What came of handing a message over:
 * - `accepted`: the channel has it. `providerIds` are the channel's names for its parts, in order; receipts come by these names.
 * - `refused`: the channel certainly does not have it. Final: it would refuse it again. Otherwise it may be tried again, after `retryAfterMs` where the channel said so.
 * - `unknown`: it was written, and what the channel made of it will not be known: an answer that did not come, a connection that was lost. It is
 *   never sent again. Parts that were accepted before that are named, since receipts may still come for them. A message of which some parts were
 *   accepted and another one refused is `unknown` too.
 */
export type SmsSendResult =
  | { readonly type: 'accepted'; readonly providerIds: readonly string[] }
  | {
      readonly type: 'refused';
      readonly isFinal: boolean;
      /** The channel's code, e.g. an SMPP status as `0x00000058`, or the dialect's `-10`; null: it gave none. */
      readonly code: string | null;
      readonly reason: string;
      readonly retryAfterMs: number | null;
    }
  | { readonly type: 'unknown'; readonly reason: string; readonly providerIds: readonly string[] };

/** What came after all of a message that was `unknown`; refused is final. */
export type LateSmsResult = Extract<SmsSendResult, { readonly type: 'accepted' | 'refused' }>;

/** What became of one part that was accepted, as the network says. What is only on its way (en route, accepted) is not reported. */
export type SmsReceipt = {
  readonly providerId: string;
  readonly state: 'delivered' | 'failed';
  /** null: the channel does not say. */
  readonly doneAt: Date | null;
  /** The network's code for a failure, e.g. `UNDELIV 069`; null: none. */
  readonly code: string | null;
};

export type SmsTransportState = {
  readonly state: 'connecting' | 'up' | 'down';
  /** Why it is not up; null: it is, or was never tried. Not secret. */
  readonly reason: string | null;
};

/** What a transport gets from whoever opens it. */
export type SmsTransportHost = {
  readonly clock: Clock;
  readonly random: Random;
  /** Carries the channel. */
  readonly logger: Logger;
  /** Messages a second, at most; parts where that is what the far side counts (SMPP). */
  readonly maxTps: number;
  /**
   * Takes a receipt; resolves when it is stored for good, so that the channel may be told that it arrived. Rejects when it could not be stored: the
   * channel should send it again. One that nobody waits for is taken and forgotten.
   */
  readonly onReceipt: (receipt: SmsReceipt) => Promise<void>;
  /** What came in the end of a message that `send` has said was `unknown`: the channel has it, or will not have it. Told once at most, and before its receipts. */
  readonly onLateResult: (messageId: string, result: LateSmsResult) => void;
  /** Names of parts without a receipt yet, in their order, from the first one after `after` on (null: from the start); for channels that must be asked. */
  readonly receiptsDue: (after: string | null, limit: number) => Promise<readonly string[]>;
};

/**
 * A way out for SMS. It connects by itself and again whenever the connection is lost, for as long as it is not closed. Its methods never reject: what goes wrong
 * is a value.
 */
export interface SmsTransport {
  /** Changes by itself; read when somebody wants to know. */
  readonly state: SmsTransportState;
  /** How many messages may be handed over without an answer; the caller keeps to it. May change, to 0 while there is no connection. What is over the rate waits inside `send`. */
  readonly window: number;
  /** Begins to connect; called once. */
  start(): void;
  /** Hands a message over. While the channel is down the answer is `refused`, not final. */
  send(message: OutgoingSms): Promise<SmsSendResult>;
  /**
   * Ends in order: what was not written yet is refused (not final); what was written is waited for until the signal aborts, and is `unknown` then.
   * Receipts are taken until then, too. Idempotent.
   */
  close(signal: AbortSignal): Promise<void>;
}

/** The channel certainly does not have it, and may be asked again. */
export function refusedForNow(
  reason: string,
  code: string | null = null,
  retryAfterMs: number | null = null,
): SmsSendResult {
  return { type: 'refused', isFinal: false, code, reason, retryAfterMs };
}
