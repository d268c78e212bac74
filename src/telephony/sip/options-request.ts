import type { CallContext } from './call/call-context.ts';
import type { SocketAddress } from './endpoint-types.ts';
import type { SipMessage } from './message/sip-message.ts';
import { hostPort } from './message/sip-uri.ts';
import type { ClientTransaction, ClientTransactionUser } from './transaction/client-transaction.ts';

/** One OPTIONS outside any dialog (RFC 3261 section 11.1), to see whether somebody is there. */
export class OptionsRequest implements ClientTransactionUser {
  readonly #done: (status: number | null) => void;
  readonly #transaction: ClientTransaction;

  /** `done` is called once, unless the request is abandoned first. */
  constructor(context: CallContext, destination: SocketAddress, done: (status: number | null) => void) {
    this.#done = done;
    const uri = `sip:${hostPort(destination)}`;
    const fields = {
      method: 'OPTIONS',
      uri,
      branch: context.newBranch(),
      routes: [],
      from: `<sip:${context.layer.sentBy}>;tag=${context.newTag()}`,
      to: `<${uri}>`,
      callId: `${context.newTag()}@${context.layer.sentBy}`,
      cseq: 1,
      lines: `${context.lines.contact}Accept: application/sdp\r\n${context.lines.agent}`,
      contentType: null,
      body: '',
    };
    this.#transaction = context.layer.request(fields, destination, this);
  }

  abandon(): void {
    this.#transaction.abandon();
  }

  onResponse(response: SipMessage): void {
    if (response.status >= 200) this.#done(response.status);
  }

  onTimeout(): void {
    this.#done(null);
  }

  onTransportError(): void {
    this.#done(null);
  }
}
