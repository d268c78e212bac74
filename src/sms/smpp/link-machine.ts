import { assertNever } from '../../lib/errors.ts';
import { commandStatus, statusWords } from './command-status.ts';

/**
 * One connection to a carrier's SMPP server, bound in one direction or both: SMPP 3.4 section 2.2, connected again for as long as it is wanted.
 *
 *   start: connect       connected: bind           bind accepted
 *  ----> connecting ------------------> binding -------------------> bound <---------------------+
 *         ^   |                            |                         | | |                       |
 *         |   | lost, overdue              | refused, lost, overdue  | | | probe due: enquire    | anything heard
 *     try |   |                            |                         | | +--------> probing -----+
 *         |   v                            v                         | |             |  |
 *        waiting <------------------------------ lost, unbound ------+ |             |  |
 *            ^                                                         |             |  |
 *            +----------------------------------- lost, unbound, overdue ------------+  |
 *                                                                      |                |
 *                                                    stop: unbind      v                v
 *                                                                   unbinding <---------+
 *   stop in any other state: ended                                     | unbound, lost, overdue
 *                                                                      v
 *                                                                    ended
 *
 * connecting: TCP, and TLS where it is meant, is being set up.
 * binding: the bind is out.
 * bound: messages and receipts go as the bind says. When nothing has been heard for a while, the far side is asked whether it is there.
 * probing: as bound, but an enquire_link is out. Whatever the far side sends proves that it lives; silence proves that it does not.
 * waiting: no connection. The next try comes after a while that grows with every failure: quickly and up to a minute when the server could not be reached or went away,
 *   slower and up to five minutes when it would not bind us now (others of ours may be bound still), slower still and up to half an hour when it does not
 *   know us or our password: that is for people to put right, and carriers bar addresses that keep asking.
 * unbinding: the unbind is out. Whatever comes of it is the end.
 * ended: nothing is sent and nothing is heard any more.
 *
 * A bind that was good for something, a message that was answered, makes the failures before it forgotten; a server that binds and hangs up at once is not
 * asked every second.
 */
export type LinkState = {
  readonly name: 'connecting' | 'binding' | 'bound' | 'probing' | 'waiting' | 'unbinding' | 'ended';
  /** Tries in a row that were good for nothing. */
  readonly failures: number;
  /** Why the last one was, for people; null: none was. */
  readonly reason: string | null;
};

export type LinkInput =
  | { readonly type: 'connected' }
  /** The answer to the bind. */
  | { readonly type: 'bind-answered'; readonly status: number }
  /** Nothing was heard for as long as may be. */
  | { readonly type: 'probe-due' }
  /** The far side sent something. */
  | { readonly type: 'heard' }
  /** What the state waits for did not come. */
  | { readonly type: 'overdue' }
  /** The far side asks to unbind. */
  | { readonly type: 'unbind' }
  /** The answer to our unbind. */
  | { readonly type: 'unbind-answered' }
  /** The connection could not be made, or is gone. */
  | { readonly type: 'lost'; readonly reason: string }
  /** A message was answered. */
  | { readonly type: 'useful' }
  /** The wait is over. */
  | { readonly type: 'try' }
  | { readonly type: 'stop' };

export type LinkAction =
  | { readonly type: 'connect' }
  | { readonly type: 'bind' }
  /** It can be used. */
  | { readonly type: 'up' }
  /** It cannot be used any more; what is unanswered stays so. */
  | { readonly type: 'down' }
  | { readonly type: 'enquire' }
  | { readonly type: 'unbind' }
  /** Runs until the state hears what it waits for; replaces the one before. */
  | { readonly type: 'start-timer'; readonly timer: 'connect' | 'answer' | 'probe' }
  | { readonly type: 'stop-timer' }
  /** Half of `nominalMs` and up to all of it, then `try`. */
  | { readonly type: 'wait-retry'; readonly nominalMs: number }
  /** Closes the connection, or what there is of it. */
  | { readonly type: 'close' }
  | { readonly type: 'ended' };

export type LinkStep = { readonly state: LinkState; readonly actions: readonly LinkAction[] };

/** Delays of the next try: the first, which doubles, and the longest, ms. */
export const retryDelays = {
  unavailable: { firstMs: 1_000, maxMs: 60_000 },
  refused: { firstMs: 10_000, maxMs: 300_000 },
  unknown: { firstMs: 60_000, maxMs: 1_800_000 },
} as const;

