import type { OutgoingCallEnd } from '../endpoint-types.ts';
import { noEndCause, readEndCause, readRetryAfter } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire } from '../message/wire-text.ts';

/** What is known so far of how an outgoing call ends. Keeps nothing of the messages. */
export class CallEnding {
  #status: number | null = null;
  #reason = '';
  #far = noEndCause;
  #retryAfterS: number | null = null;
  #lostReason: string | null = null;
  #isCancelled = false;

  /** Whether we hung up by ourselves, because the far side was no longer there. */
  get isLost(): boolean {
    return this.#lostReason !== null;
  }

  /** A final response; the latest counts. */
  responded(response: SipMessage): void {
    this.#status = response.status;
    this.#reason = fromWire(response.reason);
    const isRefusal = response.status >= 300;
    this.#far = isRefusal ? readEndCause(response) : noEndCause;
    this.#retryAfterS = isRefusal ? readRetryAfter(response) : null;
  }

  /** The refusal of a hop that was left is nobody's business. */
  forget(): void {
    this.#status = null;
    this.#far = noEndCause;
    this.#retryAfterS = null;
  }

  notSent(error: Error): void {
    this.#reason = error.message;
  }

  remoteBye(bye: SipMessage): void {
    this.#far = readEndCause(bye);
  }

  lost(reason: string): void {
    this.#lostReason ??= reason;
  }

  /** Hung up before the answer. */
  cancelled(): void {
    this.#isCancelled = true;
  }

  /** The end, by what ended it. */
  of(cause: OutgoingCallEnd['cause']): OutgoingCallEnd {
    const isLost = cause === 'local-bye' && this.isLost;
    const isUnanswered = cause === 'timeout' || cause === 'transport-error';
    const { q850Cause, reason } = this.#far;
    return {
      cause: isLost ? 'lost' : cause,
      status: isUnanswered ? null : this.#status,
      reason: cause === 'timeout' ? 'no final response' : (this.#lostReason ?? this.#reason),
      q850Cause,
      causeText: reason === null ? null : fromWire(reason),
      retryAfterS: this.#retryAfterS,
      isCancelled: this.#isCancelled,
    };
  }
}
