import type { Clock, Timer } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import { allowedMethods, type ConstantLines, sessionDescriptionOf, type TagOwner } from './call/call-context.ts';
import { unsupportedExtensions } from './call/required-extensions.ts';
import { asksForTooShort, minIntervalS } from './call/session-terms.ts';
import { UacCall } from './call/uac-call.ts';
import { UasCall } from './call/uas-call.ts';
import type {
  Hop,
  IncomingCall,
  InviteOptions,
  MeasuredSipEndpoint,
  OptionsAnswer,
  OptionsTarget,
  OutgoingCall,
  OutgoingCallObserver,
  RegisterOptions,
  Registration,
  RegistrationObserver,
  SipFigures,
  SocketAddress,
} from './endpoint-types.ts';
import { HopHealth } from './locate/hop-health.ts';
import type { SipMessage } from './message/sip-message.ts';
import { branchCookie } from './message/via.ts';
import { toWireValue } from './message/wire-text.ts';
import { OptionsRequest, type OptionsWay } from './options-request.ts';
import { type RegistrationContext, SipRegistration } from './registration/sip-registration.ts';
import { CallTap } from './trace/call-tap.ts';
import { PollingReadPause } from './transaction/read-pause.ts';
import type { ServerTransaction } from './transaction/server-transaction.ts';
import { TimerWheel } from './transaction/timer-wheel.ts';
import type { SipTiming } from './transaction/timing.ts';
import { TransactionLayer, type TransactionLayerUser } from './transaction/transaction-layer.ts';
import { LocalNames, type PublicAddresses } from './transport/local-names.ts';
import { type IsKnownPeer, PeerGate } from './transport/peer-gate.ts';
import type { Transports } from './transport/transports.ts';

export type EndpointOptions = {
  readonly transport: Transports;
  /** The address that is told as ours. */
  readonly local: SocketAddress;
  /** Go into Via and Contact. */
  readonly publicAddresses: PublicAddresses;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly userAgent: string;
  readonly timing: SipTiming;
  readonly isKnownPeer: IsKnownPeer;
  /** Calls back when the event loop has looked at its sockets once more; absent: timers don't wait for unread answers. */
  readonly afterPoll?: (callback: () => void) => void;
};

/** The top of the library: owns the transport, the timers, the transactions and the calls. */
export class Endpoint implements MeasuredSipEndpoint, TransactionLayerUser, RegistrationContext {
  readonly local: SocketAddress;
  readonly layer: TransactionLayer;
  readonly random: Random;
  readonly logger: Logger;
  readonly lines: ConstantLines;
  readonly clock: Clock;
  readonly health: HopHealth;
  readonly #transport: Transports;
  readonly #wheel: TimerWheel;
  readonly #calls = new Map<string, TagOwner>();
  readonly #registrations = new Set<SipRegistration>();
  readonly #branchPrefix: string;
  #branchCount = 0;
  #handler: ((call: IncomingCall) => void) | null = null;
  #isClosing = false;
  #onIdle: (() => void) | null = null;

