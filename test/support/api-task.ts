import assert from 'node:assert/strict';
import { type ApiAnswer, openTestApi, type TestApi } from './api-server.ts';
import { at, type Json, numberAt, textAt } from './json.ts';
import { toneSequence } from './tone.ts';
import { encodeWav } from './wav.ts';

/** A short recording, Base64 of a WAV file. */
export const shortWav = encodeWav(toneSequence([440], 0.2, 0), 1).toString('base64');

/** A send time that no test lives to see: the task waits. */
export const later = { sendTime: '2099-01-01 08:00:00' };

/** The API with a voice file, and tasks made over it. */
export type TaskApi = TestApi & {
  readonly voiceFileId: string;
  /** A task name that was not used yet. */
  unique(): string;
  /** group/call/send of one number and the voice file; `fields` are added or replace, and a null takes one out. */
  send(fields?: Record<string, unknown>): Promise<ApiAnswer>;
  /** The same, which must succeed; the task id. */
  sent(fields?: Record<string, unknown>): Promise<number>;
  /** The task's detail. */
  detail(taskId: number): Promise<Json>;
};

export async function openTaskApi(options: Parameters<typeof openTestApi>[0] = {}): Promise<TaskApi> {
  const api = await openTestApi(options);
  const uploaded = await api.post('/v3/voice/fileUpload', { fileName: 'hello.wav', file: shortWav });
  const voiceFileId = textAt(uploaded.data);
  let taskCount = 0;
  const unique = (): string => `task ${++taskCount}`;
  const send = (fields: Record<string, unknown> = {}): Promise<ApiAnswer> =>
    api.post('/v3/voice/group/call/send', {
      appId: api.appId,
      taskName: unique(),
      numberList: ['8613242926514'],
      source: 1,
      voiceFileId,
      loopCount: 1,
      maxCalls: 40,
      ...fields,
    });
  return {
    ...api,
    voiceFileId,
    unique,
    send,
    async sent(fields) {
      const answer = await send(fields);
      assert.equal(answer.code, 0, answer.msg);
      return numberAt(answer.data);
    },
    async detail(taskId) {
      const answer = await api.request(`/v3/voice/group/call/detail/${taskId}`);
      assert.equal(answer.code, 0, answer.msg);
      return answer.data;
    },
  };
}

/** Some fields of an object. */
export function pick(value: Json, ...names: readonly string[]): Record<string, Json> {
  return Object.fromEntries(names.map((name) => [name, at(value, name)]));
}
