import { type Dialog, dialogOfResponse } from '../dialog/dialog.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire } from '../message/wire-text.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { type CallContext, sessionDescriptionOf } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import { DialogSession } from './dialog-session.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import type { InviteRequest } from './invite-request.ts';
import { OfferAnswer } from './offer-answer.ts';
import { refusingAnswer } from './refusing-answer.ts';

/** More early dialogs than this make no honest call. */
const maxEarlyDialogs = 16;

type EarlyDialogOptions = {
  readonly context: CallContext;
  readonly invite: InviteRequest;
  /** The response that made it. */
  readonly response: SipMessage;
  readonly owner: DialogSessionOwner;
};

/** One fork of our INVITE that has not answered yet: its dialog, its description, the count of its reliable responses. */
export class EarlyDialog implements DialogSessionOwner {
  readonly offerAnswer: OfferAnswer;
  readonly #options: EarlyDialogOptions;
  /** Made when it is needed: most forks only ring. */
  #dialog: Dialog | null = null;
  #session: DialogSession | null = null;
  #lastRSeq: number | null = null;
  #description: string | null = null;
  #isRevised = false;

  constructor(options: EarlyDialogOptions) {
    this.#options = options;
    this.offerAnswer = new OfferAnswer(options.invite.isLate ? 'undescribed' : 'offering');
  }

  /** The far side's latest description of the session, as wire text; null: none yet. */
  get description(): string | null {
    return this.#description;
  }

  /** Whether it replaces what the far side answered to the INVITE, so that an answer in a later response says nothing new. */
  get isRevised(): boolean {
    return this.#isRevised;
  }

  /** The number of the fork's latest request; null: it has sent none. */
  get remoteSequence(): number | null {
    return this.#dialog?.remoteSequence ?? null;
  }

  get dialog(): Dialog {
    if (this.#dialog === null) {
      const { response, invite } = this.#options;
      this.#dialog = dialogOfResponse(response, invite.dialogParts, invite.hop);
    }
    return this.#dialog;
  }

  get localDescription(): string {
    return this.#options.owner.localDescription;
  }

  /** Whether a reliable response is the next of this fork (RFC 3262 section 4); takes note of it. */
  isNext(rseq: number): boolean {
    if (this.#lastRSeq !== null && rseq !== this.#lastRSeq + 1) return false;
    this.#lastRSeq = rseq;
    return true;
  }

  /**
   * A description that is not sure to have arrived in order (RFC 3261 section 13.2.1): what the answer will be, good for early media. After an
   * INVITE without an offer it would be an offer, which must not come this way.
   */
  preview(sdp: string): void {
    if (this.offerAnswer.state === 'offering') this.#description = sdp;
  }

  /** A reliable response: PRACK, which carries our answer where the response made the offer (RFC 3262 section 5). */
  acknowledge(response: SipMessage): void {
    const sdp = sessionDescriptionOf(response);
    if (sdp === null || this.offerAnswer.state !== 'undescribed') {
      if (sdp !== null && this.offerAnswer.feed('their-answer') === 'proceed') this.#description = sdp;
      this.#prack(response, null);
      return;
    }
    this.offerAnswer.feed('their-offer');
    this.#description = sdp;
    this.#options.owner.reoffer(fromWire(sdp), (own) => {
      if (this.offerAnswer.feed('own-answer') === 'proceed') this.#prack(response, own ?? refusingAnswer(sdp));
    });
  }

  onRequest(request: SipMessage, transaction: ServerTransaction): void {
    const { context, invite } = this.#options;
    const { dialog, offerAnswer } = this;
    this.#session ??= new DialogSession({
      context,
      dialog,
      digest: invite.digest,
      owner: this,
      offerAnswer,
      isCaller: true,
    });
    this.#session.onRequest(request, transaction);
  }

  reoffer(sdp: string, answer: (sdp: string | null) => void): void {
    this.#options.owner.reoffer(sdp, (own) => {
      if (own !== null) {
        this.#description = sdp;
        this.#isRevised = true;
      }
      answer(own);
    });
  }

  digit(digit: string): void {
    this.#options.owner.digit(digit);
  }

  remoteBye(): void {
    // Not taken in an early dialog: see `EarlyDialogs.onRequest`.
  }

  reanswer(sdp: string): void {
    this.#options.owner.reanswer(sdp);
  }

  lost(): void {
    // The INVITE's own final response decides.
  }

  #prack(response: SipMessage, answer: string | null): void {
    const { context, invite } = this.#options;
    const cseq = response.cseq;
    new DialogRequest({
      context,
      dialog: this.dialog,
      digest: invite.digest,
      method: 'PRACK',
      lines: `RAck: ${response.header('rseq')} ${cseq?.number} ${cseq?.method}\r\n`,
      ...(answer === null ? {} : { contentType: 'application/sdp', body: answer }),
      done: null,
    });
  }
}

/** The forks of an outgoing call that have not answered yet, by their tags (RFC 3261 section 12.1.2, RFC 3262, RFC 3311). */
export class EarlyDialogs {
  readonly #context: CallContext;
  readonly #invite: InviteRequest;
  readonly #owner: DialogSessionOwner;
  readonly #dialogs = new Map<string, EarlyDialog>();

  constructor(context: CallContext, invite: InviteRequest, owner: DialogSessionOwner) {
    this.#context = context;
    this.#invite = invite;
    this.#owner = owner;
  }

  get(tag: string): EarlyDialog | null {
    return this.#dialogs.get(tag) ?? null;
  }

  /** Takes in a provisional response above 100. False when it is as if it had not come: repeated, out of order, or the end of a fork. */
  take(response: SipMessage): boolean {
    const tag = response.toTag ?? '';
    const early = this.#dialogs.get(tag) ?? this.#add(tag, response);
    if (early === null) return false;
    if (response.header('rseq') !== null && response.hasToken('require', '100rel')) {
      const rseq = Number(response.header('rseq'));
      if (!Number.isInteger(rseq) || rseq < 1 || response.cseq === null || !early.isNext(rseq)) return false;
      early.acknowledge(response);
    } else {
      const sdp = sessionDescriptionOf(response);
      if (sdp !== null) early.preview(sdp);
    }
    if (response.status !== 199) return true;
    // RFC 6228 section 4: this fork has refused, the others go on.
    this.#dialogs.delete(tag);
    return false;
  }

  /** A request of a fork. Its BYE has no meaning yet (RFC 3261 section 15), and an INVITE crosses ours (section 14.2). */
  onRequest(request: SipMessage, transaction: ServerTransaction): void {
    const early = this.#dialogs.get(request.fromTag ?? '');
    if (early === undefined || request.method === 'BYE') {
      transaction.refuse(481, 'Call/Transaction Does Not Exist', null, this.#context.lines.agent);
      return;
    }
    if (request.method === 'INVITE') transaction.refuse(491, 'Request Pending', null, this.#context.lines.agent);
    else early.onRequest(request, transaction);
  }

  #add(tag: string, response: SipMessage): EarlyDialog | null {
    if (this.#dialogs.size >= maxEarlyDialogs) return null;
    const early = new EarlyDialog({
      context: this.#context,
      invite: this.#invite,
      response,
      owner: this.#owner,
    });
    this.#dialogs.set(tag, early);
    return early;
  }
}
