import { at, type Json, listAt, textAt } from '../../support/json.ts';
import { until } from '../../support/until.ts';
import type { Credentials, ServerUnderTest, TaskFields } from './server-under-test.ts';
import type { People } from './settings.ts';

/** The days before and after now, in ISO 8601, as record queries take them (contract 8.2). */
export function spanOfDays(before: number, after: number): { strTime: string; endTime: string } {
  const at = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, '+00:00');
  return { strTime: at(-before), endTime: at(after) };
}

/** Calls everybody who can be called, and returns their records by task, in the order of {@link People}. */
export async function callEverybody(
  server: ServerUnderTest,
  people: People,
  fields: Omit<TaskFields, 'voiceFileId'> = {},
): Promise<{ taskId: number; voiceFileId: string; records: readonly Json[] }> {
  const voiceFileId = await server.uploadTone();
  const numberList = [people.answers, people.isBusy, people.declines, people.isUnknown];
  const taskId = await server.sendTask({ voiceFileId, numberList, sendTime: null, ...fields });
  await server.taskInStatus(taskId, 2);
  const data = await server.mustPost('/group/call/records', { current: 1, size: 10, params: { taskId } });
  return { taskId, voiceFileId, records: listAt(data, 'records') };
}

/** The voiceId of some record of the suite's account; null: there is none. */
export async function someVoiceId(server: ServerUnderTest): Promise<string | null> {
  const request = { current: 1, size: 1, params: spanOfDays(1, 1) };
  const [record] = listAt(await server.mustPost('/recordGroupQuery', request), 'records');
  return record === undefined ? null : textAt(at(record, 'voiceId'));
}

/** Waits for the last word on a call and returns its record: from when its task is made until it ends there may be none. */
export async function recordOf(
  server: ServerUnderTest,
  voiceId: string,
  timeoutMs = 60_000,
  credentials?: Credentials,
): Promise<Json> {
  const found = await until(
    async () => {
      const { code, data = null } = await server.get(`/recordGroup/${voiceId}`, credentials);
      return code === 0 && at(data, 'hangupTime') !== null ? { data } : null;
    },
    { what: `the record of ${voiceId}`, timeoutMs, everyMs: 200 },
  );
  return found.data;
}
