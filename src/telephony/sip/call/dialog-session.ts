import type { Dialog } from '../dialog/dialog.ts';
import type { DigestClient } from '../digest/digest-client.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire } from '../message/wire-text.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { allowedMethods, type CallContext, sessionDescriptionOf } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import { acceptedInfoTypes, readInfo } from './info-digit.ts';
import { InfoDigits } from './info-digits.ts';
import type { OfferAnswer, OfferAnswerInput } from './offer-answer.ts';
import { ReinviteAnswer } from './reinvite-answer.ts';
import { SessionKeeper } from './session-keeper.ts';
import { asksForTooShort, minIntervalS, replyToSession, type SessionTerms } from './session-terms.ts';

export type DialogSessionOptions = {
  readonly context: CallContext;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  readonly owner: DialogSessionOwner;
  /** How far the two sides have agreed on the session. */
  readonly offerAnswer: OfferAnswer;
  /** Whether we began the call. */
  readonly isCaller: boolean;
};

/** What both kinds of call do within a dialog: requests in both directions (RFC 3261 sections 12.2, 14, 15). */
export class DialogSession {
  readonly #context: CallContext;
  readonly #dialog: Dialog;
  readonly #digest: DigestClient | null;
  readonly #owner: DialogSessionOwner;
  readonly #offerAnswer: OfferAnswer;
  readonly #isCaller: boolean;
  /** From the first agreement on a session timer on. */
  #keeper: SessionKeeper | null = null;
  /** From our first digit on. */
  #infoDigits: InfoDigits | null = null;
  /** Their latest re-INVITE. */
  #reinvite: ReinviteAnswer | null = null;

  constructor(options: DialogSessionOptions) {
    this.#context = options.context;
    this.#dialog = options.dialog;
    this.#digest = options.digest;
    this.#owner = options.owner;
    this.#offerAnswer = options.offerAnswer;
    this.#isCaller = options.isCaller;
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  /** What the 2xx that made the dialog, or changed it, agreed on; `message`: the far side's part of it. */
  agreeTimer(terms: SessionTerms | null, message: SipMessage): void {
    if (terms === null && this.#keeper === null) return;
    this.#keeper ??= new SessionKeeper({
      context: this.#context,
      dialog: this.#dialog,
      digest: this.#digest,
      owner: this.#owner,
      offerAnswer: this.#offerAnswer,
      isCaller: this.#isCaller,
      mayInvite: () => this.#reinvite?.isOpen !== true,
    });
    this.#keeper.agree(terms, message);
  }

  /** Sends BYE with a Reason line; `done` when it was answered, or never will be. */
  bye(reasonLine: string, done: () => void): void {
    new DialogRequest({
      context: this.#context,
      dialog: this.#dialog,
      digest: this.#digest,
      method: 'BYE',
      lines: reasonLine,
      done,
    });
  }

