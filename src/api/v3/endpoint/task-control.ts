import type { Db } from '../../../db/tables.ts';
import { errors } from '../../../domain/error/registry.ts';
import type { Scheduling } from '../../../domain/job/scheduling.ts';
import { cancelTasks, resumeTasks, suspendTasks } from '../../../domain/task/control.ts';
import { type Endpoint, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { id, list, optional, readFields } from '../field.ts';
import { rules } from '../rule.ts';

type Control = (db: Db, accountId: number, taskIds: readonly number[], scheduling: Scheduling) => Promise<void>;

const mostTasks = 1000;

/** group/call/cancel, provisional (suspend) and resume (contract 4.6, 4.7, 15.6). The samples have `code` as a text. */
export function taskControlEndpoints(deps: DialectDeps): Endpoint[] {
  const endpoint = (path: string, control: Control): Endpoint => ({
    method: 'POST',
    path,
    literals: { code: 'string', status: 'string' },
    bodyLimit: usualBodyLimit,
    async handle({ account, body }) {
      await control(deps.db, account.accountId, readTaskIds(body), deps.scheduling);
      return null;
    },
  });
  return [
    endpoint('/group/call/cancel', cancelTasks),
    endpoint('/group/call/provisional', suspendTasks),
    endpoint('/group/call/resume', resumeTasks),
  ];
}

/** Both names are in use; where both come, they are taken together. Each task once. */
function readTaskIds(body: unknown): number[] {
  const ids = optional(list(id(), { max: mostTasks }));
  const { taskIdList, jobIdList } = readFields({ taskIdList: ids, jobIdList: ids }, body);
  if (taskIdList === null && jobIdList === null) throw errors.badParameter('taskIdList', rules.required);
  const all = [...new Set([...(taskIdList ?? []), ...(jobIdList ?? [])])];
  if (all.length === 0) throw errors.badParameter('taskIdList', rules.listSize(1, mostTasks));
  return all;
}
