import { assertNever } from '../../lib/errors.ts';

/**
 * Who the far side is, by the source of its packets ("latching", as symmetric RTP of RFC 4961 lets one do). Pure.
 *
 * The SDP announces an address, but a far side behind NAT, or a carrier's relay, sends from another one, and what we send has to go there. On the other side
 * whoever guesses our port may send us audio and key presses, and have the prompt. So a source is believed by where it is:
 *
 * - rank 0, announced: the very address and port of the SDP. One packet will do, and it wins over everybody else.
 * - rank 1, near: the announced host with another port, or a host that the signalling is exchanged with.
 * - rank 2, stranger: anybody else. Within the window only.
 *
 * Ranks 1 and 2 have to send three packets of one SSRC in order before the first is taken. Every packet that comes to the machine is of a negotiated payload type
 * and, where there are keys, authentic: those who only guess don't get here on an encrypted call.
 *
 * ```
 *                 announced: 1 packet; near, after the window: 3
 *   [seeking] ----------------------------------------------------> [latched] <--+
 *       |                                                            ^  |        | it again, or announced: 1 packet
 *       | near, stranger:   announced: 1 packet; or the window ends  |  | silent | same host and SSRC: 3
 *       | 3 packets                                                  |  | for 3 s|
 *       +----------------> [trying] ---------------------------------+  +--> [missing]
 *                           |    ^
 *                           +----+ better rank: 3 packets; the same or a worse one: when silent for 1 s
 *
 *   a re-offer: another address -> seeking; the same address -> trying anew, unless latched onto just that
 * ```
 *
 * seeking: nobody is heard. We send to the announced address. The window, ten seconds from the (re-)offer, bounds strangers only: the others are believed
 * whenever they begin, because a far side may be silent for long.
 * trying: somebody is heard and sent to, who is not where the SDP says. Until the window ends, the announced address takes over with its first packet: so an
 * attacker who is faster than the far side loses it again. One who falls silent gives way, as the relay that played the ringing and ends with the answer.
 * latched: it is settled, and the socket connected: the kernel drops all others, and the machine is not asked.
 * missing: the one that we were latched onto is silent, be it for want of something to say. The socket is open again for a NAT that gave it a new port.
 *
 * A source that a re-offer left behind, or that belongs to the call before on this port, is barred: it counts only where it is announced.
 */
export type LatchState = {
  readonly phase: 'seeking' | 'trying' | 'latched' | 'missing';
  readonly announced: MediaAddress;
  /** Where the signalling is exchanged with. */
  readonly signallingHosts: readonly string[];
  readonly windowEndsMs: number;
  /** Who is heard; null while seeking. */
  readonly source: MediaAddress | null;
  readonly ssrc: number;
  /** When `source` was last heard; not kept up to date in `latched`. */
  readonly heardMs: number;
  readonly candidates: readonly Candidate[];
  readonly barred: readonly MediaAddress[];
};

export type MediaAddress = { readonly address: string; readonly port: number };

type Candidate = MediaAddress & { readonly ssrc: number; readonly sequence: number; readonly packets: number };

export type LatchPacket = {
  readonly type: 'packet';
  readonly source: MediaAddress;
  readonly ssrc: number;
  readonly sequence: number;
  readonly nowMs: number;
};

export type LatchInput =
  /** The address of an offer or answer, the call's first one (from {@link initialLatch}) or another. */
  | {
      readonly type: 'aim';
      readonly announced: MediaAddress;
      readonly signallingHosts: readonly string[];
      readonly nowMs: number;
    }
  /** A plausible packet. In `latched` there is no need to ask. */
  | LatchPacket
  /** Time has passed. `heardMs` and `ssrc`: of the source's latest packet. */
  | { readonly type: 'time'; readonly nowMs: number; readonly heardMs: number; readonly ssrc: number };

export type LatchAction =
  /** The packet is the far side's. */
  | 'take'
  /** What we send goes to `source` from now on, or to `announced` where there is none. */
  | 'redirect'
  /** Connects the socket to `source`. */
  | 'connect'
  | 'disconnect';

export type LatchStep = { readonly state: LatchState; readonly actions: readonly LatchAction[] };

/** So long may strangers be believed. */
export const windowMs = 10_000;
/** So many packets in order show that somebody means it. */
const packetsToBelieve = 3;
/** A source that was tried and is silent for so long gives way to the next. */
const givesWayMs = 1000;
/** So long must the far side be silent before it is looked for elsewhere. */
export const missingAfterMs = 3000;
/** Losses between a candidate's packets. */
const mostAhead = 50;
const mostCandidates = 8;
const mostBarred = 2;

/** Before the first offer or answer. `barred`: the far side of the call before; null: there was none. */
export function initialLatch(barred: MediaAddress | null): LatchState {
  return {
    phase: 'seeking',
    announced: { address: '', port: 0 },
    signallingHosts: [],
    windowEndsMs: 0,
    source: null,
    ssrc: 0,
    heardMs: 0,
    candidates: [],
    barred: barred === null ? [] : [barred],
  };
}

export function stepLatch(state: LatchState, input: LatchInput): LatchStep {
  switch (input.type) {
    case 'aim':
      return onAim(state, input);
    case 'packet':
      return onPacket(state, input);
    case 'time':
      return onTime(state, input);
    default:
      return assertNever(input);
  }
}

export function isSameAddress(one: MediaAddress | null, other: MediaAddress): boolean {
  return one !== null && one.port === other.port && one.address === other.address;
}

