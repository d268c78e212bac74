import type { Random } from '../../lib/random.ts';
import type { Trunk } from './trunk.ts';

/** What routing needs of a trunk. */
export type RoutableTrunk = Pick<Trunk, 'trunkId' | 'prefixes' | 'priority' | 'weight' | 'isEnabled'>;

/**
 * The trunks that may carry `number`, best first: longest matching prefix, then lower priority, then by weighted lot among equals.
 * Disabled ones are left out; empty: nobody carries it. Whether they can at the moment is not asked here: a number whose trunk is down waits.
 */
export function chooseTrunks<T extends RoutableTrunk>(number: string, trunks: readonly T[], random: Random): T[] {
  return trunks
    .filter((trunk) => trunk.isEnabled)
    .map((trunk) => ({ trunk, matched: matchedLength(number, trunk.prefixes), lot: lot(trunk.weight, random) }))
    .filter((candidate) => candidate.matched !== null)
    .sort((a, b) => (b.matched ?? 0) - (a.matched ?? 0) || a.trunk.priority - b.trunk.priority || a.lot - b.lot)
    .map((candidate) => candidate.trunk);
}

/** The length of the longest prefix that the number starts with; 0 for a trunk that serves all; null: not served. */
function matchedLength(number: string, prefixes: readonly string[]): number | null {
  if (prefixes.length === 0) return 0;
  const matching = prefixes.filter((prefix) => number.startsWith(prefix));
  return matching.length === 0 ? null : Math.max(...matching.map((prefix) => prefix.length));
}

/** Exponential lots with rate `weight`: the smallest of several is drawn with a chance of weight / sum, and so is each next one. */
function lot(weight: number, random: Random): number {
  return -Math.log(1 - random.float()) / weight;
}
