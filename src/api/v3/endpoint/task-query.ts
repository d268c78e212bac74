import { pageOf } from '../../../domain/paging/page.ts';
import { getTaskDetail, listTasks } from '../../../domain/task/query.ts';
import { listResults } from '../../../domain/task/results.ts';
import { answered } from '../answer/page-answer.ts';
import { calleeResultAnswer } from '../answer/record-answer.ts';
import { taskDetailAnswer, taskSummaryAnswer } from '../answer/task-answer.ts';
import { type Endpoint, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { usualLiterals } from '../envelope.ts';
import { anything, choice, digits, id, list, optional, readFields, text } from '../field.ts';
import { readPage, readSpan } from '../query-fields.ts';

/** group/call/query, detail and records (contract 4.2, 4.3, 15.7, 15.9). */
export function taskQueryEndpoints(deps: DialectDeps): Endpoint[] {
  const query: Endpoint = {
    method: 'POST',
    path: '/group/call/query',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, body, time }) {
      const page = readPage(body);
      const { params } = readFields({ params: anything() }, body);
      const span = readSpan(params, time);
      const { statusList, idxAppId, searchCondition, taskType } = readFields(filterFields, params, 'params');
      if (!asksForIvrTasks(taskType)) return pageOf(page, 0, []);
      const filter = { ...span, statusList: statusList ?? [], appSeq: idxAppId, searchCondition };
      return answered(await listTasks(deps.db, account.accountId, filter, page), (task) =>
        taskSummaryAnswer(task, time),
      );
    },
  };
  const detail: Endpoint = {
    method: 'GET',
    path: '/group/call/detail/:id',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, params, time }) {
      const { id: taskId } = readFields({ id: id() }, params);
      return taskDetailAnswer(await getTaskDetail(deps.db, account.accountId, taskId), time);
    },
  };
  const records: Endpoint = {
    method: 'POST',
    path: '/group/call/records',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, body, time }) {
      const page = readPage(body);
      const { params } = readFields({ params: anything() }, body);
      const { taskId, callStatusList, number } = readFields(resultFields, params, 'params');
      const filter = { taskId, callStatusList: callStatusList ?? [], number };
      const results = await listResults(deps.db, account.accountId, filter, page);
      return answered(results, (result) => calleeResultAnswer(result, taskId, time));
    },
  };
  return [query, detail, records];
}

const filterFields = {
  statusList: optional(list(choice(0, 1, 2, 3, 4, 5, 6), { max: 100 })),
  idxAppId: optional(id()),
  searchCondition: optional(text({ max: 200 })),
  taskType: anything(),
};

const resultFields = {
  taskId: id(),
  callStatusList: optional(list(choice(10, 20, 30, 40, 50, 60), { max: 100 })),
  number: optional(digits({ min: 1, max: 18 })),
};

/** There are IVR tasks (1) only; the consoles send a list, other clients one number, most nothing. */
function asksForIvrTasks(taskType: unknown): boolean {
  if (taskType === undefined || taskType === '') return true;
  const type = choice(1, 2, 3);
  if (!Array.isArray(taskType)) return type(taskType, 'params.taskType') === 1;
  return taskType.length === 0 || list(type, { max: 100 })(taskType, 'params.taskType').includes(1);
}
