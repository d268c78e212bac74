/** How many callees of a task to claim at most. `isCharged`: the task's calls may cost something; left out: they do not. */
export type ClaimRequest = { readonly taskId: number; readonly max: number; readonly isCharged?: boolean };

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