  constructor(options: EndpointOptions) {
    this.local = options.local;
    this.random = options.random;
    this.logger = options.logger;
    this.clock = options.clock;
    this.health = new HopHealth(options.clock, options.timing);
    this.#transport = options.transport;
    const { clock, afterPoll } = options;
    const datagramsRead = (): number => this.layer.counters.datagramsReceived;
    const pause = afterPoll === undefined ? null : new PollingReadPause({ clock, afterPoll, datagramsRead });
    this.#wheel = new TimerWheel(clock, undefined, pause);
    const gate = new PeerGate(options.isKnownPeer, options.clock);
    const names = new LocalNames(options.publicAddresses);
    this.layer = new TransactionLayer({ ...options, names, wheel: this.#wheel, user: this, gate });
    options.transport.observeLoss((hop, reason) => {
      for (const registration of [...this.#registrations]) registration.flowFailed(hop, reason);
    });
    this.#branchPrefix = `${branchCookie}${options.random.hex(8)}`;
    this.lines = {
      agent: `User-Agent: ${toWireValue(options.userAgent)}\r\n`,
      allow: `Allow: ${allowedMethods}\r\n`,
      supported: 'Supported: 100rel, timer, 199\r\n',
    };
  }

  readonly newBranch = (): string => `${this.#branchPrefix}${(++this.#branchCount).toString(36)}`;

  readonly contactFor = (hop: Hop): string => this.layer.nameFor(hop).contact;

  addressFor(hop: Hop): SocketAddress {
    return this.layer.nameFor(hop).address;
  }

  newTag(): string {
    return this.random.hex(8);
  }

  ownTag(tag: string, owner: TagOwner): void {
    this.#calls.set(tag, owner);
  }

  disownTag(tag: string): void {
    this.#calls.delete(tag);
    if (this.#calls.size === 0) this.#onIdle?.();
  }

  figures(): SipFigures {
    return {
      ...this.layer.counters,
      ...this.#transport.figures,
      activeCalls: this.#calls.size,
      transactions: this.layer.size,
      seenAddresses: this.layer.seenAddresses,
    };
  }

  invite(options: InviteOptions, observer: OutgoingCallObserver): OutgoingCall {
    const call = new UacCall(this, options, this.#tapped(options, observer));
    if (this.#isClosing) process.nextTick(() => call.dropped());
    else call.start();
    return call;
  }

  #tapped({ tap, sipCallId }: InviteOptions, observer: OutgoingCallObserver): OutgoingCallObserver {
    if (tap === undefined) return observer;
    return new CallTap(this.layer, toWireValue(sipCallId), { tap, observer }).observe;
  }

  async options(hops: readonly Hop[], signal: AbortSignal, target?: OptionsTarget): Promise<number | null> {
    return (await this.#ask({ hops, target: target ?? null }, signal)).status;
  }

  seenBy(peer: string): SocketAddress | null {
    return this.layer.seenBy(peer);
  }

  examine(hop: Hop, signal: AbortSignal, target?: OptionsTarget): Promise<OptionsAnswer> {
    return this.#ask({ hops: [hop], target: target ?? null }, signal);
  }

  #ask(way: OptionsWay, signal: AbortSignal): Promise<OptionsAnswer> {
    if (signal.aborted || this.#isClosing) return Promise.resolve({ status: null, reason: 'not asked' });
    return new Promise((resolve) => {
      const onAbort = (): void => {
        request.abandon();
        resolve({ status: null, reason: messageOf(signal.reason) });
      };
      const done = (answer: OptionsAnswer): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(answer);
      };
      const request = new OptionsRequest(this, way, done);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  register(options: RegisterOptions, observer: RegistrationObserver): Registration {
    const registration = new SipRegistration(this, options, observer);
    this.#registrations.add(registration);
    registration.start();
    if (this.#isClosing) void registration.close(0);
    return registration;
  }

  forgetRegistration(registration: SipRegistration): void {
    this.#registrations.delete(registration);
  }

  onInvite(handler: (call: IncomingCall) => void): void {
    this.#handler = handler;
  }

  async close(graceMs: number): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (const call of [...this.#calls.values()]) call.hangUp();
    const registrations = [...this.#registrations].map((registration) => registration.close(graceMs));
    await Promise.all([...registrations, this.#calls.size > 0 ? this.#idle(graceMs) : null]);
    for (const call of [...this.#calls.values()]) call.dropped();
    this.#wheel.close();
    await this.#transport.close();
  }

  belongsToCall(request: SipMessage): boolean {
    const tag = request.toTag;
    return tag !== null && this.#calls.has(tag);
  }

  onAck(ack: SipMessage): void {
    const tag = ack.toTag;
    if (tag !== null) this.#calls.get(tag)?.onAck(ack);
  }

  onRequest(request: SipMessage, transaction: ServerTransaction, invite: ServerTransaction | null): void {
    if (request.method === 'CANCEL') {
      this.#onCancel(transaction, invite);
      return;
    }
    const unsupported = unsupportedExtensions(request);
    if (unsupported.length > 0) {
      const lines = `Unsupported: ${unsupported.join(', ')}\r\n`;
      transaction.refuse(420, 'Bad Extension', this.newTag(), lines);
      return;
    }
    const toTag = request.toTag;
    if (toTag === null) {
      this.#onRequestOutside(request, transaction);
      return;
    }
    const owner = this.#calls.get(toTag);
    if (owner !== undefined) owner.onRequest(request, transaction);
    else transaction.refuse(481, 'Call/Transaction Does Not Exist', null, this.lines.agent);
  }

  /** Section 9.2: the CANCEL gets its own 200, whatever becomes of the INVITE. */
  #onCancel(transaction: ServerTransaction, invite: ServerTransaction | null): void {
    if (invite === null) {
      transaction.refuse(481, 'Call/Transaction Does Not Exist', this.newTag(), this.lines.agent);
      return;
    }
    transaction.refuse(200, 'OK', invite.localTag ?? this.newTag(), this.lines.agent);
    invite.cancel();
  }

  #onRequestOutside(request: SipMessage, transaction: ServerTransaction): void {
    const { allow, agent } = this.lines;
    if (!/^(?:sips?|tel):/i.test(request.uri)) {
      // Section 8.2.2.1.
      transaction.refuse(416, 'Unsupported URI Scheme', this.newTag(), agent);
      return;
    }
    switch (request.method) {
      case 'INVITE':
        this.#onInvite(request, transaction);
        return;
      case 'OPTIONS':
        transaction.refuse(200, 'OK', this.newTag(), `${allow}Accept: application/sdp\r\n${agent}`);
        return;
      case 'BYE':
      case 'INFO':
      case 'UPDATE':
      case 'PRACK':
        transaction.refuse(481, 'Call/Transaction Does Not Exist', this.newTag(), agent);
        return;
      default:
        transaction.refuse(405, 'Method Not Allowed', this.newTag(), `${allow}${agent}`);
        return;
    }
  }

  #onInvite(request: SipMessage, transaction: ServerTransaction): void {
    const { agent } = this.lines;
    if (request.body !== '' && sessionDescriptionOf(request) === null) {
      // Section 8.2.3.
      transaction.refuse(415, 'Unsupported Media Type', this.newTag(), `Accept: application/sdp\r\n${agent}`);
      return;
    }
    if (asksForTooShort(request)) {
      const lines = `Min-SE: ${minIntervalS}\r\n${agent}`;
      transaction.refuse(422, 'Session Interval Too Small', this.newTag(), lines);
      return;
    }
    if (this.#isClosing) {
      transaction.refuse(503, 'Service Unavailable', this.newTag(), agent);
      return;
    }
    if (this.#handler === null) {
      transaction.refuse(403, 'Forbidden', this.newTag(), agent);
      return;
    }
    const call = new UasCall(this, request, transaction);
    call.start();
    try {
      this.#handler(call);
    } catch (error) {
      this.logger.error({ err: error, sipCallId: call.sipCallId }, 'incoming call handler failed');
      call.reject(500, `Server Internal Error: ${messageOf(error)}`);
    }
  }

  /** Resolves when the last call has ended, or after `graceMs`. */
  #idle(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = this.clock.setTimer(resolve, graceMs);
      this.#onIdle = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
