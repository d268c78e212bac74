import type { Clock, Timer } from '../../../lib/clock.ts';
import { assertNever, messageOf } from '../../../lib/errors.ts';
import type { CallContext } from '../call/call-context.ts';
import { DigestClient } from '../digest/digest-client.ts';
import type {
  Hop,
  RegisterOptions,
  Registration,
  RegistrationObserver,
  RegistrationStatus,
} from '../endpoint-types.ts';
import { quote } from '../message/header-values.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire, toWireValue } from '../message/wire-text.ts';
import { refreshDelayMs, retryDelayMs } from './refresh-delay.ts';
import { readGrant, secondsOf } from './register-answer.ts';
import { RegisterRequest, type RegisterResult } from './register-request.ts';
import {
  isBound,
  type RegistrationAction,
  type RegistrationInput,
  type RegistrationState,
  type RegistrationStep,
  retryLimits,
  startRegistration,
  stepRegistration,
} from './registration-machine.ts';

/** What a registration needs of the endpoint that owns it. */
export interface RegistrationContext extends CallContext {
  readonly clock: Clock;
  forgetRegistration(registration: SipRegistration): void;
}

/** A registration: the shell of its machine. One Call-ID for all its REGISTERs, with rising numbers (RFC 3261 section 10.2.4). */
export class SipRegistration implements Registration {
  readonly #context: RegistrationContext;
  readonly #options: RegisterOptions;
  readonly #observer: RegistrationObserver;
  readonly #digest: DigestClient | null;
  readonly #callId: string;
  readonly #fromTag: string;
  #sequence = 0;
  #state: RegistrationState;
  #request: RegisterRequest | null = null;
  /** Counts the REGISTERs, so that what was asked for a former one is not taken for the present one. */
  #turn = 0;
  #sentAt = 0;
  /** The one that answered last. */
  #hop: Hop | null = null;
  #isOutboundAsked: boolean;
  #isOutbound = false;
  #serviceRoute: readonly string[] = [];
  #expiresAt: number | null = null;
  #nextTryAt: number | null = null;
  #tryTimer: Timer | null = null;
  #lapseTimer: Timer | null = null;
  #status: RegistrationStatus;
  readonly #whenEnded: (() => void)[] = [];

  constructor(context: RegistrationContext, options: RegisterOptions, observer: RegistrationObserver) {
    this.#context = context;
    this.#options = options;
    this.#observer = observer;
    this.#digest = options.credentials === null ? null : new DigestClient(options.credentials, context.random);
    this.#callId = `${context.newTag()}${context.newTag()}`;
    this.#fromTag = context.newTag();
    // Section 6 of RFC 5626: a REGISTER with a reg-id has one Contact.
    this.#isOutboundAsked = options.instanceId !== null && options.furtherContacts.length === 0;
    this.#state = startRegistration(options.expiresS).state;
    this.#status = this.#currentStatus();
  }

  start(): void {
    this.#enter(startRegistration(this.#options.expiresS));
  }

  get status(): RegistrationStatus {
    return this.#status;
  }

  /** The connection to that hop is gone. */
  flowFailed(hop: Hop, reason: string): void {
    if (this.#hop !== null && isSameHop(this.#hop, hop)) this.#feed({ type: 'flow-failed', reason });
  }

  async close(graceMs: number): Promise<void> {
    if (this.#state.name === 'ended') return;
    const ended = new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    const grace = this.#context.clock.setTimer(() => this.#feed({ type: 'removed' }), graceMs);
    this.#feed({ type: 'stop' });
    await ended;
    grace.cancel();
  }

  #feed(input: RegistrationInput): void {
    this.#enter(stepRegistration(this.#state, input));
  }

  #enter({ state, actions }: RegistrationStep): void {
    this.#state = state;
    if (!isBound(state)) {
      this.#expiresAt = null;
      this.#serviceRoute = [];
    }
    for (const action of actions) this.#run(action);
    this.#report();
  }

