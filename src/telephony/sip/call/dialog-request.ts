import type { Dialog } from '../dialog/dialog.ts';
import type { DigestClient, DigestTries } from '../digest/digest-client.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { ClientTransactionUser } from '../transaction/client-transaction.ts';
import type { CallContext } from './call-context.ts';

export type DialogRequestOptions = {
  readonly context: CallContext;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  readonly method: 'BYE' | 'INFO' | 'PRACK' | 'UPDATE';
  /** Further header lines, each with its CRLF. */
  readonly lines?: string;
  readonly contentType?: string;
  readonly body?: string;
  /** The final response; null: none came, or it could not be sent. Called once. */
  readonly done: ((response: SipMessage | null) => void) | null;
};

/** A request of ours within a dialog, other than INVITE: sent again once with credentials when it is challenged. */
export class DialogRequest implements ClientTransactionUser {
  readonly #options: DialogRequestOptions;
  readonly #tries: DigestTries = new Map();

  constructor(options: DialogRequestOptions) {
    this.#options = options;
    this.#send();
  }

  onResponse(response: SipMessage): void {
    const { digest, done } = this.#options;
    if (response.status < 200) return;
    const isChallenge = response.status === 401 || response.status === 407;
    if (isChallenge && digest?.accept(response, this.#tries)) this.#send();
    else done?.(response);
  }

  onTimeout(): void {
    this.#options.done?.(null);
  }

  onTransportError(): void {
    this.#options.done?.(null);
  }

  #send(): void {
    const { context, dialog, digest, method, lines = '', contentType = null, body = '' } = this.#options;
    const { uri, routes, hop } = dialog.routing;
    const fields = {
      method,
      uri,
      branch: context.newBranch(),
      routes,
      from: dialog.local,
      to: dialog.remote,
      callId: dialog.callId,
      cseq: dialog.nextSequence(),
      lines: `${lines}${digest?.authorize(method, uri) ?? ''}${context.lines.agent}`,
      contentType,
      body,
    };
    context.layer.request(fields, hop, this);
  }
}
