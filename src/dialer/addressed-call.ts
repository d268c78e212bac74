import type { DialRequest } from '../call/engine.ts';
import type { ClaimedCallee } from '../domain/task/claim.ts';
import { headersOf } from '../domain/trunk/header-template.ts';
import { rewriteNumber } from '../domain/trunk/number-rewriting.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';
import { targetOf } from './trunk-target.ts';

/** A call as a trunk wants it: number and caller id rewritten, its headers filled in. `callerId` null: the account is shown, else nobody. */
export function addressedCall(
  trunk: Trunk,
  callee: ClaimedCallee,
  callerId: string | null,
): Pick<DialRequest, 'trunk' | 'number' | 'displayNum'> {
  const target = targetOf(trunk);
  const number = rewriteNumber(callee.number, trunk);
  const plus = trunk.callerIdHasPlus ? '+' : '';
  const displayNum = callerId === null ? trunk.username : `${plus}${callerId}`;
  if (trunk.headers.length === 0) return { trunk: target, number, displayNum };
  const { taskId, seq } = callee;
  const headers = headersOf(trunk.headers, { number, callerId: displayNum, taskId, seq });
  return { trunk: { ...target, headers }, number, displayNum };
}
