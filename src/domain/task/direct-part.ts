import type { EarlierRounds } from '../record/earlier-rounds.ts';

/** What the hidden task of a direct call (`src/domain/direct`) has beyond a client's task. */
export type DirectPart = {
  /** What records and reports call it: 1 group call, 2 verification code. */
  readonly callType: 1 | 2;
  /** Comes back in records and reports of all its calls; null: their variables do, where there is a template, or nothing. */
  readonly calledInfo: string | null;
  /** The dialect's dimensionId; null: none. */
  readonly templateId: number | null;
  /** Made beforehand, so that nothing has to be waited for; null: every callee hears a text of their own. */
  readonly promptId: number | null;
  /** How many rounds may follow of a call of which only the last result counts; 0: none. */
  readonly roundsLeft: number;
  /** Of a later round: the record id that the client was given for the first; null: the call's own. */
  readonly voiceId: string | null;
  /** Of a later round: what those before it were charged; null: nothing. */
  readonly earlier: EarlierRounds | null;
};
