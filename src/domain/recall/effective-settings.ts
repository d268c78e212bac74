import { sql } from 'kysely';

/**
 * What a round plays, texts and transfers: its own settings, else those of the last given node before it, else the parent's (design section 8).
 * For a query with `recall_node n` and the parent's `task p` in scope.
 */
export const effectiveSettings = sql`
  coalesce((select given.settings from recall_node given
             where given.flow_id = n.flow_id and given.ordinal <= n.ordinal and given.settings is not null
             order by given.ordinal desc limit 1), p.settings)`;
