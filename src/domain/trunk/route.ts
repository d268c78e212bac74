import { BugError } from '../../lib/errors.ts';
import type { Random } from '../../lib/random.ts';
import type { Trunk } from './trunk.ts';

/** What routing needs of a trunk. */
export type RoutableTrunk = Pick<Trunk, 'trunkId' | 'prefixes' | 'priority' | 'weight' | 'isEnabled'> & {
  /** False while the trunk's circuit is open. */
  readonly isHealthy: boolean;
};

/**
 * The trunks that may carry `number`, best first: longest matching prefix, then lower priority, then by weighted lot among equals.
 * Disabled and unhealthy trunks are left out; empty: nobody can carry it now.
 */
export function chooseTrunks<T extends RoutableTrunk>(number: string, trunks: readonly T[], random: Random): T[] {
  throw new BugError(`not written yet ${number} ${trunks} ${random}`);
}
