/**
 * Keys in INFO bodies. No RFC has them; what is read is what the devices of the field write: `application/dtmf-relay` (Cisco's) with a line `Signal=5` and mostly
 * one `Duration=160`, and `application/dtmf` with the key alone, or with the same lines.
 */

export const dtmfRelayType = 'application/dtmf-relay';

/** What an INFO is answered with that has another body (RFC 3261 section 8.2.3). */
export const acceptedInfoTypes = 'application/dtmf-relay, application/dtmf';

/** `digit`: one of `0`-`9 * # A`-`D`; null: the body is of a type for keys, but has none that is dialled, such as a hook flash. */
export type InfoReading = { readonly digit: string | null };

/** Reads an INFO body; null: it is of another type. */
export function readInfo(contentType: string, body: string): InfoReading | null {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type !== dtmfRelayType && type !== 'application/dtmf') return null;
  const signal = signalLine.exec(body)?.[1] ?? (type === 'application/dtmf' ? loneSignal.exec(body)?.[1] : undefined);
  return { digit: signal === undefined ? null : digitOf(signal) };
}

/** Spaces wherever they fit, quotes, and a semicolon for a line's end. */
const signalLine = /^[ \t]*Signal[ \t]*[=:][ \t]*"?([^\s";]+)/im;
const loneSignal = /^\s*"?([^\s";=]+)"?\s*$/;

const keys = '0123456789*#ABCD';

/** Some write the event numbers of RFC 4733 for the keys beyond 9. 16 is its flash; `!` and `hf` are others' words for it. */
function digitOf(signal: string): string | null {
  if (/^1[0-5]$/.test(signal)) return keys[Number(signal)] ?? null;
  return signal.length === 1 && keys.includes(signal.toUpperCase()) ? signal.toUpperCase() : null;
}

/** The body of an INFO with one digit, as `application/dtmf-relay`. */
export function writeInfoDigit(digit: string, durationMs: number): string {
  return `Signal=${digit}\r\nDuration=${Math.round(durationMs)}\r\n`;
}
