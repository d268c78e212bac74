/** `part` of `whole` in per cent with two digits; 0 where there is no whole. */
export function perCent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}

/** `sum / count` with at most two digits, as text; "0" where there is nothing. */
export function average(sum: number, count: number): string {
  return String(count === 0 ? 0 : Math.round((sum / count) * 100) / 100);
}
