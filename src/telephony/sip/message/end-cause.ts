import { paramOf } from './header-values.ts';
import type { SipMessage } from './sip-message.ts';

/** Why a far side refused or ended a call, as far as it says so beyond the SIP status. */
export type EndCause = {
  /** ITU-T Q.850 cause value, 1 to 127. */
  readonly q850Cause: number | null;
  /** Its own words, as wire text. */
  readonly reason: string | null;
};

export const noEndCause: EndCause = { q850Cause: null, reason: null };

/** What our BYE and CANCEL say: there is nothing wrong with the call. */
export const normalClearingLine = 'Reason: Q.850;cause=16;text="Normal call clearing"\r\n';

/** What our BYE says where the far side was no longer there. */
export const timerExpiryLine = 'Reason: Q.850;cause=102;text="Recovery on timer expiry"\r\n';

/** More words than this have no use in a record. */
const maxReasonLength = 200;

/**
 * Reads the Reason headers (RFC 3326) of a BYE, a CANCEL or a response (RFC 6432): one value for each protocol, of which Q.850 says most. Where
 * there is none, Asterisk's own X-Asterisk-HangupCauseCode and X-Asterisk-HangupCause.
 */
export function readEndCause(message: SipMessage): EndCause {
  const values = message.list('reason');
  const q850 = values.find((value) => isOf(value, 'q.850'));
  const sip = values.find((value) => isOf(value, 'sip'));
  if (q850 === undefined && sip === undefined) return readAsterisk(message);
  const q850Cause = q850 === undefined ? null : causeValue(paramOf(q850, 0, 'cause'));
  return detached(q850Cause, textOf(q850) ?? textOf(sip) ?? statusOf(sip));
}

/** Seconds until the far side may be asked again (RFC 3261 section 20.33), at most a day; null: it does not say. */
export function readRetryAfter(message: SipMessage): number | null {
  const value = message.header('retry-after');
  if (value === null) return null;
  const seconds = /^\d{1,10}/.exec(value)?.[0];
  return seconds === undefined ? null : Math.min(Number(seconds), 86_400);
}

function readAsterisk(message: SipMessage): EndCause {
  const code = message.header('x-asterisk-hangupcausecode');
  if (code === null) return noEndCause;
  return detached(causeValue(code), message.header('x-asterisk-hangupcause'));
}

function isOf(value: string, protocol: string): boolean {
  const end = value.indexOf(';');
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase() === protocol;
}

function causeValue(text: string | null): number | null {
  const cause = text !== null && /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return cause >= 1 && cause <= 127 ? cause : null;
}

function textOf(value: string | undefined): string | null {
  const text = value === undefined ? null : paramOf(value, 0, 'text');
  return text === '' ? null : text;
}

function statusOf(value: string | undefined): string | null {
  const cause = value === undefined ? null : paramOf(value, 0, 'cause');
  return cause === null || cause === '' ? null : `SIP ${cause}`;
}

/** A copy of the words: a piece of a message's text would keep all of it for as long as the call is known. */
function detached(q850Cause: number | null, reason: string | null): EndCause {
  const words = reason === null ? null : Buffer.from(reason.slice(0, maxReasonLength), 'latin1').toString('latin1');
  return { q850Cause, reason: words };
}
