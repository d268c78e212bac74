/** Calls that began in one hour. */
export type HourCount = {
  /** Seconds since the epoch. */
  readonly hour: number;
  readonly calls: number;
  /** The days of their tasks, `YYYY-MM-DD`. */
  readonly days: readonly string[];
};

/** How the records of a span are counted, in the order in which they are listed: newest first. */
export type SpanCounts = {
  /** Those after the whole slots. */
  readonly head: number;
  /** In whole slots; the latest hour first. */
  readonly hours: readonly HourCount[];
  /** Those before the whole slots. */
  readonly tail: number;
};

/** Where a page begins: so many records into a part, which are walked over. */
export type PagePlace =
  | { readonly part: 'head'; readonly skip: number }
  | { readonly part: 'tail'; readonly skip: number }
  | {
      readonly part: 'hour';
      readonly hour: number;
      readonly skip: number;
      /** The days of the tasks that the page's calls belong to; null: not known. */
      readonly days: readonly string[] | null;
    };

export function totalOf({ head, hours, tail }: SpanCounts): number {
  return hours.reduce((sum, { calls }) => sum + calls, head + tail);
}

/** null: there are not so many. */
export function placeOf(counts: SpanCounts, offset: number, size: number): PagePlace | null {
  const { head, hours, tail } = counts;
  if (offset < head) return { part: 'head', skip: offset };
  let skip = offset - head;
  for (const [index, { hour, calls }] of hours.entries()) {
    if (skip < calls) return { part: 'hour', hour, skip, days: daysOf(hours, index, skip + size) };
    skip -= calls;
  }
  return skip < tail ? { part: 'tail', skip } : null;
}

/** The days of the first `calls` calls from the hour at `index` on; null: the hours hold less. */
function daysOf(hours: readonly HourCount[], index: number, calls: number): string[] | null {
  const days = new Set<string>();
  let left = calls;
  for (let at = index; at < hours.length; at++) {
    const found = hours[at];
    for (const day of found?.days ?? []) days.add(day);
    left -= found?.calls ?? 0;
    if (left <= 0) return [...days];
  }
  return null;
}
