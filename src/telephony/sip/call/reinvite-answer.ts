import type { SipMessage } from '../message/sip-message.ts';
import { fromWire } from '../message/wire-text.ts';
import type { ServerTransaction, ServerTransactionUser } from '../transaction/server-transaction.ts';
import { type CallContext, sessionDescriptionOf } from './call-context.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import { SuccessRepeater } from './success-repeater.ts';

/**
 * Our side of one re-INVITE (RFC 3261 section 14.2): the offer goes up, its answer into the 2xx; without an offer the 2xx offers what
 * we sent last, and the answer in the ACK goes up.
 */
export class ReinviteAnswer implements ServerTransactionUser {
  readonly localTag: string;
  readonly #context: CallContext;
  readonly #request: SipMessage;
  readonly #transaction: ServerTransaction;
  readonly #owner: DialogSessionOwner;
  #isUnanswered = true;
  #isOfferOut = false;
  #repeater: SuccessRepeater | null = null;

  constructor(context: CallContext, request: SipMessage, transaction: ServerTransaction, owner: DialogSessionOwner) {
    this.localTag = request.toTag ?? '';
    this.#context = context;
    this.#request = request;
    this.#transaction = transaction;
    this.#owner = owner;
  }

  /** No final response was sent yet. */
  get isUnanswered(): boolean {
    return this.#isUnanswered;
  }

  /** Our offer waits for its answer in the ACK. */
  get isOfferOut(): boolean {
    return this.#isOfferOut;
  }

  start(): void {
    const offer = sessionDescriptionOf(this.#request);
    if (offer !== null) {
      this.#owner.reoffer(fromWire(offer), (sdp) => this.#answer(sdp));
      return;
    }
    this.#isOfferOut = true;
    this.#answer(this.#owner.localDescription);
  }

  onAck(ack: SipMessage): void {
    if (ack.cseq?.number !== this.#request.cseq?.number || this.#repeater === null) return;
    this.#repeater.stop();
    this.#repeater = null;
    const answer = this.#isOfferOut ? sessionDescriptionOf(ack) : null;
    this.#isOfferOut = false;
    // The exchange is over: there is nothing left to refuse or to answer.
    if (answer !== null) this.#owner.reoffer(fromWire(answer), () => undefined);
  }

  onNoAck(): void {
    // A refused re-INVITE whose ACK got lost changes nothing.
  }

  onCancel(): void {
    if (!this.#isUnanswered) return;
    this.#isUnanswered = false;
    this.#transaction.refuse(487, 'Request Terminated', null);
  }

  /** The call is over; an open request is refused. */
  close(): void {
    this.onCancel();
    this.#repeater?.stop();
    this.#repeater = null;
  }

  #answer(sdp: string | null): void {
    if (!this.#isUnanswered) return;
    this.#isUnanswered = false;
    const { allow, agent } = this.#context.lines;
    if (sdp === null) {
      this.#transaction.refuse(488, 'Not Acceptable Here', null, agent);
      return;
    }
    const contact = this.#context.contactFor(this.#transaction.remote);
    const success = this.#transaction.respond({
      status: 200,
      reason: 'OK',
      toTag: null,
      lines: `${contact}${allow}${agent}`,
      contentType: 'application/sdp',
      body: sdp,
    });
    this.#repeater = new SuccessRepeater(this.#context.layer, this.#transaction, success, () => this.#owner.lost());
  }
}
