/** The payload of a DTMF event, RFC 4733 2.3: event (8), E R volume (1 1 6), duration (16). */
export type TelephoneEvent = {
  /** 0 to 15 are the digits; others are not DTMF. */
  readonly event: number;
  readonly isEnd: boolean;
  /** In timestamp units since the event's beginning. */
  readonly duration: number;
};

export const telephoneEventBytes = 4;

/** -10 dBm0, a usual level; receivers hardly look at it. */
const volume = 10;

const digits = '0123456789*#ABCD';

/** The digit of a DTMF event code (RFC 4733 3.2, table 3); null: another event, e.g. 16, flash. */
export function digitOfEvent(event: number): string | null {
  return digits[event] ?? null;
}

/** The event code of a digit `0-9 * # A-D`, either case; null: not a digit. */
export function eventOfDigit(digit: string): number | null {
  const event = digit.length === 1 ? digits.indexOf(digit.toUpperCase()) : -1;
  return event === -1 ? null : event;
}

/** Reads one event; null: too short. Further events in one packet (RFC 4733 2.5.1.5 is about states, not DTMF) are not read. */
export function parseTelephoneEvent(packet: Uint8Array, start: number, end: number): TelephoneEvent | null {
  if (end - start < telephoneEventBytes) return null;
  return {
    event: packet[start] ?? 0,
    isEnd: ((packet[start + 1] ?? 0) & 0x80) !== 0,
    duration: ((packet[start + 2] ?? 0) << 8) | (packet[start + 3] ?? 0),
  };
}

/** Writes one event at `start`. */
export function writeTelephoneEvent(packet: Uint8Array, start: number, event: TelephoneEvent): void {
  packet[start] = event.event;
  packet[start + 1] = (event.isEnd ? 0x80 : 0) | volume;
  packet[start + 2] = event.duration >> 8;
  packet[start + 3] = event.duration;
}