  sendInfoDigit(digit: string, durationMs: number): void {
    this.#infoDigits ??= new InfoDigits({
      context: this.#context,
      dialog: this.#dialog,
      digest: this.#digest,
      lost: (reason) => this.#owner.lost(reason),
    });
    this.#infoDigits.send(digit, durationMs);
  }

  /** Whether a message belongs to this dialog; the tag that led here was ours alone. */
  matches(message: SipMessage): boolean {
    return message.callId === this.#dialog.callId && (message.fromTag ?? '') === this.#dialog.remoteTag;
  }

  onRequest(request: SipMessage, transaction: ServerTransaction): void {
    if (!this.matches(request)) {
      transaction.refuse(481, 'Call/Transaction Does Not Exist', null);
      return;
    }
    if (!this.#dialog.acceptSequence(request.cseq?.number ?? 0)) {
      // Section 12.2.2: out of order.
      transaction.refuse(500, 'Server Internal Error', null);
      return;
    }
    switch (request.method) {
      case 'BYE':
        transaction.refuse(200, 'OK', null, this.#context.lines.agent);
        this.#owner.remoteBye(request);
        return;
      case 'INFO':
        this.#onInfo(request, transaction);
        return;
      case 'OPTIONS': {
        const { allow, agent } = this.#context.lines;
        transaction.refuse(200, 'OK', null, `${allow}${agent}`);
        return;
      }
      case 'INVITE':
        this.#onReinvite(request, transaction);
        return;
      case 'UPDATE':
        this.#onUpdate(request, transaction);
        return;
      case 'REFER':
        transaction.refuse(603, 'Decline', null, this.#context.lines.agent);
        return;
      default:
        transaction.refuse(405, 'Method Not Allowed', null, `Allow: ${allowedMethods}\r\n`);
        return;
    }
  }

  onAck(ack: SipMessage): void {
    if (this.matches(ack)) this.#reinvite?.onAck(ack);
  }

  /** The call is over. */
  close(): void {
    this.#reinvite?.close();
    this.#reinvite = null;
    this.#keeper?.stop();
    this.#infoDigits?.stop();
  }

  #onInfo(request: SipMessage, transaction: ServerTransaction): void {
    const type = request.header('content-type');
    const reading = type === null ? null : readInfo(type, request.body);
    if (request.header('info-package') !== null && reading === null) {
      // RFC 6086 section 4.2.2: we have asked for no package.
      transaction.refuse(469, 'Bad Info Package', null, `Recv-Info:\r\n${this.#context.lines.agent}`);
      return;
    }
    if (request.body !== '' && reading === null) {
      const lines = `Accept: ${acceptedInfoTypes}\r\n${this.#context.lines.agent}`;
      transaction.refuse(415, 'Unsupported Media Type', null, lines);
      return;
    }
    transaction.refuse(200, 'OK', null, this.#context.lines.agent);
    // What is no key, such as a hook flash, was understood and changes nothing.
    if (reading !== null && reading.digit !== null) this.#owner.digit(reading.digit);
  }

  #onReinvite(request: SipMessage, transaction: ServerTransaction): void {
    if (this.#isTooShort(request, transaction)) return;
    // Without an offer it asks for ours.
    const offer = sessionDescriptionOf(request);
    if (!this.#mayChange(transaction, offer === null ? 'asked-offer' : 'their-offer')) return;
    this.#reinvite?.close();
    this.#dialog.refreshTarget(request);
    transaction.refuse(100, 'Trying', null);
    const reply = replyToSession(request, this.#keeper?.terms ?? null);
    this.#reinvite = new ReinviteAnswer({
      context: this.#context,
      request,
      transaction,
      owner: this.#owner,
      offerAnswer: this.#offerAnswer,
      lines: `${this.#successLines(transaction)}${reply.lines}`,
      accepted: () => this.agreeTimer(reply.terms, request),
    });
    transaction.attach(this.#reinvite);
    this.#reinvite.start();
  }

  /** Whether a re-INVITE or UPDATE comes at the time for its offer; else it is refused (RFC 3261 section 14.2, RFC 3311 section 5.2). */
  #mayChange(transaction: ServerTransaction, input: OfferAnswerInput): boolean {
    const { agent } = this.#context.lines;
    switch (this.#offerAnswer.feed(input)) {
      case 'proceed':
        return true;
      case 'refuse-busy':
        transaction.refuse(500, 'Server Internal Error', null, `Retry-After: 2\r\n${agent}`);
        return false;
      case 'refuse-pending':
      case null:
        transaction.refuse(491, 'Request Pending', null, agent);
        return false;
    }
  }

  /** RFC 3311. */
  #onUpdate(request: SipMessage, transaction: ServerTransaction): void {
    if (this.#isTooShort(request, transaction)) return;
    const offer = sessionDescriptionOf(request);
    if (offer !== null && !this.#mayChange(transaction, 'their-offer')) return;
    this.#dialog.refreshTarget(request);
    const reply = replyToSession(request, this.#keeper?.terms ?? null);
    const lines = `${this.#successLines(transaction)}${reply.lines}`;
    if (offer === null) {
      this.agreeTimer(reply.terms, request);
      transaction.refuse(200, 'OK', null, lines);
      return;
    }
    let isOpen = true;
    this.#owner.reoffer(fromWire(offer), (sdp) => {
      if (!isOpen) return;
      isOpen = false;
      this.#offerAnswer.feed(sdp === null ? 'failed' : 'own-answer');
      if (sdp === null) return transaction.refuse(488, 'Not Acceptable Here', null, this.#context.lines.agent);
      transaction.respond({ status: 200, reason: 'OK', toTag: null, lines, contentType: 'application/sdp', body: sdp });
      this.agreeTimer(reply.terms, request);
    });
  }

  /** RFC 4028 section 9. */
  #isTooShort(request: SipMessage, transaction: ServerTransaction): boolean {
    if (!asksForTooShort(request)) return false;
    const lines = `Min-SE: ${minIntervalS}\r\n${this.#context.lines.agent}`;
    transaction.refuse(422, 'Session Interval Too Small', null, lines);
    return true;
  }

  /** Of a 2xx to a request that may change the session. */
  #successLines(transaction: ServerTransaction): string {
    const { allow, agent } = this.#context.lines;
    return `${this.#context.contactFor(transaction.remote)}${allow}${agent}`;
  }
}
