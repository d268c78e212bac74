/** An answer of the dialect as it came. */
export type Answer = {
  readonly httpStatus: number;
  /** `code`, or where there is none `status`; as a number, whichever of the two literals it had. 0: success. */
  readonly code: number;
  /** `msg`, or where there is none `reason`. */
  readonly reason: string;
  /** Null where there is none. */
  readonly data: unknown;
  /** The whole body: some answers have their fields beside the code (contract 12.1). */
  readonly body: Readonly<Record<string, unknown>>;
};

/** Reads a body of either envelope, {status, reason} or {code, msg} (contract 1.3, 15.2). Null: it is none. */
export function readAnswer(httpStatus: number, text: string): Answer | null {
  const body = objectIn(text);
  const code = wholeNumber(body?.code ?? body?.status);
  if (body === null || code === null) return null;
  return { httpStatus, code, reason: String(body.msg ?? body.reason ?? ''), data: body.data ?? null, body };
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    // A proxy's error page, say; what it was is told by its HTTP status.
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An integer that comes as a number or as its digits: both `0` and `"0"` are in use. Null: it is none. */
export function wholeNumber(value: unknown): number | null {
  const isWritten = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const number = isWritten ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}
