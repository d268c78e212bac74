/** Recall flow and recall node states, by the dialect's numbers (contract 5.1). */
export const recallStatus = {
  pending: 0,
  inProgress: 1,
  completed: 2,
  cancelled: 3,
  exception: 4,
} as const;

export type RecallStatus = (typeof recallStatus)[keyof typeof recallStatus];
