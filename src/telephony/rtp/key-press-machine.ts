import type { TelephoneEvent } from './telephone-event.ts';

/**
 * Turns the telephone-event packets of one far side into key presses, each exactly once (RFC 4733 2.5). Pure.
 *
 * ```
 *            packet of an unknown timestamp
 *   idle ------------------------------------> pressed
 *    ^                                           |  packet, same timestamp: the longest duration is kept
 *    |   end packet | silence of 200 ms          |
 *    +-------------------------------------------+  packet of a newer timestamp: concludes this one,
 *                  digit                            and begins the next
 * ```
 *
 * idle: no key is down. `done` holds the timestamps of the latest presses, so that repeated end packets (RFC 4733 2.5.1.4 has three) and late
 * packets of a press that was concluded by timeout or by its successor are recognised and dropped. A packet of any other timestamp begins
 * a press; the marker bit is not asked for, since it is lost with the first packet. A first packet that is an end packet already is a
 * whole press (a very short key, or all others lost).
 *
 * pressed: a key is down. Ended by its end packet, by 200 ms without any packet of it (senders update every 50 ms or faster), or by
 * the first packet of a newer press. A packet older than the press and not in `done` is a press of which everything came late: it counts
 * at once, unless it is more than 5 s old. A press of 0xFFFF units goes on under a new timestamp (RFC 4733 2.5.1.3): same press.
 */
export type KeyPressState = {
  readonly open: OpenPress | null;
  /** RTP timestamps of concluded presses, newest last. */
  readonly done: readonly number[];
};

type OpenPress = {
  readonly timestamp: number;
  readonly event: number;
  readonly duration: number;
  /** Duration of the finished segments of a very long press. */
  readonly before: number;
  readonly lastPacketMs: number;
};

export type KeyPressInput =
  | { readonly type: 'packet'; readonly timestamp: number; readonly event: TelephoneEvent; readonly nowMs: number }
  | { readonly type: 'time'; readonly nowMs: number };

/** A press that was concluded; `duration` in timestamp units (8 per ms). */
export type KeyPress = { readonly event: number; readonly duration: number };

export type KeyPressStep = { readonly state: KeyPressState; readonly presses: readonly KeyPress[] };

export const idleKeys: KeyPressState = { open: null, done: [] };

const silenceMs = 200;
const doneKept = 16;
/** 5 s at 8 kHz. */
const oldestLatePress = 40_000;

/** One step of the machine. */
export function stepKeyPress(state: KeyPressState, input: KeyPressInput): KeyPressStep {
  const { open } = state;
  if (input.type === 'time') {
    if (open === null || input.nowMs - open.lastPacketMs < silenceMs) return { state, presses: [] };
    return conclude(state, open);
  }
  if (open !== null && input.timestamp === open.timestamp) return update(state, open, input);
  if (state.done.includes(input.timestamp)) return { state, presses: [] };
  const newest = open?.timestamp ?? state.done.at(-1);
  const age = newest === undefined ? 0 : (newest - input.timestamp) | 0;
  if (age > oldestLatePress) return { state, presses: [] };
  if (age > 0) {
    const late = { event: input.event.event, duration: input.event.duration };
    return { state: { open, done: remember([input.timestamp], state.done) }, presses: [late] };
  }
  return begin(state, input);
}

type Packet = Extract<KeyPressInput, { type: 'packet' }>;

function begin(state: KeyPressState, input: Packet): KeyPressStep {
  const { open } = state;
  const { event, duration, isEnd } = input.event;
  const isContinuation =
    open !== null &&
    open.event === event &&
    open.duration === 0xffff &&
    ((open.timestamp + open.duration) | 0) === (input.timestamp | 0);
  const before = isContinuation ? open.before + open.duration : 0;
  const pressed: OpenPress = { timestamp: input.timestamp, event, duration, before, lastPacketMs: input.nowMs };
  const concluded: KeyPressStep = open === null ? { state, presses: [] } : conclude(state, open);
  const presses = isContinuation ? [] : concluded.presses;
  const next: KeyPressState = { open: pressed, done: concluded.state.done };
  if (!isEnd) return { state: next, presses };
  const ended = conclude(next, pressed);
  return { state: ended.state, presses: [...presses, ...ended.presses] };
}

function update(state: KeyPressState, open: OpenPress, input: Packet): KeyPressStep {
  // Another event under the same timestamp cannot be told from a damaged packet; the first one stands.
  if (input.event.event !== open.event) return { state, presses: [] };
  const pressed: OpenPress = {
    ...open,
    duration: Math.max(open.duration, input.event.duration),
    lastPacketMs: input.nowMs,
  };
  return input.event.isEnd ? conclude(state, pressed) : { state: { ...state, open: pressed }, presses: [] };
}

function conclude(state: KeyPressState, open: OpenPress): KeyPressStep {
  return {
    state: { open: null, done: remember(state.done, [open.timestamp]) },
    presses: [{ event: open.event, duration: open.before + open.duration }],
  };
}

/** A late press goes to the front, so that the last entry stays the newest. */
function remember(first: readonly number[], second: readonly number[]): readonly number[] {
  return [...first, ...second].slice(-doneKept);
}
