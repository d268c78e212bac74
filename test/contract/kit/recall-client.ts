import type { Json } from '../../support/json.ts';
import type { ServerUnderTest, TaskFields } from './server-under-test.ts';
import { always } from './span-case.ts';

/** The id of a task's recall flow, found by the exact id of its task (contract 5.4); null: it has none. */
export async function flowIdOf(server: ServerUnderTest, taskId: number): Promise<number | null> {
  const params = { ...always, taskName: String(taskId) };
  const { records } = await server.client.recallFlows.query({ current: 1, size: 10, params });
  const found = records.find((flow) => flow.taskId === taskId);
  return found === undefined ? null : found.keyId;
}

/** What recallFlow/queryDetail says of a task's recall flow; null: it has none. */
export async function flowOf(server: ServerUnderTest, taskId: number): Promise<Json | null> {
  const keyId = await flowIdOf(server, taskId);
  return keyId === null ? null : server.mustPost('/recallFlow/queryDetail', { keyId });
}

/** A task far in the future with a pending recall flow of two rounds. */
export async function newFlow(
  server: ServerUnderTest,
  voiceFileId: string,
  fields: Omit<TaskFields, 'voiceFileId'> = {},
): Promise<{ taskId: number; keyId: number }> {
  const recallFlow = { recallType: 1, recallInterval: 30, recallNum: 2 } as const;
  const taskId = await server.sendTask({ voiceFileId, numberList: ['8613800000001'], recallFlow, ...fields });
  const keyId = await flowIdOf(server, taskId);
  if (keyId === null) throw new Error(`task ${taskId} was sent with a recall flow and has none`);
  return { taskId, keyId };
}
