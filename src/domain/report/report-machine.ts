import { assertNever } from '../../lib/errors.ts';
import type { ReportState } from './report.ts';

/**
 * The life of one call's report (contract 15.11).
 *
 *              failed                      failed, 8 times at most
 *   pending ------------> retrying ------+
 *    ^  |  |               |   |  ^      |
 *    |  |  | delivered     |   |  +------+
 *    |  |  v               |   |
 *    | delivered <---------+   | failed, the ninth time, or outlasted
 *    |  |  |     delivered     v
 *    |  +--|----------------> dead
 *    |     |   outlasted       |
 *    |     | requested         |
 *    +-----+-------------------+ requested
 *
 * pending: made in the transaction that ended the call, or asked for again by an operator; due at once. Ends with the first try.
 *
 * retrying: at least one try has failed; due again when the delay that belongs to the number of failures is over. Ends with a delivery, or with the failure
 * after the last delay. Being asked for makes it due at once, with all its tries before it.
 *
 * From both, `outlasted` leads to dead as well: it has been due, and its receiver down, for as long as all delays together. Only one report at a time is tried against a
 * receiver that is down, so that most of a backlog would not get to the end of its tries for months.
 *
 * delivered: the receiver has answered 2xx. Nothing happens any more, unless an operator asks for it again.
 *
 * dead: every try failed, or there was no use in trying. Rests in the ledger until an operator asks for it, or its day is dropped.
 *
 * A try that ends after its report was settled by another (a process that was frozen, whose lease went to somebody else) changes nothing: in delivered and dead,
 * `delivered`, `failed` and `outlasted` are ignored.
 */
export type ReportPosition = {
  readonly state: ReportState /** Failed tries since it was made or asked for. */;
  readonly tries: number;
};

export type ReportInput = 'delivered' | 'failed' | 'outlasted' | 'requested';

/** `tryAfter`: due again after that many minutes. `settle`: into the ledger, with its last try. */
export type ReportAction = { readonly type: 'tryAfter'; readonly minutes: number } | { readonly type: 'settle' };

/** What a report waits for after its first failed try, its second and so on, in minutes. */
export const retryMinutes: readonly number[] = [1 / 6, 1 / 2, 1, 5, 15, 60, 180, 360];

/** From the first try to the ninth, where each fails at once. */
export const scheduleMinutes = retryMinutes.reduce((sum, minutes) => sum + minutes, 0);

export type ReportStep = { readonly position: ReportPosition; readonly actions: readonly ReportAction[] };

export function step(position: ReportPosition, input: ReportInput): ReportStep {
  switch (position.state) {
    case 'pending':
    case 'retrying':
      return stepOpen(position, input);
    case 'delivered':
    case 'dead':
      if (input === 'requested') return fresh;
      return { position, actions: [] };
    default:
      return assertNever(position.state);
  }
}

const fresh: ReportStep = { position: { state: 'pending', tries: 0 }, actions: [{ type: 'tryAfter', minutes: 0 }] };

function stepOpen(position: ReportPosition, input: ReportInput): ReportStep {
  switch (input) {
    case 'requested':
      return fresh;
    case 'delivered':
      return { position: { state: 'delivered', tries: position.tries }, actions: [{ type: 'settle' }] };
    case 'outlasted':
      return { position: { state: 'dead', tries: position.tries }, actions: [{ type: 'settle' }] };
    case 'failed': {
      const tries = position.tries + 1;
      const minutes = retryMinutes[position.tries];
      if (minutes === undefined) return { position: { state: 'dead', tries }, actions: [{ type: 'settle' }] };
      return { position: { state: 'retrying', tries }, actions: [{ type: 'tryAfter', minutes }] };
    }
    default:
      return assertNever(input);
  }
}