type RetryCause = keyof typeof retryDelays;

export function startLink(): LinkStep {
  return connect({ name: 'connecting', failures: 0, reason: null });
}

/** Whether messages and receipts can go. */
export function isUsable(state: LinkState): boolean {
  return state.name === 'bound' || state.name === 'probing';
}

export function stepLink(state: LinkState, input: LinkInput): LinkStep {
  if (state.name === 'ended') return to(state);
  if (state.name === 'unbinding') return stepUnbinding(state, input);
  switch (input.type) {
    case 'connected':
      return state.name === 'connecting' ? to({ ...state, name: 'binding' }, { type: 'bind' }, answerTimer) : to(state);
    case 'bind-answered':
      return state.name === 'binding' ? onBindAnswered(state, input.status) : to(state);
    case 'probe-due':
      return state.name === 'bound' ? to({ ...state, name: 'probing' }, { type: 'enquire' }, answerTimer) : to(state);
    case 'heard':
      return state.name === 'probing' ? to({ ...state, name: 'bound' }, probeTimer) : to(state);
    case 'overdue':
      return onOverdue(state);
    case 'unbind':
      // The shell has answered it. Before the bind it is a server that does not want us.
      return fail(state, 'unavailable', 'the carrier unbound');
    case 'unbind-answered':
      // We did not ask.
      return to(state);
    case 'lost':
      return fail(state, 'unavailable', input.reason);
    case 'useful':
      return isUsable(state) ? to({ ...state, failures: 0, reason: null }) : to(state);
    case 'try':
      return state.name === 'waiting' ? connect({ ...state, name: 'connecting' }) : to(state);
    case 'stop':
      if (isUsable(state))
        return to({ ...state, name: 'unbinding' }, { type: 'down' }, { type: 'unbind' }, answerTimer);
      return end(state);
    default:
      return assertNever(input);
  }
}

function onBindAnswered(state: LinkState, status: number): LinkStep {
  if (status === 0) return to({ ...state, name: 'bound', reason: null }, { type: 'up' }, probeTimer);
  return fail(state, causeOf(status), `the bind was refused: ${statusWords(status)}`);
}

/** Only these two say that people have to do something; ESME_RBINDFAIL is said for anything, a wrong password too. */
function causeOf(status: number): RetryCause {
  const { name } = commandStatus(status);
  if (name === 'ESME_RINVPASWD' || name === 'ESME_RINVSYSID') return 'unknown';
  return 'refused';
}

function onOverdue(state: LinkState): LinkStep {
  switch (state.name) {
    case 'connecting':
      return fail(state, 'unavailable', 'no answer to the connection');
    case 'binding':
      return fail(state, 'unavailable', 'no answer to the bind');
    case 'probing':
      return fail(state, 'unavailable', 'no answer to enquire_link');
    default:
      // A timer that the state has outrun.
      return to(state);
  }
}

function stepUnbinding(state: LinkState, input: LinkInput): LinkStep {
  switch (input.type) {
    case 'unbind':
    case 'unbind-answered':
    case 'lost':
    case 'overdue':
      return end(state);
    default:
      // We are going; nothing of this changes it.
      return to(state);
  }
}

function connect(state: LinkState): LinkStep {
  return to(state, { type: 'connect' }, { type: 'start-timer', timer: 'connect' });
}

function fail(state: LinkState, cause: RetryCause, reason: string): LinkStep {
  // Nothing is connected, so nothing can be lost.
  if (state.name === 'waiting') return to(state);
  const failed: LinkState = { name: 'waiting', failures: state.failures + 1, reason };
  const { firstMs, maxMs } = retryDelays[cause];
  const nominalMs = Math.min(firstMs * 2 ** Math.min(state.failures, 20), maxMs);
  const down: LinkAction[] = isUsable(state) ? [{ type: 'down' }] : [];
  return to(failed, { type: 'stop-timer' }, { type: 'close' }, ...down, { type: 'wait-retry', nominalMs });
}

function end(state: LinkState): LinkStep {
  return to({ ...state, name: 'ended' }, { type: 'stop-timer' }, { type: 'close' }, { type: 'ended' });
}

function to(state: LinkState, ...actions: LinkAction[]): LinkStep {
  return { state, actions };
}

const answerTimer: LinkAction = { type: 'start-timer', timer: 'answer' };
const probeTimer: LinkAction = { type: 'start-timer', timer: 'probe' };