function onAim(state: LatchState, input: Extract<LatchInput, { type: 'aim' }>): LatchStep {
  const { announced, signallingHosts, nowMs } = input;
  const { source } = state;
  const disconnect: readonly LatchAction[] = state.phase === 'latched' ? ['disconnect'] : [];
  const aimed: LatchState = { ...state, announced, signallingHosts, windowEndsMs: nowMs + windowMs, candidates: [] };
  if (isSameAddress(announced, state.announced)) {
    if (source === null || isSameAddress(source, announced)) return { state: aimed, actions: [] };
    return { state: { ...aimed, phase: 'trying', heardMs: nowMs }, actions: disconnect };
  }
  // Where the far side had announced itself rightly, what still comes from there is of the past. Where it had not (NAT), its real address is likely
  // to stay.
  const isLeft = source !== null && isSameAddress(source, state.announced);
  const barred = isLeft ? [...state.barred, source].slice(-mostBarred) : state.barred;
  return { state: { ...aimed, phase: 'seeking', source: null, barred }, actions: [...disconnect, 'redirect'] };
}

function onPacket(state: LatchState, packet: LatchPacket): LatchStep {
  const { source, nowMs } = packet;
  if (state.phase !== 'latched' && isSameAddress(state.announced, source)) return latch(state, packet);
  switch (state.phase) {
    case 'seeking':
      return isBarred(state, source) ? drop(state) : seek(state, packet);
    case 'trying':
      if (!isSameAddress(state.source, source)) return isBarred(state, source) ? drop(state) : contest(state, packet);
      if (nowMs >= state.windowEndsMs) return latch(state, packet);
      return { state: { ...state, heardMs: nowMs, ssrc: packet.ssrc }, actions: ['take'] };
    case 'latched':
      return isSameAddress(state.source, source) ? { state, actions: ['take'] } : drop(state);
    case 'missing':
      if (isSameAddress(state.source, source)) return latch(state, packet);
      if (source.address !== state.source?.address || packet.ssrc !== state.ssrc) return drop(state);
      return believe(state, packet, latch);
    default:
      return assertNever(state.phase);
  }
}

function onTime(state: LatchState, { nowMs, heardMs, ssrc }: Extract<LatchInput, { type: 'time' }>): LatchStep {
  if (state.phase === 'trying' && nowMs >= state.windowEndsMs) {
    return { state: { ...state, phase: 'latched', candidates: [] }, actions: ['connect'] };
  }
  if (state.phase === 'latched' && nowMs - heardMs >= missingAfterMs) {
    return { state: { ...state, phase: 'missing', heardMs, ssrc, candidates: [] }, actions: ['disconnect'] };
  }
  return { state, actions: [] };
}

function seek(state: LatchState, packet: LatchPacket): LatchStep {
  const isWindowOpen = packet.nowMs < state.windowEndsMs;
  if (!isWindowOpen && rankOf(state, packet.source) === 2) return drop(state);
  return believe(state, packet, isWindowOpen ? tryOut : latch);
}

/** Somebody else than the one who is tried. */
function contest(state: LatchState, packet: LatchPacket): LatchStep {
  const isBetter = state.source === null || rankOf(state, packet.source) < rankOf(state, state.source);
  const isSilent = packet.nowMs - state.heardMs >= givesWayMs;
  return isBetter || isSilent ? believe(state, packet, tryOut) : drop(state);
}

/** Counts a candidate's packet; with the last one that it takes, `then` follows. */
function believe(
  state: LatchState,
  packet: LatchPacket,
  then: (state: LatchState, packet: LatchPacket) => LatchStep,
): LatchStep {
  const { source, ssrc, sequence } = packet;
  const before = state.candidates.find((candidate) => isSameAddress(candidate, source));
  const ahead = before === undefined || before.ssrc !== ssrc ? 0 : (sequence - before.sequence) & 0xffff;
  const packets = before !== undefined && ahead >= 1 && ahead <= mostAhead ? before.packets + 1 : 1;
  if (packets >= packetsToBelieve) return then(state, packet);
  const others = state.candidates.filter((candidate) => candidate !== before);
  const candidates = [...others, { ...source, ssrc, sequence, packets }].slice(-mostCandidates);
  return drop({ ...state, candidates });
}

function tryOut(state: LatchState, packet: LatchPacket): LatchStep {
  return { state: { ...heard(state, packet), phase: 'trying' }, actions: ['redirect', 'take'] };
}

function latch(state: LatchState, packet: LatchPacket): LatchStep {
  const isMoved = !isSameAddress(state.source ?? state.announced, packet.source);
  const actions: readonly LatchAction[] = isMoved ? ['redirect', 'connect', 'take'] : ['connect', 'take'];
  return { state: { ...heard(state, packet), phase: 'latched' }, actions };
}

function heard(state: LatchState, { source, ssrc, nowMs }: LatchPacket): LatchState {
  return { ...state, source, ssrc, heardMs: nowMs, candidates: [] };
}

function drop(state: LatchState): LatchStep {
  return { state, actions: [] };
}

function rankOf(state: LatchState, { address }: MediaAddress): 1 | 2 {
  return address === state.announced.address || state.signallingHosts.includes(address) ? 1 : 2;
}

function isBarred(state: LatchState, source: MediaAddress): boolean {
  return state.barred.some((barred) => isSameAddress(barred, source));
}
