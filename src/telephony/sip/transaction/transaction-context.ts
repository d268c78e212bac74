import type { Hop } from '../endpoint-types.ts';
import type { LocalName } from '../transport/local-names.ts';
import type { SendResult } from '../transport/transport.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { SipTiming } from './timing.ts';

/** What every transaction needs of the layer that owns it. */
export interface TransactionContext {
  readonly wheel: TimerWheel;
  readonly timing: SipTiming;
  readonly counters: SignallingCounters;
  /** What we call ourselves in messages that go there. */
  nameFor(hop: Hop): LocalName;
  /** The one way out for every message; it must not change afterwards. `onSent` is called later, never from inside. */
  send(message: Buffer, hop: Hop, onSent: SendResult): void;
  /** Who sent over a connection with this does not want to know any more when it is lost. */
  release(onSent: SendResult): void;
}

/** What went over the wire since the endpoint was made. */
export type SignallingCounters = {
  datagramsReceived: number;
  /** Not SIP, not for anybody, or over a limit. */
  datagramsDropped: number;
  requestsSent: number;
  requestsRetransmitted: number;
  responsesRetransmitted: number;
};

export function zeroCounters(): SignallingCounters {
  return {
    datagramsReceived: 0,
    datagramsDropped: 0,
    requestsSent: 0,
    requestsRetransmitted: 0,
    responsesRetransmitted: 0,
  };
}
