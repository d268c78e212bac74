import { assert } from '../../../lib/errors.ts';
import type { Dialog, DialogRequestParts, SequenceCounter } from '../dialog/dialog.ts';
import { DigestClient, type DigestTries } from '../digest/digest-client.ts';
import type { Hop, InviteOptions } from '../endpoint-types.ts';
import { HopTrail } from '../locate/hop-trail.ts';
import { normalClearingLine } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { toWireValue } from '../message/wire-text.ts';
import { cancelOf, type RequestFields, writeRequest } from '../message/write-request.ts';
import type { ClientTransaction, ClientTransactionUser } from '../transaction/client-transaction.ts';
import type { CallContext } from './call-context.ts';
import { longerInterval, minIntervalS, sessionTimerLines } from './session-terms.ts';

/** As often as this an INVITE may be told that its session interval is too short; each proxy on the way may want more. */
const maxRaises = 3;

/**
 * The INVITE of an outgoing call: written anew for each try (digest, session interval), and what repeats parts of it: CANCEL, and the ACK to a 2xx.
 * It knows nothing of the call's state.
 */
export class InviteRequest {
  readonly localTag: string;
  /** Whether the far side makes the offer. */
  readonly isLate: boolean;
  readonly #context: CallContext;
  /** As wire text, the same for each try (RFC 3261 section 8.1.3.4). */
  readonly #to: string;
  #options: InviteOptions;
  #trail: HopTrail;
  #digest: DigestClient | null;
  readonly #sequence: SequenceCounter = { value: 0 };
  #tries: DigestTries | null = null;
  /** The try under way. */
  #fields: RequestFields | null = null;
  #transaction: ClientTransaction | null = null;
  #authorization = '';
  /** null: no session timer is asked for. */
  #intervalS: number | null;
  #minSeS = minIntervalS;
  #raises = 0;

  constructor(context: CallContext, options: InviteOptions) {
    this.localTag = context.newTag();
    this.#context = context;
    this.#options = options;
    this.#to = `<${toWireValue(options.targetUri)}>`;
    this.#trail = new HopTrail(options.hops, context.health);
    this.isLate = options.offer === null;
    this.#intervalS = options.sessionExpiresS ?? null;
    this.#digest = options.credentials === null ? null : new DigestClient(options.credentials, context.random);
  }

  /** Where the INVITE goes, and what else could be asked. */
  get trail(): HopTrail {
    return this.#trail;
  }

  /** Who answers challenges for this call; null: nobody. */
  get digest(): DigestClient | null {
    return this.#digest;
  }

  /** Where the latest try went. */
  get hop(): Hop {
    return this.#trail.hop;
  }

  /** What the dialogs that responses make take from the latest try. */
  get dialogParts(): DialogRequestParts {
    const { callId, from, uri } = this.#latest;
    return { callId, from, uri, localTag: this.localTag, sequence: this.#sequence };
  }

  /** The next try goes to another target than the last: as `options` say it, but with the same Call-ID, From and To. */
  redirect(options: InviteOptions): void {
    this.#options = options;
    this.#trail = new HopTrail(options.hops, this.#context.health);
    if (options.credentials === null) this.#digest = null;
    this.#tries = null;
  }

  /** Sends a try with the next sequence number; `body`: our offer, as wire text; '': none. */
  send(user: ClientTransactionUser, body: string): ClientTransaction {
    this.#sequence.value += 1;
    return this.#send(user, body);
  }

  /**
   * Sends the latest try to the next hop of the trail. RFC 3263 section 4.3: the same request but for the branch, so also with the same
   * sequence number. Whoever gets it by both ways sees that it is one (RFC 3261 section 8.2.2.2), and nobody's phone rings twice.
   */
  sendToNextHop(user: ClientTransactionUser, body: string): ClientTransaction {
    this.#options.tap?.movedOn(this.hop);
    const isAdvanced = this.#trail.advance();
    assert(isAdvanced, 'no hop is left');
    // Another server may know nothing of the nonces of the last one.
    this.#tries = null;
    return this.#send(user, body);
  }

  #send(user: ClientTransactionUser, body: string): ClientTransaction {
    const options = this.#options;
    const { lines, layer, newBranch, contactFor } = this.#context;
    const uri = toWireValue(options.targetUri);
    let extra = '';
    if (options.headers !== undefined) {
      for (const [name, value] of options.headers) extra += `${toWireValue(name)}: ${toWireValue(value)}\r\n`;
    }
    if (this.#intervalS !== null) extra += sessionTimerLines(this.#intervalS, this.#minSeS, null);
    this.#authorization = this.#digest?.authorize('INVITE', uri) ?? '';
    this.#fields = {
      method: 'INVITE',
      uri,
      branch: newBranch(),
      routes: options.routes?.map(toWireValue) ?? [],
      from: `${toWireValue(options.from)};tag=${this.localTag}`,
      to: this.#to,
      callId: toWireValue(options.sipCallId),
      cseq: this.#sequence.value,
      lines: `${contactFor(this.hop)}${this.#authorization}${extra}${lines.allow}${lines.supported}${lines.agent}`,
      contentType: 'application/sdp',
      body,
    };
    this.#transaction = layer.request(this.#fields, this.hop, user);
    return this.#transaction;
  }

  /** Whether another try can give what a refusal asks for: credentials, or a longer session interval. */
  takesChallenge(response: SipMessage): boolean {
    if (response.status === 422) return this.#takesLongerInterval(response);
    if (response.status !== 401 && response.status !== 407) return false;
    this.#tries ??= new Map();
    return this.#digest?.accept(response, this.#tries) ?? false;
  }

  /** RFC 4028 section 7.3. */
  #takesLongerInterval(response: SipMessage): boolean {
    const wantedS = longerInterval(response, this.#minSeS);
    if (wantedS === null || this.#intervalS === null || ++this.#raises > maxRaises) return false;
    this.#minSeS = wantedS;
    this.#intervalS = Math.max(this.#intervalS, wantedS);
    return true;
  }

  /** The INVITE's own final response ends the call; what becomes of the CANCEL itself says nothing. */
  cancel(): void {
    const cancel = cancelOf(this.#latest, `${normalClearingLine}${this.#context.lines.agent}`);
    this.#context.layer.request(cancel, this.#transaction?.way ?? this.hop, nobody);
  }

  /**
   * The ACK to a 2xx that made `dialog`, with the INVITE's number and its very credentials (RFC 3261 sections 13.2.2.4, 22.1). `answer`: to the
   * offer in the 2xx, as wire text; null: it had none.
   */
  writeAck(dialog: Dialog, answer: string | null): Buffer {
    const { layer, lines, newBranch } = this.#context;
    const { uri, routes, hop } = dialog.routing;
    const fields: RequestFields = {
      ...this.#latest,
      method: 'ACK',
      uri,
      branch: newBranch(),
      routes,
      to: dialog.remote,
      lines: `${this.#authorization}${lines.agent}`,
      contentType: answer === null ? null : 'application/sdp',
      body: answer ?? '',
    };
    return writeRequest(fields, layer.nameFor(hop).via);
  }

  /** No further try will be made: what only a try needs is let go. */
  release(): void {
    if (this.#fields !== null) this.#fields = { ...this.#fields, lines: '', body: '' };
    this.#options = { ...this.#options, offer: '', headers: [] };
  }

  get #latest(): RequestFields {
    assert(this.#fields !== null, 'no INVITE was sent');
    return this.#fields;
  }
}

const nobody: ClientTransactionUser = {
  onResponse: () => undefined,
  onTimeout: () => undefined,
  onTransportError: () => undefined,
};
