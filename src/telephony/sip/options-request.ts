import type { CallContext } from './call/call-context.ts';
import type { Hop } from './endpoint-types.ts';
import type { SipMessage } from './message/sip-message.ts';
import { hostPort } from './message/sip-uri.ts';
import type { ClientTransaction, ClientTransactionUser } from './transaction/client-transaction.ts';

/** One OPTIONS outside any dialog (RFC 3261 section 11.1), to see whether somebody is there. */
export class OptionsRequest implements ClientTransactionUser {
  readonly #done: (status: number | null) => void;
  readonly #transaction: ClientTransaction;

  /** `done` is called once, unless the request is abandoned first. */
  constructor(context: CallContext, hop: Hop, done: (status: number | null) => void) {
    this.#done = done;
    const { sentBy } = context.layer.nameFor(hop);
    const uri = `sip:${hostPort(hop)}`;
    const fields = {
      method: 'OPTIONS',
      uri,
      branch: context.newBranch(),
      routes: [],
      from: `<sip:${sentBy}>;tag=${context.newTag()}`,
      to: `<${uri}>`,
      callId: `${context.newTag()}@${sentBy}`,
      cseq: 1,
      lines: `${context.contactFor(hop)}Accept: application/sdp\r\n${context.lines.agent}`,
      contentType: null,
      body: '',
    };
    this.#transaction = context.layer.request(fields, hop, this);
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
