/**
 * Who may describe the session next, in one dialog (RFC 3264 section 4, RFC 6337 section 2): at most one offer is open at a time.
 *
 *               own offer                  their answer
 *   undescribed ---------> offering -----------------------+        own offer
 *     ^  |   ^                |                            v  +------------------> re-offering
 *     |  |   +----------------+ it failed                agreed <-------------------+
 *     |  |                                                 ^  ^   their answer, or it failed
 *     |  | their offer             own answer              |  |
 *     |  +----------> answering ---------------------------+  +---------- re-answering, likewise
 *     |                   |
 *     +-------------------+ we refused it
 *
 * undescribed: nothing was said yet, e.g. after an INVITE without an offer. Either side may begin.
 * offering: our first offer is out. Theirs has to wait (RFC 3311 section 5.2: 491), and so has another of ours.
 * answering: their first offer is here, we owe the answer. Another one of theirs comes too early (500), ours has to wait.
 * agreed: both sides know the session. Either may offer to change it.
 * re-offering, re-answering: as offering and answering, but what fails leaves the session as it was agreed (RFC 3261 section 14.1).
 */
export type OfferAnswerState = 'undescribed' | 'offering' | 'answering' | 'agreed' | 're-offering' | 're-answering';

export type OfferAnswerInput =
  | 'own-offer'
  /** A request of theirs that asks for our offer: a re-INVITE without a description. */
  | 'asked-offer'
  | 'own-answer'
  | 'their-offer'
  | 'their-answer'
  /** What is open was refused, taken back, or never answered. */
  | 'failed';

/** `proceed`: the description counts. No action: it must wait (own), or is a repetition without meaning (theirs). */
export type OfferAnswerAction = 'proceed' | 'refuse-pending' | 'refuse-busy';

export type OfferAnswerStep = { readonly state: OfferAnswerState; readonly actions: readonly OfferAnswerAction[] };

const to = (state: OfferAnswerState, ...actions: OfferAnswerAction[]): OfferAnswerStep => ({ state, actions });

/** It is not this side's turn, or nothing is open that it could be about. */
const ignoredIn = to;

const ownOfferOut = (state: OfferAnswerState, before: OfferAnswerState) => ({
  'own-offer': ignoredIn(state),
  'asked-offer': to(state, 'refuse-pending'),
  'own-answer': ignoredIn(state),
  'their-offer': to(state, 'refuse-pending'),
  'their-answer': to('agreed', 'proceed'),
  failed: to(before),
});

const theirOfferIn = (state: OfferAnswerState, before: OfferAnswerState) => ({
  'own-offer': ignoredIn(state),
  'asked-offer': to(state, 'refuse-busy'),
  'own-answer': to('agreed', 'proceed'),
  'their-offer': to(state, 'refuse-busy'),
  'their-answer': ignoredIn(state),
  failed: to(before),
});

const table: Record<OfferAnswerState, Record<OfferAnswerInput, OfferAnswerStep>> = {
  undescribed: {
    'own-offer': to('offering', 'proceed'),
    'asked-offer': to('offering', 'proceed'),
    'own-answer': ignoredIn('undescribed'),
    'their-offer': to('answering', 'proceed'),
    'their-answer': ignoredIn('undescribed'),
    failed: ignoredIn('undescribed'),
  },
  offering: ownOfferOut('offering', 'undescribed'),
  answering: theirOfferIn('answering', 'undescribed'),
  agreed: {
    'own-offer': to('re-offering', 'proceed'),
    'asked-offer': to('re-offering', 'proceed'),
    'own-answer': ignoredIn('agreed'),
    'their-offer': to('re-answering', 'proceed'),
    'their-answer': ignoredIn('agreed'),
    failed: ignoredIn('agreed'),
  },
  're-offering': ownOfferOut('re-offering', 'agreed'),
  're-answering': theirOfferIn('re-answering', 'agreed'),
};

export function stepOfferAnswer(state: OfferAnswerState, input: OfferAnswerInput): OfferAnswerStep {
  return table[state][input];
}

/** The machine with its state, one for each dialog. */
export class OfferAnswer {
  #state: OfferAnswerState;

  constructor(state: OfferAnswerState) {
    this.#state = state;
  }

  get state(): OfferAnswerState {
    return this.#state;
  }

  /** What is to be done about it; null: nothing, it isn't the time for it. */
  feed(input: OfferAnswerInput): OfferAnswerAction | null {
    const step = stepOfferAnswer(this.#state, input);
    this.#state = step.state;
    return step.actions[0] ?? null;
  }
}
