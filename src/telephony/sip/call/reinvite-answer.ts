import type { SipMessage } from '../message/sip-message.ts';
import { fromWire } from '../message/wire-text.ts';
import type { ServerTransaction, ServerTransactionUser } from '../transaction/server-transaction.ts';
import { type CallContext, sessionDescriptionOf } from './call-context.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import type { OfferAnswer } from './offer-answer.ts';
import { SuccessRepeater } from './success-repeater.ts';

export type ReinviteAnswerOptions = {
  readonly context: CallContext;
  readonly request: SipMessage;
  readonly transaction: ServerTransaction;
  readonly owner: DialogSessionOwner;
  /** Has taken note of the request's offer, or that it asks for ours. */
  readonly offerAnswer: OfferAnswer;
  /** Header lines of the 2xx, each with its CRLF. */
  readonly lines: string;
  /** The 2xx was sent. */
  readonly accepted: () => void;
};

/**
 * Our side of one re-INVITE (RFC 3261 section 14.2): the offer goes up, its answer into the 2xx; without an offer the 2xx offers what
 * we sent last, and the answer in the ACK goes up.
 */
export class ReinviteAnswer implements ServerTransactionUser {
  readonly localTag: string;
  readonly #options: ReinviteAnswerOptions;
  #isUnanswered = true;
  #repeater: SuccessRepeater | null = null;

  constructor(options: ReinviteAnswerOptions) {
    this.localTag = options.request.toTag ?? '';
    this.#options = options;
  }

  /** Until the ACK to our 2xx, or our refusal: no INVITE of ours may cross it (section 14.1). */
  get isOpen(): boolean {
    return this.#isUnanswered || this.#repeater !== null;
  }

  start(): void {
    const { request, owner } = this.#options;
    const offer = sessionDescriptionOf(request);
    if (offer === null) this.#accept(owner.localDescription);
    else owner.reoffer(fromWire(offer), (sdp) => this.#answer(sdp));
  }

  onAck(ack: SipMessage): void {
    const { request, owner, offerAnswer } = this.#options;
    if (ack.cseq?.number !== request.cseq?.number || this.#repeater === null) return;
    this.#repeater.stop();
    this.#repeater = null;
    const answer = sessionDescriptionOf(ack);
    if (offerAnswer.feed(answer === null ? 'failed' : 'their-answer') === 'proceed')
      owner.reanswer(fromWire(answer ?? ''));
  }

  onNoAck(): void {
    // A refused re-INVITE whose ACK got lost changes nothing.
  }

  onCancel(): void {
    if (!this.#isUnanswered) return;
    this.#isUnanswered = false;
    this.#options.offerAnswer.feed('failed');
    this.#options.transaction.refuse(487, 'Request Terminated', null);
  }

  /** The call is over; an open request is refused. */
  close(): void {
    this.onCancel();
    this.#repeater?.stop();
    this.#repeater = null;
  }

  #answer(sdp: string | null): void {
    if (!this.#isUnanswered) return;
    const { context, transaction, offerAnswer } = this.#options;
    offerAnswer.feed(sdp === null ? 'failed' : 'own-answer');
    if (sdp !== null) {
      this.#accept(sdp);
      return;
    }
    this.#isUnanswered = false;
    transaction.refuse(488, 'Not Acceptable Here', null, context.lines.agent);
  }

  #accept(body: string): void {
    const { context, transaction, owner, lines, accepted } = this.#options;
    this.#isUnanswered = false;
    const contentType = 'application/sdp';
    const success = transaction.respond({ status: 200, reason: 'OK', toTag: null, lines, contentType, body });
    const onNoAck = (): void => owner.lost('no ACK to our answer to a re-INVITE');
    this.#repeater = new SuccessRepeater(context.layer, transaction, success, onNoAck);
    accepted();
  }
}
