/** Task states, by the dialect's numbers (contract 4.0). */
export const taskStatus = {
  waiting: 0,
  calling: 1,
  finished: 2,
  submissionFailed: 3,
  cancelled: 4,
  suspended: 5,
  submitting: 6,
} as const;

export type TaskStatus = (typeof taskStatus)[keyof typeof taskStatus];
