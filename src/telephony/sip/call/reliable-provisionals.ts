import { type Dialog, dialogOfResponse } from '../dialog/dialog.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { CallContext } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import type { InviteRequest } from './invite-request.ts';

type EarlyDialog = { readonly dialog: Dialog; lastRSeq: number };

/** More early dialogs than this make no honest call. */
const maxEarlyDialogs = 16;

/** Acknowledges provisional responses that must arrive (RFC 3262 section 4), one early dialog for each fork. */
export class ReliableProvisionals {
  readonly #context: CallContext;
  readonly #invite: InviteRequest;
  readonly #dialogs = new Map<string, EarlyDialog>();

  constructor(context: CallContext, invite: InviteRequest) {
    this.#context = context;
    this.#invite = invite;
  }

  /** Sends the PRACK. False when the response is a repetition or out of order: it is as if it had not come. */
  acknowledge(response: SipMessage): boolean {
    const rseq = Number(response.header('rseq'));
    const cseq = response.cseq;
    if (!Number.isInteger(rseq) || rseq < 1 || cseq === null) return false;
    const tag = response.toTag ?? '';
    let early = this.#dialogs.get(tag);
    if (early === undefined) {
      if (this.#dialogs.size >= maxEarlyDialogs) return false;
      const { dialogParts, hop } = this.#invite;
      early = { dialog: dialogOfResponse(response, dialogParts, hop), lastRSeq: rseq - 1 };
      this.#dialogs.set(tag, early);
    }
    if (rseq !== early.lastRSeq + 1) return false;
    early.lastRSeq = rseq;
    new DialogRequest({
      context: this.#context,
      dialog: early.dialog,
      digest: this.#invite.digest,
      method: 'PRACK',
      lines: `RAck: ${rseq} ${cseq.number} ${cseq.method}\r\n`,
      done: null,
    });
    return true;
  }
}
