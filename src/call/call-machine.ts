/**
 * Whether a person or a machine answered, as far as that was heard. A call that nobody answered has one too where tones were heard before: `unsure`, with `earlyTone`
 * as the evidence.
 */
export type CallMachine = {
  readonly result: 'person' | 'machine' | 'unsure';
  /** What the result rests on, by name, in words and figures for people; times in ms. */
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
  /** From the answer, ms. */
  readonly decidedAfterMs: number;
};
