import { fork } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { openDatabase } from '../src/db/database.ts';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';
import { migrate } from '../src/db/migrate.ts';
import { countCalls } from '../src/domain/record/count-calls.ts';
import { formatVoiceId } from '../src/domain/record/voice-id.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { type Carillon, startCarillon } from '../test/support/carillon.ts';
import { requestDialect, signedHeaders } from '../test/support/dialect-client.ts';
import { peakMemoryMb } from '../test/support/process-tree.ts';
import { numbersFrom } from '../test/support/task-client.ts';
import { type Filled, fill, findFilled } from './api-fill.ts';
import type { LoadPlan } from './api-load.ts';
import { otherQueries, queryDetails } from './api-requests.ts';
import type { OpenLoopFigures } from './open-loop.ts';
import { cpuSecondsOf } from './process-cpu.ts';
import type { BenchResult } from './result.ts';

/**
 * How quickly the dialect answers with ten million calls in the database. `value`: p99 of queryDetail at `--rate` 2000 a second, in ms from when a request was due; beside it the
 * same answer from a bare Fastify route (`api-peer.ts`), step for step in turn. Before that a send of 200,000 numbers: seconds, and the peak of the api process's memory; after it
 * the other queries at modest rates. Filling the database takes some minutes; `--data-dir` keeps it for the next run. Further: `--calls` 10000000, `--seconds` 10 for each figure.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      calls: { type: 'string', default: '10000000' },
      rate: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '10' },
      'data-dir': { type: 'string' },
    },
    strict: false,
  });
  const kept = values['data-dir'];
  const dataDir = typeof kept === 'string' ? kept : await mkdtemp(join(tmpdir(), 'carillon-bench-api-'));
  await mkdir(dataDir, { recursive: true });
  // Started by root the database runs as another user.
  await chmod(dataDir, 0o711);
  try {
    const prepared = await prepare(dataDir, Number(values.calls));
    const carillon = await startCarillon({ env: { CARILLON_DATA_DIR: dataDir, CARILLON_LOG_LEVEL: 'warn' } });
    try {
      const pace = { rate: Number(values.rate), seconds: Number(values.seconds) };
      return await measure(carillon, { ...prepared, dataDir }, pace);
    } finally {
      await carillon.stop();
    }
  } finally {
    if (typeof kept !== 'string') await rm(dataDir, { recursive: true, force: true });
  }
}

type Prepared = { readonly filled: Filled; readonly voiceIds: readonly string[]; readonly calls: number };

const bigTaskCalls = 200_000;

/** Fills the database unless an earlier run has, and counts its calls, as an api process would have done by and by. */
async function prepare(dataDir: string, calls: number): Promise<Prepared> {
  const logger = silentLogger();
  const server = await startEmbeddedServer({ dataDir, isDurable: true, logger });
  try {
    await migrate({ url: server.url, logger });
    const { db, close } = openDatabase({
      ...{ url: server.url, maxConnections: 2, applicationName: 'bench', logger },
      statementLimitMs: 1_200_000,
    });
    const plan = { calls, tasks: 2000, days: 60, bigTaskCalls: Math.min(bigTaskCalls, calls / 2) };
    const filled = (await findFilled(db)) ?? (await fill(db, plan, tell));
    await countCalls(db, new AbortController().signal);
    const some = await sql<{ createdDay: string; taskId: number; seq: number }>`
      select created_day as "createdDay", task_id as "taskId", 1 as seq from task where account_id = ${filled.accountId} and ended_count > 0
       order by task_id desc limit 500`.execute(db);
    const { rows } = await sql<{ calls: number }>`select coalesce(sum(total), 0)::int as calls from call_count`.execute(
      db,
    );
    await close();
    return { filled, voiceIds: some.rows.map(formatVoiceId), calls: rows[0]?.calls ?? 0 };
  } finally {
    await server.stop();
  }
}

type Pace = { readonly rate: number; readonly seconds: number };
type Figures = OpenLoopFigures & { readonly cpuPerRequestUs: number };

