import { type DialectCredentials, signedHeaders } from '../test/support/dialect-client.ts';
import type { Filled } from './api-fill.ts';
import type { LoadPlan } from './api-load.ts';

type Requests = LoadPlan['requests'];

/** One kind of request and how often it is sent. */
export type RequestKind = { readonly name: string; readonly rate: number; readonly requests: Requests };

const dayMs = 86_400_000;

/** Of a thousand flows, in turn. */
export function queryDetails(filled: Filled): Requests {
  return filled.flowIds
    .slice(-1000)
    .map((keyId) => post(filled, '/recallFlow/queryDetail', { keyId }, `"keyId":${keyId},`));
}

/** The other queries, at rates that leave the machine room. `voiceIds`: of some calls. */
export function otherQueries(filled: Filled, voiceIds: readonly string[], bigTaskCalls: number): RequestKind[] {
  const now = Date.now();
  const params = { strTime: iso(now - 31 * dayMs + 60_000), endTime: iso(now) };
  const page = (path: string, current: number, more: object) => [
    post(filled, path, { current, size: 25, params: more }, `"current":${current}`),
  ];
  const ofTask = { taskId: filled.bigTaskId };
  const connected = { ...ofTask, callStatusList: [50] };
  return [
    { name: 'taskQuery', rate: 100, requests: page('/group/call/query', 1, params) },
    { name: 'flowQuery', rate: 100, requests: page('/recallFlow/queryPage', 1, params) },
    { name: 'recordQueryPage1', rate: 50, requests: page('/recordGroupQuery', 1, params) },
    { name: 'recordQueryPage1000', rate: 50, requests: page('/recordGroupQuery', 1000, params) },
    { name: 'recordQueryPage100000', rate: 50, requests: page('/recordGroupQuery', 100_000, params) },
    { name: 'taskRecordsFirst', rate: 100, requests: page('/group/call/records', 1, ofTask) },
    { name: 'taskRecordsLast', rate: 100, requests: page('/group/call/records', bigTaskCalls / 25, ofTask) },
    { name: 'connectedFirst', rate: 20, requests: page('/group/call/records', 1, connected) },
    { name: 'connectedLast', rate: 20, requests: page('/group/call/records', (bigTaskCalls * 0.6) / 25, connected) },
    {
      name: 'recordByVoiceId',
      rate: 500,
      requests: voiceIds.map((voiceId) => ({
        ...{ method: 'GET', path: `/v3/voice/recordGroup/${voiceId}`, headers: signedHeaders(filled), body: null },
        expects: `"voiceId":"${voiceId}"`,
      })),
    },
  ];
}

function post(credentials: DialectCredentials, path: string, body: object, expects: string): Requests[number] {
  const headers = signedHeaders(credentials);
  return { method: 'POST', path: `/v3/voice${path}`, headers, body: JSON.stringify(body), expects };
}

function iso(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, '+00:00');
}
