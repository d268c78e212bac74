import type { Dialog } from '../dialog/dialog.ts';
import type { DigestClient, DigestTries } from '../digest/digest-client.ts';
import type { Hop } from '../endpoint-types.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { type RequestFields, writeRequest } from '../message/write-request.ts';
import type { ClientTransactionUser } from '../transaction/client-transaction.ts';
import type { CallContext } from './call-context.ts';

export type ReinviteRequestOptions = {
  readonly context: CallContext;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  /** Header lines, each with its CRLF. */
  readonly lines: string;
  /** Our offer, wire text. */
  readonly offer: string;
  /** The final response; null: none came, or it could not be sent. Called once; a 2xx has been ACKed. */
  readonly done: (response: SipMessage | null) => void;
};

/** A re-INVITE of ours (RFC 3261 section 14.1): sent again with credentials when it is challenged; its 2xx is ACKed whenever it comes. */
export class ReinviteRequest implements ClientTransactionUser {
  readonly #options: ReinviteRequestOptions;
  readonly #tries: DigestTries = new Map();
  #sequence = 0;
  #authorization = '';
  #ack: { readonly text: string; readonly hop: Hop } | null = null;
  #isDone = false;

  constructor(options: ReinviteRequestOptions) {
    this.#options = options;
    this.#send();
  }

  onResponse(response: SipMessage): void {
    const { digest } = this.#options;
    const { status } = response;
    if (status < 200) return;
    if (status < 300) this.#acknowledge(response);
    const isChallenge = status === 401 || status === 407;
    if (isChallenge && digest?.accept(response, this.#tries)) this.#send();
    else this.#finish(response);
  }

  onTimeout(): void {
    this.#finish(null);
  }

  onTransportError(): void {
    this.#finish(null);
  }

  #finish(response: SipMessage | null): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#options.done(response);
  }

  #send(): void {
    const { context, dialog, digest, lines, offer } = this.#options;
    this.#sequence = dialog.nextSequence();
    this.#authorization = digest?.authorize('INVITE', dialog.routing.uri) ?? '';
    const fields = this.#fields('INVITE', `${this.#authorization}${lines}${context.lines.agent}`, offer);
    context.layer.request(fields, dialog.routing.hop, this);
  }

  /** Section 13.2.2.4, for the ACK to be sent again with every repetition. */
  #acknowledge(response: SipMessage): void {
    const { context, dialog } = this.#options;
    if (this.#ack === null) {
      dialog.refreshTarget(response);
      const { hop } = dialog.routing;
      const fields = this.#fields('ACK', `${this.#authorization}${context.lines.agent}`, '');
      this.#ack = { text: writeRequest(fields, context.layer.nameFor(hop).via).toString('latin1'), hop };
    }
    context.layer.sendAck(Buffer.from(this.#ack.text, 'latin1'), this.#ack.hop);
  }

  #fields(method: 'INVITE' | 'ACK', lines: string, body: string): RequestFields {
    const { context, dialog } = this.#options;
    const { uri, routes } = dialog.routing;
    return {
      method,
      uri,
      branch: context.newBranch(),
      routes,
      from: dialog.local,
      to: dialog.remote,
      callId: dialog.callId,
      cseq: this.#sequence,
      lines,
      contentType: body === '' ? null : 'application/sdp',
      body,
    };
  }
}
