import { assertNever } from '../../../lib/errors.ts';
import { type ResponseFields, ResponseTemplate, responseDestination } from '../message/response-template.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { Source } from '../transport/transport.ts';
import {
  type InviteServerAction,
  type InviteServerInput,
  type InviteServerState,
  inviteServerStart,
  stepInviteServer,
} from './invite-server-machine.ts';
import {
  type NonInviteServerAction,
  type NonInviteServerInput,
  type NonInviteServerState,
  nonInviteServerStart,
  stepNonInviteServer,
} from './non-invite-server-machine.ts';
import { WheelTimer, type WheelTimerTarget } from './timer-wheel.ts';
import { giveUpAfter } from './timing.ts';
import type { TransactionContext } from './transaction-context.ts';

/** Who answers the request of an INVITE transaction. Must not throw. */
export interface ServerTransactionUser {
  /** An ACK to a 2xx that came within the transaction. */
  onAck(ack: SipMessage): void;
  /** Timer H: a refusal was never ACKed. */
  onNoAck(): void;
  /** The caller takes the INVITE back. */
  onCancel(): void;
  /** The tag of our To. */
  readonly localTag: string;
}

export interface ServerTransactionOwner extends TransactionContext {
  forgetServer(transaction: ServerTransaction): void;
}

type Input = InviteServerInput | NonInviteServerInput;
type Action = InviteServerAction | NonInviteServerAction;

/** The shell of both server machines: holds the last response, the timers and the state, and runs the machine's actions. */
export class ServerTransaction implements WheelTimerTarget {
  /** The layer's key. */
  readonly key: string;
  readonly method: string;
  /** Where the request came from. */
  readonly remote: Source;
  readonly #destination: Source;
  readonly #owner: ServerTransactionOwner;
  /** Dropped with the final response: it holds pieces of the request's text, and so all of it. */
  #template: ResponseTemplate | null;
  #user: ServerTransactionUser | null = null;
  #datagram: Buffer | null = null;
  #inviteState: InviteServerState | null;
  #otherState: NonInviteServerState = nonInviteServerStart;
  #resendMs: number;
  readonly #resendTimer = new WheelTimer(this);
  readonly #endTimer = new WheelTimer(this);
  #endTimerName: 'timer-h' | 'timer-i' | 'timer-l' | 'timer-j' = 'timer-j';
  readonly #onSent = (error: Error | null): void => {
    if (error !== null) this.#feed('transport-error', null, null);
  };

  constructor(key: string, request: SipMessage, remote: Source, owner: ServerTransactionOwner) {
    this.key = key;
    this.method = request.method;
    this.remote = remote;
    this.#owner = owner;
    this.#template = new ResponseTemplate(request, remote);
    this.#destination = request.via === null ? remote : responseDestination(request.via, remote);
    this.#inviteState = request.method === 'INVITE' ? inviteServerStart : null;
    this.#resendMs = owner.timing.t1;
  }

  get state(): InviteServerState | NonInviteServerState {
    return this.#inviteState ?? this.#otherState;
  }

  attach(user: ServerTransactionUser): void {
    this.#user = user;
  }

  /** The tag of who answers this transaction; null when nobody does. */
  get localTag(): string | null {
    return this.#user?.localTag ?? null;
  }

  /** Hands a CANCEL to who answers this transaction. */
  cancel(): void {
    this.#user?.onCancel();
  }

  /** Sends a response, unless a final one was sent before (then empty). The datagram, to be sent again by who must (a 2xx to an INVITE). */
  respond(fields: ResponseFields): Buffer {
    if (this.#template === null) return Buffer.alloc(0);
    const datagram = this.#template.write(fields);
    if (fields.status >= 200) this.#template = null;
    if (fields.status < 200) this.#feed('send-provisional', datagram, null);
    else if (this.#inviteState === null) this.#feed('send-final', datagram, null);
    else this.#feed(fields.status < 300 ? 'send-success' : 'send-refusal', datagram, null);
    return datagram;
  }

  /** A response with nothing but a status. */
  refuse(status: number, reason: string, toTag: string | null, lines = ''): void {
    this.respond({ status, reason, toTag, lines, contentType: null, body: '' });
  }

  /** Sends a 2xx to an INVITE again: the TU's task (RFC 3261 section 13.3.1.4). */
  sendAgain(success: Buffer): void {
    this.#owner.counters.responsesRetransmitted++;
    this.#owner.send(success, this.#destination, this.#onSent);
  }

  /** The request came again, or its ACK. */
  receive(message: SipMessage): void {
    if (message.method !== 'ACK') this.#feed('request', null, null);
    else if (this.#inviteState !== null) this.#feed('ack', null, message);
  }

  timerFired(timer: WheelTimer): void {
    this.#feed(timer === this.#resendTimer ? 'timer-g' : this.#endTimerName, null, null);
  }

  #feed(input: Input, datagram: Buffer | null, ack: SipMessage | null): void {
    let actions: readonly Action[];
    if (this.#inviteState !== null) {
      const step = stepInviteServer(this.#inviteState, input as InviteServerInput);
      this.#inviteState = step.state;
      actions = step.actions;
    } else {
      const step = stepNonInviteServer(this.#otherState, input as NonInviteServerInput);
      this.#otherState = step.state;
      actions = step.actions;
    }
    for (const action of actions) this.#run(action, datagram, ack);
  }

  #run(action: Action, datagram: Buffer | null, ack: SipMessage | null): void {
    const { wheel, timing, counters } = this.#owner;
    switch (action) {
      case 'send-response':
        this.#datagram = datagram;
        this.#send();
        return;
      case 'resend-response':
        if (this.#datagram !== null) counters.responsesRetransmitted++;
        this.#send();
        return;
      case 'start-timer-g':
        // Section 17.2.1: TCP sends again by itself.
        if (this.#isReliable) return;
        wheel.start(this.#resendTimer, this.#resendMs);
        return;
      case 'double-timer-g':
        this.#resendMs = Math.min(this.#resendMs * 2, timing.t2);
        wheel.start(this.#resendTimer, this.#resendMs);
        return;
      case 'start-timer-h':
        this.#startEnd('timer-h', giveUpAfter(timing));
        return;
      case 'start-timer-i':
        this.#startEnd('timer-i', this.#isReliable ? 0 : timing.t4);
        return;
      case 'start-timer-l':
        // From here on the TU holds the 2xx.
        this.#datagram = null;
        this.#startEnd('timer-l', giveUpAfter(timing));
        return;
      case 'start-timer-j':
        this.#startEnd('timer-j', this.#isReliable ? 0 : giveUpAfter(timing));
        return;
      case 'stop-timers':
        wheel.stop(this.#resendTimer);
        wheel.stop(this.#endTimer);
        return;
      case 'pass-ack':
        ack === null ? undefined : this.#user?.onAck(ack);
        return;
      case 'report-no-ack':
        this.#user?.onNoAck();
        return;
      case 'forget':
        this.#user = null;
        if (this.#isReliable) this.#owner.release(this.#onSent);
        this.#owner.forgetServer(this);
        return;
      default:
        assertNever(action);
        return;
    }
  }

  get #isReliable(): boolean {
    return this.remote.transport !== 'udp';
  }

  #startEnd(name: 'timer-h' | 'timer-i' | 'timer-l' | 'timer-j', delayMs: number): void {
    this.#endTimerName = name;
    this.#owner.wheel.start(this.#endTimer, delayMs);
  }

  #send(): void {
    if (this.#datagram !== null) this.#owner.send(this.#datagram, this.#destination, this.#onSent);
  }
}
