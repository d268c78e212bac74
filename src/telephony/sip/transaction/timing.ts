/** The base times of RFC 3261 section 17.1.1.1 and table 4, milliseconds. All timers A to M follow from them. */
export type SipTiming = {
  /** Estimate of the round trip. */
  readonly t1: number;
  /** The longest wait between retransmissions of a non-INVITE request or an INVITE response. */
  readonly t2: number;
  /** How long a message may stay in the network. */
  readonly t4: number;
};

export const defaultTiming: SipTiming = { t1: 500, t2: 4_000, t4: 5_000 };

/** How long a transaction waits for its answer, and an answer for its ACK: timers B, F, H, J, L, M. */
export function giveUpAfter(timing: SipTiming): number {
  return 64 * timing.t1;
}

/** The timers of the four machines. */
export type TimerName =
  | 'timer-a'
  | 'timer-b'
  | 'timer-d'
  | 'timer-e'
  | 'timer-f'
  | 'timer-g'
  | 'timer-h'
  | 'timer-i'
  | 'timer-j'
  | 'timer-k'
  | 'timer-l'
  | 'timer-m';
