/**
 * Uploads a file, calls a list of numbers with it, calls once more whoever was not reached, and shows what came of every call.
 *
 *   BASE_URL=http://127.0.0.1:8080/v3 API_KEY=... API_SECRET=... APP_ID=... node group-call.ts hello.wav 99910000001 99910000002
 *
 * `npm run demo` prints the four values. Needs `@carillon/client` and a Node that runs TypeScript: 24, or node_modules/.bin/node of this project.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CarillonClient, CarillonConnectionError, type FlowDetail, type TaskRequest } from '@carillon/client';

const [file, ...numbers] = process.argv.slice(2);
if (file === undefined || numbers.length === 0) throw new Error('usage: node group-call.ts FILE NUMBER...');

const client = new CarillonClient({
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8080/v3',
  apiKey: required('API_KEY'),
  apiSecret: required('API_SECRET'),
});

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`set ${name}; npm run demo prints it`);
  return value;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const always = { strTime: '2020-01-01 00:00:00', endTime: '2099-01-01 00:00:00' };

/** Sends a task. Where no answer came it looks whether the task is there, instead of calling everybody twice. */
async function send(task: TaskRequest): Promise<number> {
  try {
    return await client.tasks.send(task);
  } catch (error) {
    if (!(error instanceof CarillonConnectionError && error.isOutcomeUnknown)) throw error;
    for await (const { taskName, taskId } of client.tasks.each({ ...always, searchCondition: task.taskName })) {
      if (taskName === task.taskName) return taskId;
    }
    throw error;
  }
}

/** Waits until the flow is completed (2), cancelled (3) or broken (4). */
async function finished(flowId: number): Promise<FlowDetail> {
  for (;;) {
    const flow = await client.recallFlows.detail(flowId);
    if (flow.status >= 2) return flow;
    await delay(2000);
  }
}

// No two files of an account have the same name, and no two tasks.
const name = `typescript-${Date.now()}`;
const voiceFileId = await client.files.upload({ fileName: `${name}.wav`, file: await readFile(file) });
say(`file ${voiceFileId}`);

const taskId = await send({
  appId: required('APP_ID'),
  taskName: name,
  numberInfoList: numbers.map((calleeNumber) => ({ calleeNumber })),
  source: 1,
  voiceFileId,
  loopCount: 1,
  maxCalls: 30,
  maxRingingTime: 20,
  recallFlow: { recallType: 1, recallInterval: 1, recallNum: 1 },
});
say(`task ${taskId}`);

// The flow of a task is found by the task's id.
const flows = await client.recallFlows.query({ current: 1, size: 1, params: { ...always, taskName: String(taskId) } });
const flowId = flows.records[0]?.keyId;
if (flowId === undefined) throw new Error('the task has no recall flow');
say(`flow ${flowId}`);
const flow = await finished(flowId);
say(`flow ${flowId} status ${flow.status}`);

// Each round that was called has a task of its own.
const rounds = [taskId, ...flow.nodeList.flatMap((node) => node.taskId ?? [])];
for (const [index, round] of rounds.entries()) {
  for await (const { callee, callStatus } of client.tasks.eachRecord({ taskId: round })) {
    say(`round ${index + 1}: ${callee} callStatus ${callStatus}`);
  }
}
