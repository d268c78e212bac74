import { type DonePress, type KeyPressPacket, type OpenPress, sameDonePress, sameOpenPress } from './press-identity.ts';

/**
 * Turns the telephone-event packets of one far side into key presses, each exactly once (RFC 4733 2.5). Pure.
 *
 * ```
 *            packet of no known press
 *   idle ------------------------------------> pressed
 *    ^                                           |  packet of the same press: the longest duration is kept
 *    |   end packet | silence of 200 ms          |
 *    +-------------------------------------------+  packet of a newer press: concludes this one,
 *                  digit                            and begins the next
 * ```
 *
 * idle: no key is down. `done` holds the presses of the latest two seconds, so that repeated end packets (RFC 4733 2.5.1.4 has three) and late
 * packets of a press that was concluded by timeout or by its successor are recognised and dropped. Any other packet begins a press; the marker
 * bit is not asked for, since it is lost with the first packet, and some gateways set it on every one. A first packet that is an end packet
 * already is a whole press (a very short key, or all others lost).
 *
 * pressed: a key is down. Ended by its end packet, by 200 ms without any packet of it (senders update every 50 ms or faster), or by
 * the first packet of a newer press. What a packet belongs to is decided by `press-identity.ts`, by key and timestamp. A packet of no known press that was
 * sent before others that we have is a press of which everything came late: it counts at once. Sent before is said by the sequence number and not by
 * the timestamp: with a far side that changed (a transfer, a gateway that starts over), old and new timestamps have nothing to do with each other.
 *
 * Deviation: an event of duration 0 is none (RFC 4733 2.3.5), but there are phones whose first packet has it, and it may be the only one that comes.
 */
export type KeyPressState = {
  readonly open: OpenPress | null;
  /** Presses that were counted, newest last. */
  readonly done: readonly DonePress[];
  /** Of the packet that was sent last, as far as we know; null: none came. */
  readonly newest: { readonly ssrc: number; readonly sequence: number } | null;
};

export type KeyPressInput =
  | ({ readonly type: 'packet' } & KeyPressPacket)
  | { readonly type: 'time'; readonly nowMs: number };

/** A press that was concluded; `duration` in timestamp units (8 per ms). */
export type KeyPress = { readonly event: number; readonly duration: number };

export type KeyPressStep = { readonly state: KeyPressState; readonly presses: readonly KeyPress[] };

export const idleKeys: KeyPressState = { open: null, done: [], newest: null };

const silenceMs = 200;
/** No network repeats or delays a packet for longer. */
const doneForMs = 2000;
/** So far back a sequence number is a late packet's; from farther, a sender's that starts over. */
const misorderedPackets = 512;

/** One step of the machine. */
export function stepKeyPress(state: KeyPressState, input: KeyPressInput): KeyPressStep {
  const { open } = state;
  if (input.type === 'time') {
    if (open === null || input.nowMs - open.lastPacketMs < silenceMs) return { state, presses: [] };
    return conclude(state, open, false);
  }
  const isLate = isBehind(state, input);
  const known: KeyPressState = isLate ? state : { ...state, newest: { ssrc: input.ssrc, sequence: input.sequence } };
  const updated = open === null ? null : sameOpenPress(open, input);
  if (updated !== null) {
    return input.event.isEnd ? conclude(known, updated, true) : { state: { ...known, open: updated }, presses: [] };
  }
  const index = state.done.findLastIndex((press) => sameDonePress(press, input));
  if (index !== -1) return { state: { ...known, done: touched(state.done, index, input) }, presses: [] };
  return isLate ? countLate(known, input) : begin(known, input);
}

function isBehind({ newest }: KeyPressState, { ssrc, sequence }: KeyPressPacket): boolean {
  if (newest === null || newest.ssrc !== ssrc) return false;
  const behind = (newest.sequence - sequence) & 0xffff;
  return behind > 0 && behind < misorderedPackets;
}

function begin(state: KeyPressState, input: KeyPressPacket): KeyPressStep {
  const concluded = state.open === null ? { state, presses: [] } : conclude(state, state.open, false);
  const { isEnd } = input.event;
  const pressed: OpenPress = { ...firstSeen(input), before: 0 };
  if (!isEnd) return { state: { ...concluded.state, open: pressed }, presses: concluded.presses };
  const ended = conclude(concluded.state, pressed, true);
  return { state: ended.state, presses: [...concluded.presses, ...ended.presses] };
}

/** A press as its first packet tells of it. */
function firstSeen({ event: { event, duration }, timestamp, nowMs }: KeyPressPacket) {
  return { event, first: timestamp, timestamp, origin: (timestamp - duration) | 0, duration, lastPacketMs: nowMs };
}

function countLate(state: KeyPressState, input: KeyPressPacket): KeyPressStep {
  const { event, duration, isEnd } = input.event;
  return {
    state: { ...state, done: remember(state.done, { ...firstSeen(input), hasEnded: isEnd }) },
    presses: [{ event, duration }],
  };
}

function conclude(state: KeyPressState, { before, ...press }: OpenPress, hasEnded: boolean): KeyPressStep {
  return {
    state: { ...state, open: null, done: remember(state.done, { ...press, hasEnded }) },
    presses: [{ event: press.event, duration: before + press.duration }],
  };
}

function remember(done: readonly DonePress[], press: DonePress): readonly DonePress[] {
  return [...done.filter(({ lastPacketMs }) => press.lastPacketMs - lastPacketMs < doneForMs), press];
}

/** A gateway that moves the timestamp of each end packet is followed. */
function touched(done: readonly DonePress[], index: number, input: KeyPressPacket): readonly DonePress[] {
  const press = done[index];
  if (press === undefined || ((input.timestamp - press.timestamp) | 0) <= 0) return done;
  const { duration } = input.event;
  return done.with(index, { ...press, timestamp: input.timestamp, duration, lastPacketMs: input.nowMs });
}
