import type { Random } from '../../../lib/random.ts';

/** Time for a REGISTER that gets lost and found again: timer F is 32 s, and a second try should fit in where the binding is long enough. */
const marginS = 40;
const leastS = 5;

/**
 * How long after a grant the next REGISTER goes out, ms: nine tenths of the granted time, or 40 s before its end if that is earlier, but not in its first half; less
 * up to a tenth, so that processes that were started together don't stay together.
 */
export function refreshDelayMs(expiresS: number, random: Random): number {
  const latestS = Math.max(leastS, expiresS / 2, Math.min(expiresS * 0.9, expiresS - marginS));
  return latestS * (1 - random.float() / 10) * 1000;
}

/** Between half of `nominalMs` and all of it (RFC 5626 section 4.5), and not before `atLeastMs`. */
export function retryDelayMs(nominalMs: number, atLeastMs: number, random: Random): number {
  return Math.max(nominalMs / 2, atLeastMs) + (random.float() * nominalMs) / 2;
}
