import type { Clock } from '../../../lib/clock.ts';

/** Lets timers wait for what the network has brought already: the answer that stops a timer may lie unread in the socket. */
export interface ReadPause {
  /** Calls back once, later. */
  whenRead(callback: () => void): void;
}

export type PollingReadPauseOptions = {
  readonly clock: Clock;
  /** Calls back when the event loop has looked at its sockets once more. */
  readonly afterPoll: (callback: () => void) => void;
  /** Datagrams read since the beginning. */
  readonly datagramsRead: () => number;
};

/** libuv takes at most so many datagrams from a socket before it goes on to other things; less than that: the socket was empty. */
const datagramsPerPoll = 32;

/** No flood holds timers up for longer than this at a time; what lay in a socket's 4 MB before has been read by then. */
const longestHoldMs = 500;

/**
 * Under overload the socket's queue grows until an answer waits for longer than T1. Were timers A and E to fire then, every call would be sent twice and more, the queue
 * would grow by the answers to that, and what began as slowness would end as failure (measured against SIPp, which hangs up on a repeated INVITE).
 */
export class PollingReadPause implements ReadPause {
  readonly #options: PollingReadPauseOptions;

  constructor(options: PollingReadPauseOptions) {
    this.#options = options;
  }

  whenRead(callback: () => void): void {
    const { clock, afterPoll, datagramsRead } = this.#options;
    const startMs = clock.monotonic();
    const look = (): void => {
      const before = datagramsRead();
      afterPoll(() => {
        const isMoreLikely = datagramsRead() - before >= datagramsPerPoll;
        if (isMoreLikely && clock.monotonic() - startMs < longestHoldMs) look();
        else callback();
      });
    };
    look();
  }
}