async function measure(
  carillon: Carillon,
  prepared: Prepared & { dataDir: string },
  { rate, seconds }: Pace,
): Promise<BenchResult> {
  const { filled } = prepared;
  const [load] = loadavg();
  const ours = { port: Number(new URL(carillon.baseUrl).port), pid: await carillon.pidOf('api') };
  // First: the peak of the memory is to be that of the send.
  const send = await sendMany(carillon, filled, ours.pid);
  tell(JSON.stringify({ send }));
  const peer = await startPeer(prepared.dataDir, filled);
  const steps: { ours: Figures; peer: Figures }[] = [];
  try {
    for (const step of [rate / 4, rate / 2, rate]) {
      const pace = { rate: step, seconds };
      const pair = {
        ours: await loadWith(ours, queryDetails(filled), pace),
        peer: await loadWith(peer, queryDetails(filled), pace),
      };
      tell(JSON.stringify(pair));
      steps.push(pair);
    }
  } finally {
    peer.stop();
  }
  const others: Record<string, Figures> = {};
  for (const { name, rate: modest, requests } of otherQueries(filled, prepared.voiceIds, bigTaskCalls)) {
    others[name] = await loadWith(ours, requests, { rate: modest, seconds });
    tell(JSON.stringify({ [name]: others[name] }));
  }
  const { ours: last, peer: lastPeer } = steps.at(-1) ?? {};
  const value = last?.p99Ms ?? Number.NaN;
  const peerValue = lastPeer?.p99Ms ?? null;
  return {
    ...{ bench: 'api', value, unit: `ms p99 of queryDetail at ${rate}/s`, peer: 'bare Fastify route', peerValue },
    ratio: peerValue === null ? null : Number((value / peerValue).toFixed(3)),
    ...{ calls: prepared.calls, steps, others, send, load },
  };
}

type Server = { readonly port: number; readonly pid: number };

async function loadWith(server: Server, requests: LoadPlan['requests'], pace: Pace): Promise<Figures> {
  const plan: LoadPlan = { port: server.port, ...pace, warmUpSeconds: 3, connections: 64, requests };
  const child = fork(fileURLToPath(new URL('./api-load.ts', import.meta.url)));
  const before = (await cpuSecondsOf(server.pid)) ?? 0;
  const figures = await new Promise<OpenLoopFigures>((resolve, reject) => {
    child.once('message', (message: OpenLoopFigures) => resolve(message));
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
    child.send(plan);
  });
  const cpuS = ((await cpuSecondsOf(server.pid)) ?? 0) - before;
  const sent = pace.rate * (pace.seconds + plan.warmUpSeconds);
  return { ...figures, cpuPerRequestUs: Math.round((cpuS * 1e6) / sent) };
}

async function startPeer(dataDir: string, filled: Filled): Promise<Server & { stop(): void }> {
  const [password, port] = await Promise.all(
    ['postgres-password', 'postgres-port'].map(async (name) => (await readFile(join(dataDir, name), 'utf8')).trim()),
  );
  const url = `postgres://carillon:${password}@127.0.0.1:${port}/carillon`;
  const child = fork(fileURLToPath(new URL('./api-peer.ts', import.meta.url)), [url, String(filled.accountId)]);
  const httpPort = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`the peer ended with ${code}`)));
  });
  return { port: httpPort, pid: child.pid ?? 0, stop: () => child.kill() };
}

/** 200,000 numbers with a variable each, for tomorrow; cancelled at once. */
async function sendMany(carillon: Carillon, filled: Filled, apiPid: number) {
  const headers = signedHeaders(filled);
  const send = (path: string, body: object) =>
    requestDialect(carillon.baseUrl, { method: 'POST', path: `/v3/voice${path}`, headers, body: JSON.stringify(body) });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, '+00:00');
  const numberInfoList = numbersFrom(8613400000000, 200_000).map((calleeNumber) => ({ calleeNumber, text1: 'Tom' }));
  const what = { appId: filled.appId, taskName: `sent ${Date.now()}`, source: 1, voiceFileId: filled.voiceFileId };
  const how = { loopCount: 1, maxCalls: 60, sendTime: tomorrow, numberInfoList };
  const memoryBeforeMb = await peakMemoryMb(apiPid);
  const startedAt = performance.now();
  const answer = await send('/group/call/send', { ...what, ...how });
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(2));
  if (answer.status !== '0') throw new Error(`send: ${answer.reason}`);
  await send('/group/call/cancel', { taskIdList: [Number(answer.data)] });
  return { numbers: numberInfoList.length, seconds, peakMemoryMb: await peakMemoryMb(apiPid), memoryBeforeMb };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
