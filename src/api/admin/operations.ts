import { Type } from 'typebox';
import { errors } from '../../domain/error/registry.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { countOpenCalls, countTasks, findTaskProgress, listProcesses, listRunningTasks } from './operations-query.ts';
import * as schema from './schema.ts';
import { readTrunkStatuses } from './trunk-status.ts';

const tags = ['operations'];
const mostRunningTasks = 200;

/** /status, /processes and /tasks/{id}: what an operator looks at. */
export function mountOperations(instance: AdminInstance, { db, clock }: AdminDeps): void {
  instance.get('/processes', { schema: { tags, response: { 200: Type.Array(schema.processSchema) } } }, () =>
    listProcesses(db),
  );
  const status = { tags, querystring: schema.statusQuerySchema, response: { 200: schema.statusSchema } };
  instance.get('/status', { schema: status }, async ({ query: { hidden = false } }) => {
    const [processes, trunks, tasksByStatus, runningTasks, callsInProgress] = await Promise.all([
      listProcesses(db),
      readTrunkStatuses(db),
      countTasks(db),
      listRunningTasks(db, mostRunningTasks, hidden),
      countOpenCalls(db),
    ]);
    const at = new Date(clock.now()).toISOString();
    return { at, callsInProgress, processes, trunks, tasksByStatus, runningTasks };
  });
  instance.get(
    '/tasks/:id',
    { schema: { tags, params: schema.idParamsSchema, response: { 200: schema.taskProgressSchema } } },
    async (request) => {
      const progress = await findTaskProgress(db, request.params.id);
      if (progress === null) throw errors.unknownEntry('task', request.params.id);
      return progress;
    },
  );
}
