/** Digits in INFO: `application/dtmf-relay` (`Signal=5`, `Duration=160`) and `application/dtmf` (the digit alone). */

export const dtmfRelayType = 'application/dtmf-relay';

/** The digit of an INFO body, one of `0`-`9 * # A`-`D`; null when it holds none. */
export function readInfoDigit(contentType: string, body: string): string | null {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === dtmfRelayType) return digitOf(/^[ \t]*Signal\s*=\s*(\S+)/im.exec(body)?.[1]);
  if (type === 'application/dtmf') return digitOf(/^\s*(?:Signal\s*=\s*)?(\S+)/i.exec(body)?.[1]);
  return null;
}

/** Some senders write the event numbers of RFC 4733 for `*` and `#`. */
function digitOf(signal: string | undefined): string | null {
  if (signal === undefined) return null;
  if (signal === '10') return '*';
  if (signal === '11') return '#';
  return /^[0-9*#A-D]$/i.test(signal) ? signal.toUpperCase() : null;
}

/** The body of an INFO with one digit, as `application/dtmf-relay`. */
export function writeInfoDigit(digit: string, durationMs: number): string {
  return `Signal=${digit}\r\nDuration=${Math.round(durationMs)}\r\n`;
}
