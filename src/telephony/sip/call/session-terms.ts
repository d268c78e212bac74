import { paramOf } from '../message/header-values.ts';
import type { SipMessage } from '../message/sip-message.ts';

/** What two sides agreed on about the refreshing of a session (RFC 4028). */
export type SessionTerms = {
  /** From one refresh to the end of the session. */
  readonly intervalS: number;
  /** Whether we refresh. */
  readonly isOurs: boolean;
};

/** The shortest interval that we take, and that anybody may ask for (section 4). */
export const minIntervalS = 90;

/**
 * What a far side may make of it in its 2xx. Shorter than {@link minIntervalS} it must not, but some do, and hang up when they are not obeyed; this is
 * where obeying ends: a refresh every two seconds.
 */
const minTakenS = 4;

/** Longer than this is as good as none. */
const maxIntervalS = 86_400;

type SessionExpires = { readonly intervalS: number; readonly refresher: 'uac' | 'uas' | null };

/** Header lines that ask for a session timer, in an INVITE or in a refresh. `refresher` null: the far side may choose. */
export function sessionTimerLines(intervalS: number, minSeS: number, refresher: 'uac' | null): string {
  const who = refresher === null ? '' : `;refresher=${refresher}`;
  const minSe = minSeS > minIntervalS ? `Min-SE: ${minSeS}\r\n` : '';
  return `Session-Expires: ${intervalS}${who}\r\n${minSe}`;
}

/** What a 2xx to our INVITE or refresh agrees to (section 7.2); null: there is no session timer. */
export function termsOfSuccess(response: SipMessage): SessionTerms | null {
  const expires = readSessionExpires(response);
  // Where the refresher is missing, which it must not, somebody has to do it.
  if (expires === null) return null;
  return { intervalS: Math.max(minTakenS, expires.intervalS), isOurs: expires.refresher !== 'uas' };
}

/** The interval that a 422 wants at least (section 6); null: it doesn't say, or asks for what we had. */
export function longerInterval(response: SipMessage, minSeS: number): number | null {
  const wanted = seconds(response.header('min-se'));
  return response.status === 422 && wanted !== null && wanted > minSeS ? wanted : null;
}

/** Whether a request asks for a shorter interval than we take, and can be told so (section 9: only who supports timers understands a 422). */
export function asksForTooShort(request: SipMessage): boolean {
  const expires = readSessionExpires(request);
  return expires !== null && expires.intervalS < minIntervalS && request.hasToken('supported', 'timer');
}

/** What we answer to an INVITE or UPDATE, and the lines of the 2xx that say it. */
export type SessionReply = { readonly terms: SessionTerms | null; readonly lines: string };

/**
 * Section 9, and its table 2 for who refreshes: whom the request names; else it stays as it is (`current`); else the caller, if it knows how.
 * A request that says nothing of timers, e.g. one that only holds the call, does not end one that runs.
 */
export function replyToSession(request: SipMessage, current: SessionTerms | null): SessionReply {
  const expires = readSessionExpires(request);
  const intervalS = expires?.intervalS ?? current?.intervalS ?? null;
  if (intervalS === null) return { terms: null, lines: '' };
  const isCallerAble = request.hasToken('supported', 'timer');
  const named = expires?.refresher ?? (current?.isOurs ? 'uas' : 'uac');
  const refresher = isCallerAble ? named : 'uas';
  // The caller must know that it has a duty; that we have one is ours to know.
  const require = refresher === 'uac' ? 'Require: timer\r\n' : '';
  return {
    terms: { intervalS, isOurs: refresher === 'uas' },
    lines: `Session-Expires: ${intervalS};refresher=${refresher}\r\n${require}`,
  };
}

function readSessionExpires(message: SipMessage): SessionExpires | null {
  const value = message.header('session-expires');
  const intervalS = seconds(value);
  if (value === null || intervalS === null) return null;
  const refresher = paramOf(value, 0, 'refresher')?.toLowerCase();
  return { intervalS, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : null };
}

function seconds(value: string | null): number | null {
  const digits = value === null ? undefined : /^\d{1,10}/.exec(value)?.[0];
  return digits === undefined || Number(digits) === 0 ? null : Math.min(Number(digits), maxIntervalS);
}
