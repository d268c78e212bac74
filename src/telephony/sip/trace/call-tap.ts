import type { MessageTap, OutgoingCallEvent, OutgoingCallObserver } from '../endpoint-types.ts';
import { WheelTimer, type WheelTimerTarget } from '../transaction/timer-wheel.ts';
import { giveUpAfter } from '../transaction/timing.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';

/** The tap of one outgoing call: on the wire from its first message until nothing of it can come any more. */
export class CallTap implements WheelTimerTarget {
  readonly #layer: TransactionLayer;
  readonly #callId: string;
  readonly #observer: OutgoingCallObserver;
  readonly #linger = new WheelTimer(this);

  /** `callId` is wire text. */
  constructor(layer: TransactionLayer, callId: string, parts: { tap: MessageTap; observer: OutgoingCallObserver }) {
    this.#layer = layer;
    this.#callId = callId;
    this.#observer = parts.observer;
    layer.taps.add(callId, parts.tap);
  }

  /** In the place of the call's own observer. */
  readonly observe = (event: OutgoingCallEvent): void => {
    // Its transactions linger as long (timers D, K, M), and what they say belongs to it.
    if (event.type === 'ended') this.#layer.wheel.start(this.#linger, giveUpAfter(this.#layer.timing));
    this.#observer(event);
  };

  timerFired(): void {
    this.#layer.taps.remove(this.#callId);
  }
}
