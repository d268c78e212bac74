import { assert, assertNever } from '../../../lib/errors.ts';
import type { Hop } from '../endpoint-types.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { ackForRefusal, type RequestFields, writeRequest } from '../message/write-request.ts';
import {
  type InviteClientAction,
  type InviteClientInput,
  type InviteClientState,
  inviteClientStart,
  stepInviteClient,
} from './invite-client-machine.ts';
import {
  type NonInviteClientAction,
  type NonInviteClientInput,
  type NonInviteClientState,
  nonInviteClientStart,
  stepNonInviteClient,
} from './non-invite-client-machine.ts';
import { WheelTimer, type WheelTimerTarget } from './timer-wheel.ts';
import { giveUpAfter, type TimerName } from './timing.ts';
import type { TransactionContext } from './transaction-context.ts';

/** Who sent the request. One object may be the user of several transactions. Told in the order things happen; must not throw. */
export interface ClientTransactionUser {
  onResponse(response: SipMessage, transaction: ClientTransaction): void;
  /** Timer B or F: no (final) answer. */
  onTimeout(transaction: ClientTransaction): void;
  onTransportError(error: Error, transaction: ClientTransaction): void;
}

/** What a transaction asks of the layer. */
export interface ClientTransactionOwner extends TransactionContext {
  /** How a request of that length gets to a hop: by TCP where it is too large for a datagram. */
  wayTo(hop: Hop, length: number): Hop;
  /** A peer did not take TCP, which we chose. */
  avoidTcp(hop: Hop): void;
  /** A request over a connection went unanswered. */
  doubt(hop: Hop): void;
  forgetClient(transaction: ClientTransaction): void;
}

type Input = InviteClientInput | NonInviteClientInput;
type Action = InviteClientAction | NonInviteClientAction;

/** The shell of both client machines: holds the request, the timers and the state, and runs the machine's actions. */
export class ClientTransaction implements WheelTimerTarget {
  readonly method: string;
  readonly branch: string;
  readonly hop: Hop;
  /** How the request goes there: `hop`, or by TCP where it is too large for UDP. */
  #way: Hop;
  readonly #owner: ClientTransactionOwner;
  /** null: the final response was passed, and nothing is to be told any more. */
  #user: ClientTransactionUser | null;
  /** Dropped as soon as it cannot be needed again: accepted transactions stay for 32 s. */
  #request: RequestFields | null;
  #message: Buffer | null;
  /** Of a refusal. As text: a small buffer would hold on to the 8 KB block that it shares with others. */
  #ack: string | null = null;
  #inviteState: InviteClientState | null;
  #otherState: NonInviteClientState = nonInviteClientStart;
  #resendMs: number;
  readonly #resendTimer = new WheelTimer(this);
  readonly #endTimer = new WheelTimer(this);
  #endTimerName: TimerName;
  readonly #onSent = (error: Error | null): void => {
    if (error !== null && !this.#goesBackToUdp()) this.#feed('transport-error', null, error);
  };

  constructor(request: RequestFields, hop: Hop, user: ClientTransactionUser, owner: ClientTransactionOwner) {
    this.method = request.method;
    this.branch = request.branch;
    this.hop = hop;
    this.#owner = owner;
    this.#user = user;
    this.#request = request;
    const message = writeRequest(request, owner.nameFor(hop).via);
    this.#way = owner.wayTo(hop, message.length);
    this.#message = this.#way === hop ? message : writeRequest(request, owner.nameFor(this.#way).via);
    const isInvite = request.method === 'INVITE';
    this.#inviteState = isInvite ? inviteClientStart : null;
    this.#endTimerName = isInvite ? 'timer-b' : 'timer-f';
    this.#resendMs = owner.timing.t1;
  }

  /** The hop that a CANCEL of this request goes to: the very same way (section 9.1). */
  get way(): Hop {
    return this.#way;
  }

  get state(): InviteClientState | NonInviteClientState {
    return this.#inviteState ?? this.#otherState;
  }

