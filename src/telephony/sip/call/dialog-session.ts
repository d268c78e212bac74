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
import { ReinviteAnswer } from './reinvite-answer.ts';

export type DialogSessionOptions = {
  readonly context: CallContext;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  readonly owner: DialogSessionOwner;
};

/** What both kinds of call do within a dialog: requests in both directions (RFC 3261 sections 12.2, 14, 15). */
export class DialogSession {
  readonly #context: CallContext;
  readonly #dialog: Dialog;
  readonly #digest: DigestClient | null;
  readonly #owner: DialogSessionOwner;
  /** The latest re-INVITE, or the UPDATE whose answer is still out. */
  #reinvite: ReinviteAnswer | null = null;
  #isUpdatePending = false;

  constructor(options: DialogSessionOptions) {
    this.#context = options.context;
    this.#dialog = options.dialog;
    this.#digest = options.digest;
    this.#owner = options.owner;
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
    if (this.#isUpdatePending || this.#reinvite?.isOfferOut) {
      transaction.refuse(491, 'Request Pending', null, this.#context.lines.agent);
      return;
    }
    if (this.#reinvite?.isUnanswered) {
      // Section 14.2: the one before has no final response yet.
      transaction.refuse(500, 'Server Internal Error', null, 'Retry-After: 2\r\n');
      return;
    }
    this.#reinvite?.close();
    this.#dialog.refreshTarget(request);
    transaction.refuse(100, 'Trying', null);
    this.#reinvite = new ReinviteAnswer(this.#context, request, transaction, this.#owner);
    transaction.attach(this.#reinvite);
    this.#reinvite.start();
  }

  /** RFC 3311. */
  #onUpdate(request: SipMessage, transaction: ServerTransaction): void {
    const { allow, agent } = this.#context.lines;
    if (this.#isUpdatePending || this.#reinvite?.isUnanswered || this.#reinvite?.isOfferOut) {
      transaction.refuse(491, 'Request Pending', null, agent);
      return;
    }
    this.#dialog.refreshTarget(request);
    const contact = this.#context.contactFor(transaction.remote);
    const offer = sessionDescriptionOf(request);
    if (offer === null) {
      transaction.refuse(200, 'OK', null, `${contact}${allow}${agent}`);
      return;
    }
    this.#isUpdatePending = true;
    this.#owner.reoffer(fromWire(offer), (sdp) => {
      if (!this.#isUpdatePending) return;
      this.#isUpdatePending = false;
      if (sdp === null) return transaction.refuse(488, 'Not Acceptable Here', null, agent);
      const lines = `${contact}${allow}${agent}`;
      transaction.respond({ status: 200, reason: 'OK', toTag: null, lines, contentType: 'application/sdp', body: sdp });
    });
  }
}
