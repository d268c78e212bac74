import type { Carillon } from './carillon.ts';
import { at, type Json, listAt, numberAt } from './json.ts';
import { type Samples, toneSequence } from './tone.ts';
import { until } from './until.ts';
import { encodeWav } from './wav.ts';

/** Uploads a recording as WAV, 16 bit stereo at its own rate, and returns its file id. */
export async function uploadVoice(carillon: Carillon, fileName: string, samples?: Samples): Promise<string> {
  const file = encodeWav(samples ?? toneSequence([440], 1, 0), 2).toString('base64');
  const answer = await carillon.post('/fileUpload', { fileName, file });
  if (answer.status !== '0' || typeof answer.data !== 'string') throw new Error(`upload: ${JSON.stringify(answer)}`);
  return answer.data;
}

/** Sends a task and returns its id; `fields` are added to what every task needs, or replace it. */
export async function sendTask(carillon: Carillon, fields: { readonly [key: string]: Json }): Promise<number> {
  const answer = await carillon.post('/group/call/send', taskBody(carillon, fields));
  if (answer.status !== '0') throw new Error(`send: ${JSON.stringify(answer)}`);
  return numberAt(answer.data);
}

/** The body of a `group/call/send` that plays a voice file once. */
export function taskBody(carillon: Carillon, fields: { readonly [key: string]: Json }): Json {
  return { appId: carillon.appId, source: 1, loopCount: 1, maxCalls: 60, maxRingingTime: 20, ...fields };
}

/** Waits for a task's status and returns its detail. */
export function waitForTask(carillon: Carillon, taskId: number, status: number, timeoutMs: number): Promise<Json> {
  let last: Json = null;
  return until(
    async () => {
      const answer = await carillon.get(`/group/call/detail/${taskId}`);
      last = answer.data;
      return at(answer.data, 'status') === status ? { data: answer.data } : null;
    },
    {
      what: `task ${taskId} to reach status ${status}`,
      timeoutMs,
      everyMs: 250,
      detail: () => `its detail: ${JSON.stringify(last)}\n${carillon.log()}`,
    },
  ).then(({ data }) => data);
}

/** What came of every callee of a task, over all pages, by number of the row. */
export async function taskRecords(carillon: Carillon, taskId: number): Promise<readonly Json[]> {
  const records: Json[] = [];
  for (let current = 1; ; current++) {
    const answer = await carillon.post('/group/call/records', { current, size: 100, params: { taskId } });
    if (answer.status !== '0') throw new Error(`records: ${JSON.stringify(answer)}`);
    records.push(...listAt(answer.data, 'records'));
    if (current >= numberAt(answer.data, 'pages')) return records;
  }
}

/** What a record says of how the call went. */
export function outcomeFacts(record: Json): Json {
  return {
    callStatus: at(record, 'callStatus'),
    sipCode: at(record, 'sipCode'),
    terminationCode: at(record, 'terminationCode'),
  };
}

/** `count` numbers in a row. */
export function numbersFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(first + index));
}