  start(): void {
    const { wheel, counters, timing } = this.#owner;
    counters.requestsSent++;
    this.#send(this.#message);
    // Section 17.1: TCP sends again by itself.
    if (!this.#isReliable) wheel.start(this.#resendTimer, this.#resendMs);
    wheel.start(this.#endTimer, giveUpAfter(timing));
  }

  receive(response: SipMessage): void {
    if (response.status < 200) this.#feed('provisional', response, null);
    else if (this.#inviteState === null) this.#feed('final', response, null);
    else this.#feed(response.status < 300 ? 'success' : 'refusal', response, null);
  }

  /** Ends the transaction without a word to its user: nobody waits for it any more. */
  abandon(): void {
    this.#stopTimers();
    if (this.#inviteState !== null) this.#inviteState = 'terminated';
    else this.#otherState = 'terminated';
    this.#user = null;
    this.#forget();
  }

  timerFired(timer: WheelTimer): void {
    const isResend = timer === this.#resendTimer;
    const resendName = this.#inviteState === null ? 'timer-e' : 'timer-a';
    this.#feed((isResend ? resendName : this.#endTimerName) as Input, null, null);
  }

  #feed(input: Input, response: SipMessage | null, error: Error | null): void {
    let actions: readonly Action[];
    if (this.#inviteState !== null) {
      const step = stepInviteClient(this.#inviteState, input as InviteClientInput);
      this.#inviteState = step.state;
      actions = step.actions;
    } else {
      const step = stepNonInviteClient(this.#otherState, input as NonInviteClientInput);
      this.#otherState = step.state;
      actions = step.actions;
    }
    for (const action of actions) this.#run(action, response, error);
    if (this.state === 'completed' || this.state === 'terminated') this.#user = null;
  }

  #run(action: Action, response: SipMessage | null, error: Error | null): void {
    const { wheel, timing } = this.#owner;
    switch (action) {
      case 'resend-request':
        this.#owner.counters.requestsRetransmitted++;
        this.#send(this.#message);
        return;
      case 'double-timer-a':
        this.#resendMs *= 2;
        wheel.start(this.#resendTimer, this.#resendMs);
        return;
      case 'double-timer-e':
        this.#resendMs = Math.min(this.#resendMs * 2, timing.t2);
        wheel.start(this.#resendTimer, this.#resendMs);
        return;
      case 'restart-timer-e-at-t2':
        if (this.#isReliable) return;
        this.#resendMs = timing.t2;
        wheel.start(this.#resendTimer, this.#resendMs);
        return;
      case 'stop-timers':
        this.#stopTimers();
        return;
      case 'start-timer-d':
        this.#linger('timer-d', this.#isReliable ? 0 : giveUpAfter(timing));
        return;
      case 'start-timer-m':
        this.#linger('timer-m', giveUpAfter(timing));
        return;
      case 'start-timer-k':
        this.#linger('timer-k', this.#isReliable ? 0 : timing.t4);
        return;
      case 'send-ack':
        assert(response !== null, 'an ACK without a response');
        this.#sendAck(response);
        return;
      case 'pass-response':
        assert(response !== null, 'no response to pass');
        this.#user?.onResponse(response, this);
        return;
      case 'report-timeout':
        this.#user?.onTimeout(this);
        if (this.#isReliable) this.#owner.doubt(this.#way);
        return;
      case 'report-transport-error':
        this.#user?.onTransportError(error ?? new Error('transport error'), this);
        return;
      case 'forget':
        this.#forget();
        return;
      default:
        assertNever(action);
        return;
    }
  }

  /** Nothing is sent again from here on, except the ACK to a refusal, which has been written. */
  #linger(name: TimerName, delayMs: number): void {
    this.#endTimerName = name;
    this.#message = null;
    this.#request = null;
    if (this.#isReliable) this.#owner.release(this.#onSent);
    this.#owner.wheel.start(this.#endTimer, delayMs);
  }

  #sendAck(response: SipMessage): void {
    if (this.#ack === null && this.#request !== null) {
      const ack = ackForRefusal(this.#request, response.header('to') ?? '');
      this.#ack = writeRequest(ack, this.#owner.nameFor(this.#way).via).toString('latin1');
    }
    if (this.#ack !== null) this.#send(Buffer.from(this.#ack, 'latin1'));
  }

  #send(message: Buffer | null): void {
    if (message !== null) this.#owner.send(message, this.#way, this.#onSent);
  }

  get #isReliable(): boolean {
    return this.#way.transport !== 'udp';
  }

  /**
   * RFC 3261 section 18.1.1: where a large request finds nobody on TCP, it goes by UDP all the same. Once: what was answered got there, and what was
   * abandoned need not.
   */
  #goesBackToUdp(): boolean {
    const isUnanswered = this.state === 'calling' || this.state === 'trying';
    if (this.#way === this.hop || this.#request === null || !isUnanswered) return false;
    this.#owner.release(this.#onSent);
    this.#owner.avoidTcp(this.hop);
    this.#way = this.hop;
    this.#message = writeRequest(this.#request, this.#owner.nameFor(this.hop).via);
    this.#send(this.#message);
    this.#owner.wheel.start(this.#resendTimer, this.#resendMs);
    return true;
  }

  #stopTimers(): void {
    this.#owner.wheel.stop(this.#resendTimer);
    this.#owner.wheel.stop(this.#endTimer);
  }

  #forget(): void {
    this.#request = null;
    this.#message = null;
    if (this.#isReliable) this.#owner.release(this.#onSent);
    this.#owner.forgetClient(this);
  }
}
