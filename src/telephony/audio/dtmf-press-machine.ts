/**
 * Makes presses of keys of what the frames of the received audio sound like, one frame each 5 ms. Pure.
 *
 * ```
 *            frame with a key's two tones
 *   quiet ------------------------------------> sounding
 *     ^                                           |  frame of the same key: counted
 *     |   tones gone for 20 ms                    |  other frame: the gap grows
 *     +-------------------------------------------+
 *         digit, if it was one
 * ```
 *
 * quiet: no key sounds.
 *
 * sounding: two tones of a key are there. `levels` has the amplitude of the first frames, because how long the key sounded is told by the frames of at least half of
 * its level: a frame whose middle is at the edge of a tone has just that. Whether it is a key at all is decided when it ends. It was one if it lasted for 30 ms or more (ITU-T
 * Q.24 wants 40 ms heard and 20 to 23 ms not), at least three frames in a row were clean
 * (nothing but the two tones, at the right frequencies and levels), and so was half of it. A gap of less than
 * 20 ms is bridged (Q.24: 10 ms must be, 40 ms must not), so that a packet that somebody lost before us does not double a key. Frames made up for
 * lost packets neither end a key nor prove one.
 */
export type PressState = null | {
  readonly key: string;
  /** Amplitudes of the first frames, up to {@link longEnough}. */
  readonly levels: readonly number[];
  /** Frames after these. */
  readonly further: number;
  /** The highest amplitude of a clean frame; 0: there was none. */
  readonly reference: number;
  /** Clean frames in a row now, and the most so far. */
  readonly cleanRun: number;
  readonly longestCleanRun: number;
  /** Clean frames, and those of them that were heard, not made up. */
  readonly clean: number;
  readonly cleanHeard: number;
  /** Frames without the key since its last one: heard, and all. */
  readonly missed: number;
  readonly gap: number;
};

export type PressFrame = {
  /** The key whose tones are the strongest; null: there is too little of anything. */
  readonly key: string | null;
  /** Of both tones together; full scale is 1. */
  readonly level: number;
  /** Nothing but the two tones, as a sender must make them. */
  readonly isClean: boolean;
  /** Most of it was made up. */
  readonly isConcealed: boolean;
};

export type PressStep = {
  readonly state: PressState;
  /** A press that ended with this frame; null: none. */
  readonly press: { readonly key: string; readonly durationMs: number } | null;
};

const frameMs = 5;
/** Frames of half level or more that a press has at least: 30 ms. */
const leastFrames = 6;
const longEnough = 16;
const leastCleanRun = 3;
const leastCleanHeard = 2;
/** Of the frames of half level or more: those at the edges are not clean, nor those at a lost packet. */
const leastCleanShare = 0.5;
/** Before a frame is clean, so many are kept: half a frame's length, and one. */
const leadIn = 3;
/** Below this share of its level a key is not there. */
const goneBelow = 0.25;
const mostMissed = 4;
/** What is made up fades in 60 ms. */
const longestGap = 24;

/** One frame. */
export function stepPress(state: PressState, frame: PressFrame): PressStep {
  if (state === null) return { state: beginPress(frame), press: null };
  if (frame.key === state.key && frame.level >= state.reference * goneBelow) {
    return { state: continued(state, frame), press: null };
  }
  const missed = state.missed + (frame.isConcealed ? 0 : 1);
  const gap = state.gap + 1;
  const isOver = state.reference === 0 || missed >= mostMissed || gap >= longestGap;
  if (!isOver) return { state: { ...state, missed, gap, cleanRun: 0 }, press: null };
  return { state: beginPress(frame), press: judge(state) };
}

function beginPress({ key, level, isClean, isConcealed }: PressFrame): PressState {
  if (key === null) return null;
  const clean = isClean ? 1 : 0;
  return {
    key,
    levels: [level],
    further: 0,
    reference: isClean ? level : 0,
    cleanRun: clean,
    longestCleanRun: clean,
    clean,
    cleanHeard: isClean && !isConcealed ? 1 : 0,
    missed: 0,
    gap: 0,
  };
}

function continued(state: NonNullable<PressState>, { level, isClean, isConcealed }: PressFrame): PressState {
  const hasRoom = state.levels.length < longEnough;
  const levels = hasRoom ? [...state.levels, level].slice(state.reference === 0 ? -leadIn : 0) : state.levels;
  const cleanRun = isClean ? state.cleanRun + 1 : 0;
  return {
    key: state.key,
    levels,
    further: state.further + (hasRoom ? 0 : 1),
    reference: isClean ? Math.max(state.reference, level) : state.reference,
    cleanRun,
    longestCleanRun: Math.max(state.longestCleanRun, cleanRun),
    clean: state.clean + (isClean ? 1 : 0),
    cleanHeard: state.cleanHeard + (isClean && !isConcealed ? 1 : 0),
    missed: 0,
    gap: 0,
  };
}

function judge(state: NonNullable<PressState>): PressStep['press'] {
  const { key, levels, further, reference, longestCleanRun, clean, cleanHeard } = state;
  const frames = levels.filter((level) => level >= reference / 2).length + further;
  const isSteady = longestCleanRun >= leastCleanRun && clean >= frames * leastCleanShare;
  const isPress = frames >= leastFrames && isSteady && cleanHeard >= leastCleanHeard;
  return isPress ? { key, durationMs: frames * frameMs } : null;
}
