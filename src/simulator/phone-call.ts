import type { Clock, Timer } from '../lib/clock.ts';
import { assertNever } from '../lib/errors.ts';
import type { IncomingCall, IncomingCallEvent } from '../telephony/sip/endpoint-types.ts';
import type { Handset } from './handset.ts';
import type { HandsetOffer } from './handset-sdp.ts';
import {
  initialPersonState,
  type PersonAction,
  type PersonInput,
  type PersonState,
  type PersonTimer,
  stepPerson,
} from './person-machine.ts';
import type { Reaction } from './reaction.ts';

/** How a call went, from the callee's side. */
export type PhoneCallResult = {
  readonly status: number;
  readonly rtpPackets: number | null;
  readonly heardSound: boolean | null;
  readonly digit: string | null;
};

/** A bound handset and the description that goes with it. */
export type OpenHandset = { readonly handset: Handset; readonly sdp: string };

export type PhoneCallParts = {
  readonly clock: Clock;
  readonly call: IncomingCall;
  readonly reaction: Reaction;
  readonly offer: HandsetOffer;
  readonly ssrc: number;
  /** Picks a handset for an answer; null: there is none left. The call closes it. */
  readonly openHandset: () => Promise<OpenHandset | null>;
  /** Called once, when the call is over. */
  readonly onOver: (result: PhoneCallResult) => void;
};

/** The shell around {@link stepPerson} for one incoming call. */
export class PhoneCall {
  readonly #parts: PhoneCallParts;
  readonly #timers = new Map<PersonTimer, Timer>();
  #state: PersonState = initialPersonState;
  #handset: Handset | null = null;
  #status: number | null = null;
  #digit: string | null = null;
  #isOver = false;

  constructor(parts: PhoneCallParts) {
    this.#parts = parts;
    parts.call.observe((event) => this.#onCall(event));
    this.#input({ type: 'reached' });
  }

  #onCall(event: IncomingCallEvent): void {
    switch (event.type) {
      case 'cancelled':
        this.#status = 487;
        this.#over();
        return;
      case 'acknowledged':
        return;
      case 'info-digit':
        return;
      case 'ended':
        this.#over();
        return;
      default:
        assertNever(event);
    }
  }

  #input(input: PersonInput): void {
    const { state, actions } = stepPerson(this.#state, input, this.#parts.reaction);
    this.#state = state;
    for (const action of actions) this.#run(action);
  }

  #run(action: PersonAction): void {
    const { call, clock } = this.#parts;
    switch (action.type) {
      case 'set-timer': {
        const { name, delayMs } = action;
        this.#timers.set(
          name,
          clock.setTimer(() => this.#input({ type: 'timer', name }), delayMs),
        );
        return;
      }
      case 'cancel-timers':
        for (const timer of this.#timers.values()) timer.cancel();
        return;
      case 'ring':
        call.provisional(180, 'Ringing');
        return;
      case 'answer':
        void this.#answer();
        return;
      case 'reject':
        this.#status = action.status;
        call.reject(action.status, action.reason);
        this.#over();
        return;
      case 'press':
        if (this.#handset?.press(action.digit)) this.#digit = action.digit;
        return;
      case 'hang-up':
        call.hangUp();
        return;
      default:
        assertNever(action);
    }
  }

  async #answer(): Promise<void> {
    const { call, offer, ssrc, openHandset } = this.#parts;
    const open = await openHandset();
    if (this.#isOver) {
      open?.handset.close();
      return;
    }
    if (open === null) {
      this.#run({ type: 'reject', status: 503, reason: 'Service Unavailable' });
      return;
    }
    this.#handset = open.handset;
    this.#status = 200;
    call.answer(open.sdp);
    open.handset.pickUp(offer, ssrc, () => this.#input({ type: 'sound-began' }));
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#input({ type: 'over' });
    const handset = this.#handset;
    const isAnswered = this.#status === 200;
    const heard = handset?.heard;
    handset?.close();
    this.#parts.onOver({
      status: this.#status ?? 487,
      rtpPackets: isAnswered ? (heard?.packets ?? 0) : null,
      heardSound: isAnswered ? (heard?.soundPackets ?? 0) > 0 : null,
      digit: this.#digit,
    });
  }
}
