import type { Maybe } from './page.ts';
import type { Variables } from './task.ts';

/** What the direct calls have in common (contract section 6). */
type DirectCall = {
  readonly appId: string;
  /** Caller id, 7 to 15 digits. */
  readonly displayNum?: Maybe<string>;
  /** Seconds after the answer, 1 to 120. */
  readonly maxDuration?: Maybe<number>;
  /** Seconds, 20 to 120; default 60. */
  readonly maxRingingTime?: Maybe<number>;
  /** 1 to 9; default 1. */
  readonly loopCount?: Maybe<number>;
  /** Comes back in records and reports; at most 1,000 characters. */
  readonly calledInfo?: Maybe<string>;
};

/** A file played to up to 1,000 numbers (contract 6.1). */
export type GroupMessage = DirectCall & {
  /** Separated by commas. */
  readonly callee: string;
  readonly fileId: string;
};

/** A text spoken to one number (contract 6.2). */
export type CodeMessage = DirectCall & {
  readonly callee: string;
  /** A code of contract 13.3. */
  readonly language: string;
  readonly text: string;
  /** Calls again up to so often until it is answered, 0 to 10; only the last result is reported. */
  readonly recallCount?: Maybe<number>;
  /** Minutes, 1 to 999; default 5. */
  readonly recallInterval?: Maybe<number>;
  readonly accent?: Maybe<string | number>;
  readonly ssmlGender?: Maybe<1 | 2>;
  readonly speakingRate?: Maybe<number>;
  /** Seconds. */
  readonly delayPlay?: Maybe<number>;
  readonly delayHangup?: Maybe<number>;
};

/** Templates spoken to many numbers (contract 6.3). */
export type IvrMessage = {
  readonly appId: string;
  readonly numberList: readonly IvrCallee[];
};

/** The variables have at most 300 characters together. */
export type IvrCallee = Variables & {
  readonly callee: string;
  /** The template. */
  readonly dimensionId: number;
};

/** What became of one number of a request: whether it was accepted, not how the call went. */
export type DirectCallResult = {
  /** Null: not accepted. */
  readonly voiceId: string | null;
  readonly callee: string;
  /** "0" accepted, "-22" not. */
  readonly terminationCode: string;
  readonly terminationReason: string;
};
