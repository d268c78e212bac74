/** What a benchmark measured; one line of `bench/results/NAME.jsonl`, with `cores` and `date` added. */
export type BenchResult = {
  /** The benchmark's name, as given to `npm run bench`. */
  readonly bench: string;
  readonly value: number;
  /** What `value` counts, e.g. `calls/s`. */
  readonly unit: string;
  /** What was measured beside it in the same run, on the same machine; null: nothing. */
  readonly peer: string | null;
  readonly peerValue: number | null;
  /** `value / peerValue`; null without a peer. */
  readonly ratio: number | null;
  /** Further figures of this benchmark. */
  readonly [figure: string]: unknown;
};

/** A module of `bench/`: measures and returns. Progress goes to standard error. */
export type Bench = {
  /** `args`: what was given after the name, `--peer X` included. Rejects when nothing could be measured. */
  run(args: readonly string[]): Promise<BenchResult>;
};
