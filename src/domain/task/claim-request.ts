import { type RawBuilder, sql } from 'kysely';

/** How many callees of a task to claim at most. */
export type ClaimRequest = {
  /** The task's, `YYYY-MM-DD`. */
  readonly createdDay: string;
  readonly taskId: number;
  readonly max: number;
  /** Whether the task's calls may cost something; left out: they do not. */
  readonly isCharged?: boolean;
};

/** A checked claim. */
export type Claim = {
  readonly processId: string;
  readonly requests: readonly ClaimRequest[];
  readonly until: Date | undefined;
};

export type ClaimedRow = {
  readonly created_day: string;
  readonly task_id: number;
  readonly seq: number;
  readonly number: string;
  readonly variables: (string | null)[] | null;
  readonly lacks_money?: boolean;
};

/**
 * The condition that a column is one of the days of a claim's tasks, as literals: so the plan has their partitions, instead of those of all days that are kept.
 */
export function onDays(column: string, requests: readonly ClaimRequest[]): RawBuilder<unknown> {
  const days = [...new Set(requests.map(({ createdDay }) => createdDay))].sort();
  return sql`${sql.ref(column)} in (${sql.join(days.map((day) => sql.lit(day)))})`;
}
