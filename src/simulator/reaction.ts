/** What kind of callee somebody turns out to be in one call; the words of ledger and summaries. */
export type ReactionKind = 'answers' | 'busy' | 'no-answer' | 'rings-out' | 'declines' | 'unreachable';

/** Everything a person, or the network in the person's place, does about one call. Milliseconds. */
export type Reaction = {
  readonly kind: ReactionKind;
  /** From the INVITE to the 180; null: it never rings. */
  readonly ringAfterMs: number | null;
  /** What follows the ringing (the INVITE, where it never rings). */
  readonly response:
    | { readonly type: 'answer'; readonly afterMs: number }
    | { readonly type: 'reject'; readonly afterMs: number; readonly status: number; readonly reason: string }
    /** Until the caller cancels. */
    | { readonly type: 'wait' };
  /** A key, counted from the moment sound is first heard: nobody presses a key at silence. */
  readonly key: { readonly digit: string; readonly afterSoundMs: number } | null;
  /** When the person hangs up, counted from the first sound; null: listens for as long as the caller likes. */
  readonly hangUpAfterSoundMs: number | null;
};

/** Decides about a call. `timesCalled` counts from 1. Pure: the same arguments always give the same reaction. */
export type ReactionOf = (number: string, timesCalled: number) => Reaction;

export function answering(options: {
  readonly ringAfterMs: number;
  readonly answerAfterMs: number;
  readonly key?: Reaction['key'];
  readonly hangUpAfterSoundMs?: number | null;
}): Reaction {
  return {
    kind: 'answers',
    ringAfterMs: options.ringAfterMs,
    response: { type: 'answer', afterMs: options.answerAfterMs },
    key: options.key ?? null,
    hangUpAfterSoundMs: options.hangUpAfterSoundMs ?? null,
  };
}

/** A refusal `afterMs` after the ringing, or after the INVITE where `ringAfterMs` is null. */
export function refusing(
  kind: Exclude<ReactionKind, 'answers' | 'no-answer'>,
  timing: { readonly ringAfterMs: number | null; readonly afterMs: number },
  answer: { readonly status: number; readonly reason: string },
): Reaction {
  return {
    kind,
    ringAfterMs: timing.ringAfterMs,
    response: { type: 'reject', afterMs: timing.afterMs, ...answer },
    key: null,
    hangUpAfterSoundMs: null,
  };
}

/** Rings until the caller gives up. */
export function ringingForever(ringAfterMs: number): Reaction {
  return { kind: 'no-answer', ringAfterMs, response: { type: 'wait' }, key: null, hangUpAfterSoundMs: null };
}
