/** Calls that began one after the other, and the days of their tasks, `YYYY-MM-DD`. */
export type CountedCalls = { readonly calls: number; readonly days: readonly string[] };

/** Those of one hour, in seconds since the epoch. */
export type HourCount = CountedCalls & { readonly hour: number };

/** How the records of a span are counted, in the order in which they are listed: newest first. */
export type SpanCounts = {
  /** Those after the whole slots. */
  readonly head: CountedCalls;
  /** In whole slots; the latest hour first. */
  readonly hours: readonly HourCount[];
  /** Those before the whole slots. */
  readonly tail: CountedCalls;
};

/** Where a page begins: so many records into a part, which is walked over. */
export type PagePlace = {
  readonly part: 'head' | 'tail' | HourCount;
  readonly skip: number;
  /** The days of the tasks that the page's calls belong to. */
  readonly days: readonly string[];
};

export function totalOf({ head, hours, tail }: SpanCounts): number {
  return hours.reduce((sum, { calls }) => sum + calls, head.calls + tail.calls);
}

/** null: there are not so many. */
export function placeOf({ head, hours, tail }: SpanCounts, offset: number, size: number): PagePlace | null {
  const parts = [head, ...hours, tail];
  let skip = offset;
  for (const [index, { calls }] of parts.entries()) {
    if (skip < calls) {
      const part = index === 0 ? 'head' : (hours[index - 1] ?? 'tail');
      return { part, skip, days: daysOf(parts.slice(index), skip + size) };
    }
    skip -= calls;
  }
  return null;
}

/** The days of the first `calls` calls. */
function daysOf(parts: readonly CountedCalls[], calls: number): string[] {
  const days = new Set<string>();
  let left = calls;
  for (const part of parts) {
    if (left <= 0) break;
    for (const day of part.days) days.add(day);
    left -= part.calls;
  }
  return [...days];
}
