import type { DatagramTransport } from '../transport/transport.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { SipTiming } from './timing.ts';

/** What every transaction needs of the layer that owns it. */
export interface TransactionContext {
  readonly transport: DatagramTransport;
  readonly wheel: TimerWheel;
  readonly timing: SipTiming;
  /** `host:port` as written in our Via. */
  readonly sentBy: string;
  readonly counters: SignallingCounters;
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
