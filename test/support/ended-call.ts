import { noFarEndWords, nothingHeard } from '../../src/call/engine.ts';
import { type Outcome, outcomeOf } from '../../src/call/outcome.ts';
import type { CallSnapshot } from '../../src/domain/record/call-ledger-sql.ts';

/** How a call may end, as far as what follows from it is concerned. */
export type Ending = 'answered' | 'machine' | 'rang' | 'refused';

const words = { reason: '', ...nothingHeard, ...noFarEndWords };

const outcomes: Record<Ending, Outcome> = {
  answered: outcomeOf({ cause: 'remote-hangup', hasRung: true, isAnswered: true, sipStatus: 200, ...words }),
  machine: {
    ...outcomeOf({ cause: 'remote-hangup', hasRung: true, isAnswered: true, sipStatus: 200, ...words }),
    callStatus: 40,
  },
  rang: outcomeOf({ cause: 'rejected', hasRung: true, isAnswered: false, sipStatus: 486, ...words }),
  refused: outcomeOf({ cause: 'rejected', hasRung: false, isAnswered: false, sipStatus: 404, ...words }),
};

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 5, 4, 0, second));

/** The last snapshot of a call that rang for a second, unless it was refused, and was up for three where it was answered. */
export function endedAs(
  ending: Ending,
  call: { readonly createdDay: string; readonly taskId: number; readonly seq: number; readonly key: string | null },
): CallSnapshot {
  const isAnswered = ending === 'answered' || ending === 'machine';
  return {
    createdDay: call.createdDay,
    taskId: call.taskId,
    seq: call.seq,
    state: 'ended',
    trunkId: null,
    attempt: 1,
    displayNum: null,
    invitedAt: at(0),
    ringingAt: ending === 'refused' ? null : at(1),
    answeredAt: isAnswered ? at(2) : null,
    feedbackValue: call.key,
    digits: call.key,
    end: { endedAt: at(5), outcome: outcomes[ending], ...nothingHeard },
  };
}
