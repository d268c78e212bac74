import type { CallContext } from './call/call-context.ts';
import type { Hop } from './endpoint-types.ts';
import { HopTrail } from './locate/hop-trail.ts';
import type { SipMessage } from './message/sip-message.ts';
import { hostPort } from './message/sip-uri.ts';
import type { ClientTransaction, ClientTransactionUser } from './transaction/client-transaction.ts';

/** One OPTIONS outside any dialog (RFC 3261 section 11.1), to see whether somebody is there. Each hop gets one of its own. */
export class OptionsRequest implements ClientTransactionUser {
  readonly #context: CallContext;
  readonly #done: (status: number | null) => void;
  readonly #trail: HopTrail;
  #transaction: ClientTransaction;

  /** `done` is called once, unless the request is abandoned first. */
  constructor(context: CallContext, hops: readonly Hop[], done: (status: number | null) => void) {
    this.#context = context;
    this.#done = done;
    this.#trail = new HopTrail(hops, context.health);
    this.#transaction = this.#send();
  }

  abandon(): void {
    this.#transaction.abandon();
  }

  onResponse(response: SipMessage): void {
    const isHopDown = this.#trail.isFailedBy(response);
    if (response.status < 200) return;
    if (isHopDown && this.#trail.advance()) this.#transaction = this.#send();
    else this.#done(response.status);
  }

  onTimeout(): void {
    this.#failed();
  }

  onTransportError(): void {
    this.#failed();
  }

  #failed(): void {
    this.#trail.failed();
    if (this.#trail.advance()) this.#transaction = this.#send();
    else this.#done(null);
  }

  #send(): ClientTransaction {
    const { layer, lines, newBranch, contactFor } = this.#context;
    const { hop } = this.#trail;
    const { sentBy } = layer.nameFor(hop);
    const uri = `sip:${hostPort(hop)}`;
    const fields = {
      method: 'OPTIONS',
      uri,
      branch: newBranch(),
      routes: [],
      from: `<sip:${sentBy}>;tag=${this.#context.newTag()}`,
      to: `<${uri}>`,
      callId: `${this.#context.newTag()}@${sentBy}`,
      cseq: 1,
      lines: `${contactFor(hop)}Accept: application/sdp\r\n${lines.agent}`,
      contentType: null,
      body: '',
    };
    return layer.request(fields, hop, this);
  }
}
