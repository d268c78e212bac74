import type { CallContext } from '../call/call-context.ts';
import type { DigestClient, DigestTries } from '../digest/digest-client.ts';
import type { Hop } from '../endpoint-types.ts';
import { HopTrail } from '../locate/hop-trail.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { ClientTransaction, ClientTransactionUser } from '../transaction/client-transaction.ts';

export type RegisterRequestOptions = {
  readonly context: CallContext;
  /** In order of preference; at least one. */
  readonly hops: readonly Hop[];
  readonly digest: DigestClient | null;
  /** Wire text. */
  readonly uri: string;
  readonly routes: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  /** Contact, Expires and whatever else is said over that hop; each line with its CRLF. */
  readonly linesFor: (hop: Hop) => string;
  readonly nextSequence: () => number;
  /** Called once, unless the request is abandoned first. */
  readonly done: (result: RegisterResult) => void;
};

/** `response` null: none came, for the reason given. */
export type RegisterResult =
  | { readonly response: SipMessage; readonly hop: Hop }
  | { readonly response: null; readonly reason: string };

/**
 * One REGISTER until its final response: again with credentials when it is challenged (RFC 3261 section 22.2), and at the next hop when one gives no
 * answer or a 503 (RFC 3263 section 4.3). Each of these is a new transaction with the next number.
 */
export class RegisterRequest implements ClientTransactionUser {
  readonly #options: RegisterRequestOptions;
  readonly #tries: DigestTries = new Map();
  readonly #trail: HopTrail;
  #transaction: ClientTransaction | null = null;

  constructor(options: RegisterRequestOptions) {
    this.#options = options;
    this.#trail = new HopTrail(options.hops, options.context.health);
  }

  start(): void {
    this.#send();
  }

  abandon(): void {
    this.#transaction?.abandon();
    this.#transaction = null;
  }

  onResponse(response: SipMessage): void {
    const { status } = response;
    const isHopDown = this.#trail.isFailedBy(response);
    if (status < 200) return;
    const { digest, done } = this.#options;
    const isChallenge = status === 401 || status === 407;
    if (isChallenge && digest?.accept(response, this.#tries)) {
      this.#send();
      return;
    }
    if (!isHopDown || !this.#sendToNext()) done({ response, hop: this.#trail.hop });
  }

  onTimeout(): void {
    this.#failed('no answer');
  }

  onTransportError(error: Error): void {
    this.#failed(error.message);
  }

  #failed(reason: string): void {
    this.#trail.failed();
    if (!this.#sendToNext()) this.#options.done({ response: null, reason });
  }

  /** False: there is no other hop. */
  #sendToNext(): boolean {
    if (!this.#trail.advance()) return false;
    this.#send();
    return true;
  }

  #send(): void {
    const { hop } = this.#trail;
    const { context, digest, uri, routes, from, to, callId, linesFor, nextSequence } = this.#options;
    const fields = {
      method: 'REGISTER',
      uri,
      branch: context.newBranch(),
      routes,
      from,
      to,
      callId,
      cseq: nextSequence(),
      lines: `${linesFor(hop)}${digest?.authorize('REGISTER', uri) ?? ''}${context.lines.agent}`,
      contentType: null,
      body: '',
    };
    this.#transaction = context.layer.request(fields, hop, this);
  }
}
