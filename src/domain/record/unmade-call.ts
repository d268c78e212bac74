import { nothingHeard } from '../../call/engine.ts';
import type { Outcome } from '../../call/outcome.ts';
import type { CallSnapshot } from './call-ledger-sql.ts';
import type { CallKey } from './voice-id.ts';

/** The end of a call whose INVITE never left. */
export function unmadeCall({ createdDay, taskId, seq }: CallKey, outcome: Outcome, endedAt: Date): CallSnapshot {
  return {
    createdDay,
    taskId,
    seq,
    state: 'ended',
    trunkId: null,
    attempt: 1,
    displayNum: null,
    invitedAt: null,
    ringingAt: null,
    answeredAt: null,
    feedbackValue: null,
    digits: null,
    end: { endedAt, outcome, ...nothingHeard },
  };
}
