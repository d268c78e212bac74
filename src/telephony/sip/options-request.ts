import type { CallContext } from './call/call-context.ts';
import type { Hop, OptionsAnswer, OptionsTarget } from './endpoint-types.ts';
import { HopTrail } from './locate/hop-trail.ts';
import type { SipMessage } from './message/sip-message.ts';
import { hostPort } from './message/sip-uri.ts';
import { fromWire, toWireValue } from './message/wire-text.ts';
import type { ClientTransaction, ClientTransactionUser } from './transaction/client-transaction.ts';

/** Where to send it, in order of preference, and whom it asks; null: the hop itself. */
export type OptionsWay = { readonly hops: readonly Hop[]; readonly target: OptionsTarget | null };

/** One OPTIONS outside any dialog (RFC 3261 section 11.1), to see whether somebody is there. Each hop gets one of its own. */
export class OptionsRequest implements ClientTransactionUser {
  readonly #context: CallContext;
  readonly #done: (answer: OptionsAnswer) => void;
  readonly #target: OptionsTarget | null;
  readonly #trail: HopTrail;
  #transaction: ClientTransaction;

  /** `done` is called once, unless the request is abandoned first. */
  constructor(context: CallContext, way: OptionsWay, done: (answer: OptionsAnswer) => void) {
    this.#context = context;
    this.#target = way.target;
    this.#done = done;
    this.#trail = new HopTrail(way.hops, context.health);
    this.#transaction = this.#send();
  }

  abandon(): void {
    this.#transaction.abandon();
  }

  onResponse(response: SipMessage): void {
    const isHopDown = this.#trail.isFailedBy(response);
    if (response.status < 200) return;
    if (isHopDown && this.#trail.advance()) this.#transaction = this.#send();
    else this.#done({ status: response.status, reason: fromWire(response.reason) });
  }

  onTimeout(): void {
    this.#failed('no answer');
  }

  onTransportError(error: Error): void {
    this.#failed(error.message);
  }

  #failed(reason: string): void {
    this.#trail.failed();
    if (this.#trail.advance()) this.#transaction = this.#send();
    else this.#done({ status: null, reason });
  }

  #send(): ClientTransaction {
    const { layer, lines, newBranch, contactFor, health } = this.#context;
    const { hop } = this.#trail;
    // Also where there is only this one to ask: whoever asks each server of a trunk by itself learns for the calls which of them are silent.
    health.asked(hop);
    const { sentBy } = layer.nameFor(hop);
    const uri = this.#target === null ? `sip:${hostPort(hop)}` : toWireValue(this.#target.uri);
    const fields = {
      method: 'OPTIONS',
      uri,
      branch: newBranch(),
      routes: this.#target?.routes.map(toWireValue) ?? [],
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
