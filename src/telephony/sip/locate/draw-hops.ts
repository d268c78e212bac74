import type { Random } from '../../../lib/random.ts';
import type { LocatedServer, ServerTier } from './located-servers.ts';

/**
 * All hops in the order for one request: tier after tier, and within a tier drawn anew each time by weight, as RFC 2782 says ("Usage
 * rules"): a row in any order, those without weight in front; a number up to the sum of the weights, and the first server whose running
 * sum reaches it; then the same with the rest. So a server without weight comes first now and then, and nobody is left out.
 */
export function drawHops<H>(tiers: readonly ServerTier<H>[], random: Random): readonly H[] {
  const [only, ...further] = tiers;
  if (only !== undefined && further.length === 0 && only.length === 1) return only[0]?.hops ?? [];
  return tiers.flatMap((tier) => drawServers(tier, random).flatMap(({ hops }) => hops));
}

/** The servers of one tier, in the order that this draw gave. */
export function drawServers<H>(tier: ServerTier<H>, random: Random): readonly LocatedServer<H>[] {
  if (tier.length < 2) return tier;
  const row = shuffled(tier, random);
  const left = [...row.filter(({ weight }) => weight === 0), ...row.filter(({ weight }) => weight > 0)];
  const drawn: LocatedServer<H>[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    const aim = Math.floor(random.float() * (sum + 1));
    let running = 0;
    const index = left.findIndex(({ weight }) => {
      running += weight;
      return running >= aim;
    });
    drawn.push(...left.splice(index, 1));
  }
  return drawn;
}

/** "Any order" must not be always the same one: the number 0 goes to the first of the row, whoever that is. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const row: T[] = [];
  for (const item of items) row.splice(Math.floor(random.float() * (row.length + 1)), 0, item);
  return row;
}
