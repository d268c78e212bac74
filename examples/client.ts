/**
 * A minimal client: sends a group call with a recall flow, waits until the flow is over, and shows its detail. No dependencies.
 *
 *   BASE_URL=http://127.0.0.1:8080/v3 API_KEY=... API_SECRET=... APP_ID=... node examples/client.ts 99910000001 99910000002
 *
 * `npm run demo` prints the four values. Needs a Node that runs TypeScript: 24, or node_modules/.bin/node of this project.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

type Envelope = { code: number | string; msg: string; data: unknown };
type Flow = { status: number; nodeList: { keyId: number; taskId: number | null; nodeStatus: number }[] };

const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:8080/v3';
const apiKey = required('API_KEY');
const apiSecret = required('API_SECRET');
const appId = required('APP_ID');
const numbers = process.argv.slice(2);

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`set ${name}; npm run demo prints it`);
  return value;
}

/** Sign is the MD5 of key, secret and the Unix time in seconds, as hex. */
async function call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const timestamp = Math.floor(Date.now() / 1000);
  const response = await fetch(baseUrl + path, {
    method,
    headers: {
      'Content-Type': 'application/json;charset=UTF-8',
      'Api-Key': apiKey,
      Timestamp: String(timestamp),
      Sign: createHash('md5').update(`${apiKey}${apiSecret}${timestamp}`).digest('hex'),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const envelope = (await response.json()) as Envelope;
  // Every answer is HTTP 200; the code says whether it worked.
  if (Number(envelope.code) !== 0) throw new Error(`${path}: ${envelope.msg} (code ${envelope.code})`);
  return envelope.data as T;
}

if (numbers.length === 0) throw new Error('usage: node examples/client.ts NUMBER...');

const taskId = await call<number>('POST', '/voice/group/call/send', {
  appId,
  taskName: `client ${Date.now()}`,
  numberInfoList: numbers.map((calleeNumber) => ({ calleeNumber, text1: 'friend' })),
  source: 3,
  lan: 'EN',
  text: 'Hello ${text1}. Press 1 to be called back.',
  loopCount: 1,
  maxCalls: 30,
  maxRingingTime: 20,
  hangUpSms: 0,
  toSeat: 0,
  recallFlow: { recallType: 1, recallInterval: 1, recallNum: 1, nodeList: [] },
});
process.stdout.write(`task ${taskId}\n`);

const { recallFlowId } = await call<{ recallFlowId: number }>('GET', `/voice/group/call/detail/${taskId}`);
for (;;) {
  const flow = await call<Flow>('POST', '/voice/recallFlow/queryDetail', { keyId: recallFlowId });
  const nodes = flow.nodeList.map((node) => `node ${node.keyId} status ${node.nodeStatus} task ${node.taskId}`);
  process.stdout.write(`flow ${recallFlowId} status ${flow.status}: ${nodes.join(', ')}\n`);
  if (flow.status >= 2) {
    process.stdout.write(`${JSON.stringify(flow, null, 2)}\n`);
    break;
  }
  await delay(2000);
}
