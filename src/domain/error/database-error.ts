/** Whether PostgreSQL refused a statement with this SQLSTATE, e.g. "23505" for a duplicate. */
export function isDatabaseError(error: unknown, sqlState: string): boolean {
  return error instanceof Error && 'code' in error && error.code === sqlState;
}

/** SQLSTATEs that are answered as request errors. */
export const sqlState = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  checkViolation: '23514',
  invalidText: '22P02',
} as const;
