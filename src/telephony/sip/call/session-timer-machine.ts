/**
 * The session timer of one dialog (RFC 4028): who keeps the session alive, and when it is over because nobody did.
 *
 *             agreed, we refresh                refresh time: send it
 *   off <----------------------> keeping <------------------------------> refreshing
 *    ^ \      (or declined)        ^  |     done (agreed), or refused:       |
 *    |  \                          |  |     again after a while              |
 *    |   +---- agreed, they -------|--|------ watching                       |
 *    |         refresh             +--|---------> |  (agreed again, the      |
 *    +--------------------------------|-----------+   other way round)       |
 *                                     |           |                          |
 *                                     v           v                          v
 *                                     +-------- over ------------------------+    the time is up
 *
 * off: no session timer was agreed on. Ends never by itself.
 * keeping: ours to refresh, at half the interval, or a while after a refresh of ours was refused.
 * refreshing: our UPDATE or re-INVITE is out. A refusal leaves the session as it is until its time is up.
 * watching: theirs to refresh; each refresh of theirs agrees anew.
 * over: nobody refreshed in time, or the call ended.
 *
 * Each agreement sets the time at which the session is over: min(32 s, a third of the interval) before the interval ends (section 10).
 */
export type SessionTimerState = 'off' | 'keeping' | 'refreshing' | 'watching' | 'over';

export type SessionTimerInput =
  /** A 2xx with a Session-Expires, to the INVITE or to a refresh of either side, makes us the refresher. */
  | 'agreed-ours'
  /** The same makes them the refresher. */
  | 'agreed-theirs'
  /** A 2xx without one: from here on there is no session timer (section 7.2). */
  | 'declined'
  | 'refresh-due'
  | 'expiry-due'
  /** Our refresh was refused, without harm to the dialog. */
  | 'refused'
  | 'stop';

export type SessionTimerAction =
  | 'start-refresh-timer'
  | 'start-retry-timer'
  | 'start-expiry-timer'
  | 'stop-refresh-timer'
  | 'stop-timers'
  | 'send-refresh'
  | 'report-expired';

export type SessionTimerStep = {
  readonly state: SessionTimerState;
  readonly actions: readonly SessionTimerAction[];
};

const to = (state: SessionTimerState, ...actions: SessionTimerAction[]): SessionTimerStep => ({ state, actions });

/** A timer of before, or an answer that nobody waits for any more. */
const ignoredIn = to;

/** What an agreement leads to, whatever was before. */
const agreements = {
  'agreed-ours': to('keeping', 'start-refresh-timer', 'start-expiry-timer'),
  'agreed-theirs': to('watching', 'stop-refresh-timer', 'start-expiry-timer'),
};
const declined = to('off', 'stop-timers');
const stopped = to('over', 'stop-timers');
const expired = to('over', 'stop-timers', 'report-expired');

const table: Record<SessionTimerState, Record<SessionTimerInput, SessionTimerStep>> = {
  off: {
    ...agreements,
    declined: ignoredIn('off'),
    'refresh-due': ignoredIn('off'),
    'expiry-due': ignoredIn('off'),
    refused: ignoredIn('off'),
    stop: to('over'),
  },
  keeping: {
    ...agreements,
    declined,
    'refresh-due': to('refreshing', 'send-refresh'),
    'expiry-due': expired,
    refused: ignoredIn('keeping'),
    stop: stopped,
  },
  refreshing: {
    ...agreements,
    declined,
    'refresh-due': ignoredIn('refreshing'),
    'expiry-due': expired,
    refused: to('keeping', 'start-retry-timer'),
    stop: stopped,
  },
  watching: {
    ...agreements,
    declined,
    'refresh-due': ignoredIn('watching'),
    'expiry-due': expired,
    // The refresher changed while our refresh was out.
    refused: ignoredIn('watching'),
    stop: stopped,
  },
  over: {
    'agreed-ours': ignoredIn('over'),
    'agreed-theirs': ignoredIn('over'),
    declined: ignoredIn('over'),
    'refresh-due': ignoredIn('over'),
    'expiry-due': ignoredIn('over'),
    refused: ignoredIn('over'),
    stop: ignoredIn('over'),
  },
};

export function stepSessionTimer(state: SessionTimerState, input: SessionTimerInput): SessionTimerStep {
  return table[state][input];
}