  #run(action: RegistrationAction): void {
    const { clock, random } = this.#context;
    switch (action.type) {
      case 'send':
        void this.#locateAndSend();
        return;
      case 'send-removal':
        this.#sendRemoval();
        return;
      case 'abandon':
        this.#turn += 1;
        this.#request?.abandon();
        this.#request = null;
        return;
      case 'start-lapse': {
        // The registrar counts from when it got the REGISTER, which is no earlier than when it was sent.
        const leftMs = Math.max(0, this.#sentAt + action.expiresS * 1000 - clock.monotonic());
        this.#expiresAt = clock.now() + leftMs;
        this.#lapseTimer = clock.setTimer(() => this.#feed({ type: 'lapse' }), leftMs);
        return;
      }
      case 'wait-refresh':
        this.#tryIn(refreshDelayMs(action.expiresS, random));
        return;
      case 'wait-retry':
        this.#tryIn(retryDelayMs(action.nominalMs, action.atLeastMs, random));
        return;
      case 'stop-timers':
        this.#tryTimer?.cancel();
        this.#lapseTimer?.cancel();
        this.#nextTryAt = null;
        return;
      case 'end':
        this.#context.forgetRegistration(this);
        for (const resolve of this.#whenEnded.splice(0)) resolve();
        return;
      default:
        assertNever(action);
        return;
    }
  }

  #tryIn(delayMs: number): void {
    const { clock } = this.#context;
    this.#tryTimer?.cancel();
    this.#nextTryAt = clock.now() + delayMs;
    this.#tryTimer = clock.setTimer(() => this.#feed({ type: 'try' }), delayMs);
  }

  /** Never rejects. */
  async #locateAndSend(): Promise<void> {
    this.#tryTimer?.cancel();
    this.#nextTryAt = null;
    const turn = ++this.#turn;
    let hops: readonly Hop[];
    try {
      hops = this.#keepTo(await this.#options.locate());
    } catch (error) {
      if (turn === this.#turn) this.#feed({ type: 'unavailable', reason: messageOf(error), retryAfterS: 0 });
      return;
    }
    if (turn !== this.#turn) return;
    if (hops.length === 0) this.#feed({ type: 'unavailable', reason: 'no address was found', retryAfterS: 0 });
    else this.#send(hops);
  }

  /** The hop that has our binding comes first while it is one that may be used. */
  #keepTo(hops: readonly Hop[]): readonly Hop[] {
    const kept = hops.find((hop) => this.#hop !== null && isSameHop(hop, this.#hop));
    return kept === undefined ? hops : [kept, ...hops.filter((hop) => hop !== kept)];
  }

  #send(hops: readonly Hop[]): void {
    const { expiresS } = this.#state;
    this.#sentAt = this.#context.clock.monotonic();
    this.#request = this.#newRequest(hops, expiresS, (result) => this.#onResult(result, hops));
    this.#request.start();
  }

