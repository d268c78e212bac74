import { type Dialog, dialogOfResponse } from '../dialog/dialog.ts';
import type { Hop } from '../endpoint-types.ts';
import { normalClearingLine } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { type CallContext, sessionDescriptionOf } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import type { InviteRequest } from './invite-request.ts';
import { refusingAnswer } from './refusing-answer.ts';

/** As text: a small buffer would hold on to the 8 KB block that it shares with others. */
type Ack = { readonly text: string; readonly hop: Hop };

/** More forks than this answer no honest call; the rest is not answered. */
const maxForks = 16;

/**
 * The ACKs to the 2xx of an outgoing call, sent again whenever one is repeated (RFC 3261 section 13.2.2.4). The 2xx of forks that came after
 * the first are ACKed too, and their dialogs ended at once.
 */
export class SuccessAcks {
  readonly #context: CallContext;
  readonly #invite: InviteRequest;
  #first: Ack | null = null;
  #forks: Map<string, Ack> | null = null;

  constructor(context: CallContext, invite: InviteRequest) {
    this.#context = context;
    this.#invite = invite;
  }

  /** Whether the first 2xx was ACKed. */
  get hasAcknowledged(): boolean {
    return this.#first !== null;
  }

  /** Sends the ACK to the first 2xx; `answer`: to the offer in it. Once. */
  acknowledge(dialog: Dialog, answer: string | null): void {
    if (this.#first !== null) return;
    this.#first = this.#write(dialog, answer);
    this.#send(this.#first);
  }

  /** The first 2xx came again. */
  again(): void {
    if (this.#first !== null) this.#send(this.#first);
  }

  /** A 2xx of another fork came, perhaps not for the first time. */
  drop(success: SipMessage): void {
    const tag = success.toTag ?? '';
    const forks = this.#forks ?? new Map<string, Ack>();
    this.#forks = forks;
    const known = forks.get(tag);
    if (known !== undefined) {
      this.#send(known);
      return;
    }
    if (forks.size >= maxForks) return;
    const { dialogParts, hop, isLate, digest } = this.#invite;
    const dialog = dialogOfResponse(success, dialogParts, hop);
    const offer = isLate ? sessionDescriptionOf(success) : null;
    const ack = this.#write(dialog, offer === null ? null : refusingAnswer(offer));
    forks.set(tag, ack);
    this.#send(ack);
    const context = this.#context;
    new DialogRequest({ context, dialog, digest, method: 'BYE', lines: normalClearingLine, done: null });
  }

  #write(dialog: Dialog, answer: string | null): Ack {
    return { text: this.#invite.writeAck(dialog, answer).toString('latin1'), hop: dialog.routing.hop };
  }

  #send(ack: Ack): void {
    this.#context.layer.sendAck(Buffer.from(ack.text, 'latin1'), ack.hop);
  }
}
