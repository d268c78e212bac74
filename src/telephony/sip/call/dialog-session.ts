import type { Dialog } from '../dialog/dialog.ts';
import type { DigestClient } from '../digest/digest-client.ts';
import { normalClearingLine } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire } from '../message/wire-text.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { allowedMethods, type CallContext, sessionDescriptionOf } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import { dtmfRelayType, readInfoDigit, writeInfoDigit } from './info-digit.ts';
import type { OfferAnswer, OfferAnswerInput } from './offer-answer.ts';
import { ReinviteAnswer } from './reinvite-answer.ts';

export type DialogSessionOptions = {
  readonly context: CallContext;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  readonly owner: DialogSessionOwner;
  /** How far the two sides have agreed on the session. */
  readonly offerAnswer: OfferAnswer;
};

/** What both kinds of call do within a dialog: requests in both directions (RFC 3261 sections 12.2, 14, 15). */
export class DialogSession {
  readonly #context: CallContext;
  readonly #dialog: Dialog;
  readonly #digest: DigestClient | null;
  readonly #owner: DialogSessionOwner;
  readonly #offerAnswer: OfferAnswer;
  /** Their latest re-INVITE. */
  #reinvite: ReinviteAnswer | null = null;

  constructor(options: DialogSessionOptions) {
    this.#context = options.context;
    this.#dialog = options.dialog;
    this.#digest = options.digest;
    this.#owner = options.owner;
    this.#offerAnswer = options.offerAnswer;
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  /** Sends BYE; `done` when it was answered, or never will be. */
  bye(done: () => void): void {
    new DialogRequest({
      context: this.#context,
      dialog: this.#dialog,
      digest: this.#digest,
      method: 'BYE',
      lines: normalClearingLine,
      done,
    });
  }

  sendInfoDigit(digit: string, durationMs: number): void {
    new DialogRequest({
      context: this.#context,
      dialog: this.#dialog,
      digest: this.#digest,
      method: 'INFO',
      contentType: dtmfRelayType,
      body: writeInfoDigit(digit, durationMs),
      done: null,
    });
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
  }

  #onInfo(request: SipMessage, transaction: ServerTransaction): void {
    const type = request.header('content-type');
    const digit = type === null ? null : readInfoDigit(type, request.body);
    if (request.body !== '' && digit === null) {
      const accept = 'Accept: application/dtmf-relay, application/dtmf\r\n';
      transaction.refuse(415, 'Unsupported Media Type', null, accept);
      return;
    }
    transaction.refuse(200, 'OK', null, this.#context.lines.agent);
    if (digit !== null) this.#owner.digit(digit);
  }

  #onReinvite(request: SipMessage, transaction: ServerTransaction): void {
    // Without an offer it asks for ours.
    const offer = sessionDescriptionOf(request);
    if (!this.#mayChange(transaction, offer === null ? 'asked-offer' : 'their-offer')) return;
    this.#reinvite?.close();
    this.#dialog.refreshTarget(request);
    transaction.refuse(100, 'Trying', null);
    this.#reinvite = new ReinviteAnswer({
      context: this.#context,
      request,
      transaction,
      owner: this.#owner,
      offerAnswer: this.#offerAnswer,
      lines: this.#successLines(transaction),
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
    const offer = sessionDescriptionOf(request);
    if (offer !== null && !this.#mayChange(transaction, 'their-offer')) return;
    this.#dialog.refreshTarget(request);
    const lines = this.#successLines(transaction);
    if (offer === null) {
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
    });
  }

  /** Of a 2xx to a request that may change the session. */
  #successLines(transaction: ServerTransaction): string {
    const { allow, agent } = this.#context.lines;
    return `${this.#context.contactFor(transaction.remote)}${allow}${agent}`;
  }
}