  #sendRemoval(): void {
    const removed = (): void => this.#feed({ type: 'removed' });
    if (this.#hop === null) {
      // Nobody ever answered.
      removed();
      return;
    }
    this.#request = this.#newRequest([this.#hop], 0, removed);
    this.#request.start();
  }

  #newRequest(hops: readonly Hop[], expiresS: number, done: (result: RegisterResult) => void): RegisterRequest {
    const { registrarUri, addressOfRecord, routes } = this.#options;
    const address = `<${toWireValue(addressOfRecord)}>`;
    return new RegisterRequest({
      context: this.#context,
      hops,
      digest: this.#digest,
      uri: toWireValue(registrarUri),
      routes: routes.map(toWireValue),
      from: `${address};tag=${this.#fromTag}`,
      to: address,
      callId: this.#callId,
      linesFor: (hop) => this.#lines(hop, expiresS),
      nextSequence: () => ++this.#sequence,
      done,
    });
  }

  /** Path (RFC 3327): a proxy between us and the registrar may put itself on the way to us; that is for the registrar to keep, not for us. */
  #lines(hop: Hop, expiresS: number): string {
    const instance = this.#instanceParams();
    let lines = '';
    for (const uri of this.#contacts(hop)) lines += `Contact: <${uri}>${instance};expires=${expiresS}\r\n`;
    return `${lines}Expires: ${expiresS}\r\nSupported: path${instance === '' ? '' : ', outbound'}\r\n${this.#context.lines.allow}`;
  }

  #instanceParams(): string {
    const { instanceId } = this.#options;
    if (instanceId === null || !this.#isOutboundAsked) return '';
    return `;+sip.instance=${quote(`<${toWireValue(instanceId)}>`)};reg-id=1`;
  }

  #contacts(hop: Hop): string[] {
    const { contactUser, furtherContacts } = this.#options;
    const { sentBy } = this.#context.layer.nameFor(hop);
    const transport = hop.transport === 'udp' ? '' : `;transport=${hop.transport}`;
    return [`sip:${toWireValue(contactUser)}@${sentBy}${transport}`, ...furtherContacts.map(toWireValue)];
  }

  #onResult(result: RegisterResult, hops: readonly Hop[]): void {
    this.#request = null;
    if (result.response === null) {
      this.#feed({ type: 'unavailable', reason: result.reason, retryAfterS: 0 });
      return;
    }
    const { response, hop } = result;
    this.#hop = hop;
    if (response.status === 439 && this.#isOutboundAsked) {
      // RFC 5626 section 11.6: the first hop cannot keep connections for us; without them, then.
      this.#isOutboundAsked = false;
      this.#send(hops);
      return;
    }
    this.#feed(response.status < 300 ? this.#granted(response, hop) : refusalOf(response));
  }

  #granted(response: SipMessage, hop: Hop): RegistrationInput {
    const grant = readGrant(response, this.#contacts(hop), this.#state.expiresS);
    if (grant.expiresS === 0) {
      return { type: 'refused', reason: 'the registrar keeps no binding of ours', retryAfterS: 0 };
    }
    this.#serviceRoute = grant.serviceRoute;
    this.#isOutbound = grant.isOutbound;
    return { type: 'granted', expiresS: Math.min(grant.expiresS, retryLimits.maxExpiresS) };
  }

  #report(): void {
    const status = this.#currentStatus();
    if (isSameStatus(status, this.#status)) return;
    this.#status = status;
    const fields = { aor: this.#options.addressOfRecord, isOutbound: this.#isOutbound, ...status };
    this.#context.logger.debug(fields, 'sip registration changed');
    this.#observer(status);
  }

  #currentStatus(): RegistrationStatus {
    return {
      state: stateWord(this.#state),
      expiresAt: this.#expiresAt,
      nextTryAt: this.#nextTryAt,
      reason: this.#state.reason,
      serviceRoute: this.#serviceRoute.map(fromWire),
    };
  }
}

function isSameHop(a: Hop, b: Hop): boolean {
  return a.address === b.address && a.port === b.port && a.transport === b.transport;
}

function stateWord({ name }: RegistrationState): RegistrationStatus['state'] {
  switch (name) {
    case 'registering':
      return 'registering';
    case 'registered':
    case 'refreshing':
    case 'holding':
      return 'registered';
    case 'waiting':
      return 'failed';
    case 'unregistering':
    case 'ended':
      return 'unregistered';
  }
}

/** What a final response other than 2xx means for the binding (RFC 3261 section 10.2.7, RFC 5626 section 4.5). */
function refusalOf(response: SipMessage): RegistrationInput {
  const { status } = response;
  const reason = `${status} ${fromWire(response.reason)}`.trim();
  const retryAfterS = secondsOf(response.header('retry-after')) ?? 0;
  const minExpiresS = status === 423 ? secondsOf(response.header('min-expires')) : null;
  if (minExpiresS !== null) return { type: 'too-brief', minExpiresS };
  const isPassing = status === 408 || status === 480 || (status >= 500 && status < 600);
  return { type: isPassing ? 'unavailable' : 'refused', reason, retryAfterS };
}

function isSameStatus(a: RegistrationStatus, b: RegistrationStatus): boolean {
  return (
    a.state === b.state &&
    a.expiresAt === b.expiresAt &&
    a.nextTryAt === b.nextTryAt &&
    a.reason === b.reason &&
    a.serviceRoute.join() === b.serviceRoute.join()
  );
}
