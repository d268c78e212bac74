/** Whether PostgreSQL refused a statement with this SQLSTATE, e.g. "23505" for a duplicate. */
export function isDatabaseError(error: unknown, sqlState: string): boolean {
  return error instanceof Error && 'code' in error && error.code === sqlState;
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity): the same write would fail again. */
export function isDataError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^2[23][0-9A-Z]{3}$/.test(code);
}

/** SQLSTATEs that are answered as request errors. */
export const sqlState = {
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  checkViolation: '23514',
  invalidText: '22P02',
  numberOutOfRange: '22003',
} as const;
