import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { openDatabase } from '../src/db/database.ts';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';
import { migrate } from '../src/db/migrate.ts';
import type { Db } from '../src/db/tables.ts';
import { createAccount } from '../src/domain/account/account-store.ts';
import { createApp } from '../src/domain/app/app-store.ts';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { startReporter } from '../src/reporter/reporter-worker.ts';
import type { LoopSettings } from './reports-loop.ts';
import type { BenchResult } from './result.ts';

const connections = 64;
/** Calls of one task, where many are wanted: what one statement makes in its time. */
const largestTask = 100_000;

/**
 * Reports delivered a second to a receiver on this machine, claimed from the queue and written into the ledger of a durable PostgreSQL, by the reporter's thread;
 * beside a thread that only posts what it makes up, over as many connections (`--peer undici`, which the reporter posts by as well, or `fetch`). In turn, `--rounds` times (3), `--reports` each (20,000);
 * the medians count. `--batches`: arrays of a hundred. `--waiting`: so many reports of another app wait meanwhile, whose receiver is down (0). `peakRssMb` is the largest memory of the process, whose
 * threads the reporter, the receiver and the loop are.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peer: { type: 'string' },
      reports: { type: 'string', default: '20000' },
      rounds: { type: 'string', default: '3' },
      batches: { type: 'boolean', default: false },
      waiting: { type: 'string', default: '0' },
    },
    strict: false,
  });
  const [reports, rounds, waiting] = [Number(values.reports), Number(values.rounds), Number(values.waiting)];
  const by = values.peer === 'undici' || values.peer === 'fetch' ? values.peer : null;
  const load = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const receiver = await startReceiver();
  const platform = await startPlatform(receiver.url, values.batches === true);
  const found: { own: number[]; peer: number[] } = { own: [], peer: [] };
  try {
    // The first ones pay for compiling.
    await platform.deliver(2000);
    if (waiting > 0) await platform.addWaiting(waiting);
    for (let round = 0; round < rounds; round++) {
      found.own.push(perSecond(reports, await platform.deliver(reports)));
      if (by !== null)
        found.peer.push(perSecond(reports, await loop({ url: receiver.url, posts: reports, connections, by })));
      console.error(`reporter ${found.own.at(-1)}/s${by === null ? '' : `, ${by} loop ${found.peer.at(-1)}/s`}`);
    }
  } finally {
    await platform.close();
    await receiver.close();
  }
  const value = median(found.own);
  const peerValue = by === null ? null : median(found.peer);
  const ratio = peerValue === null ? null : Math.round((value / peerValue) * 100) / 100;
  const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const figures = { reports, rounds, isBatched: values.batches === true, waiting, peakRssMb, all: found, load };
  return {
    bench: 'reports',
    value,
    unit: 'deliveries/s',
    peer: by && `${by} loop without a ledger`,
    peerValue,
    ratio,
    ...figures,
  };
}

async function startReceiver(): Promise<{ url: string; close(): Promise<number> }> {
  const worker = new Worker(new URL('./reports-receiver.ts', import.meta.url));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  return { url: `http://127.0.0.1:${port}/reports`, close: () => worker.terminate() };
}

async function loop(settings: LoopSettings): Promise<number> {
  const worker = new Worker(new URL('./reports-loop.ts', import.meta.url), { workerData: settings });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

/** A PostgreSQL that keeps what it says it has kept, an app, and the reporter's thread. */
async function startPlatform(reportUrl: string, hasReportBatches: boolean) {
  const dataDir = await mkdtemp(join(tmpdir(), 'carillon-reports-'));
  // Started by root, the server runs as another user.
  await chmod(dataDir, 0o711);
  const logger = silentLogger();
  const server = await startEmbeddedServer({ dataDir, isDurable: true, logger });
  await migrate({ url: server.url, logger });
  const database = openDatabase({ url: server.url, maxConnections: 4, applicationName: 'carillon bench', logger });
  const { db } = database;
  const { accountId } = await createAccount(db, { name: 'bench' });
  const app = await createApp(db, { accountId, name: 'bench', kind: 'voice', reportUrl, hasReportBatches });
  const settings = { databaseUrl: server.url, processId: randomUUID(), networks: ['127.0.0.1'], minuteMs: 60_000 };
  const closeReporter = startReporter({ ...settings, logLevel: 'warn' }, { clock: systemClock, logger });
  return {
    /** Makes so many calls and their reports at once, and waits until all are in the ledger. Returns ms. */
    deliver: async (count: number): Promise<number> => {
      const taskId = await addEndedCalls(db, { accountId, appId: app.appId, count });
      const startedAt = performance.now();
      await addReports(db, { taskId, appSeq: app.appSeq });
      while ((await countDelivered(db, taskId)) < count) await sleep(50);
      return performance.now() - startedAt;
    },
    /** So many reports of another app, to a port where nobody listens. */
    addWaiting: async (count: number): Promise<void> => {
      const deadUrl = 'http://127.0.0.1:1/';
      const dead = await createApp(db, {
        accountId,
        name: 'dead',
        kind: 'voice',
        reportUrl: deadUrl,
        hasReportBatches,
      });
      for (let left = count; left > 0; left -= largestTask) {
        const taskId = await addEndedCalls(db, { accountId, appId: dead.appId, count: Math.min(left, largestTask) });
        await addReports(db, { taskId, appSeq: dead.appSeq });
      }
    },
    close: async (): Promise<void> => {
      await closeReporter();
      await database.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function addEndedCalls(
  db: Db,
  { accountId, appId, count }: { accountId: number; appId: string; count: number },
): Promise<number> {
  const { rows } = await sql<{ taskId: number }>`
    insert into task (account_id, app_id, task_name, status, settings, max_call_s, number_count, next_seq, ended_count)
    values (${accountId}, ${appId}, ${randomUUID()}, 2, '{"content":{"voiceFileId":"hello.wav"}}', 30, ${count}, ${count + 1}, ${count})
    returning task_id as "taskId"`.execute(db);
  const taskId = rows[0]?.taskId ?? 0;
  await sql`
    insert into call (created_day, task_id, seq, account_id, process_id, trunk_id, number, display_num, state, invited_at, ringing_at, answered_at,
                      ended_at, outcome_class, call_status, termination_code, termination_reason, sip_status, q850_cause, digits, feedback_value)
    select t.created_day, t.task_id, n, t.account_id, gen_random_uuid(), 1, (86130000000 + n)::text, '8675500000', 'ended', now(), now(), now(),
           now(), 'success', 50, '0', 'answered', 200, 16, '1', '1'
      from task t, generate_series(1, t.number_count) n where t.task_id = ${taskId}`.execute(db);
  return taskId;
}

async function addReports(db: Db, { taskId, appSeq }: { taskId: number; appSeq: number }): Promise<void> {
  await sql`
    insert into report_due (task_id, app_seq, created_day, seq)
    select task_id, ${appSeq}, created_day, seq from call
     where created_day = (select created_day from task where task_id = ${taskId}) and task_id = ${taskId}`.execute(db);
}

async function countDelivered(db: Db, taskId: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from report where created_day = (select created_day from task where task_id = ${taskId})
       and task_id = ${taskId} and state = 'delivered'`.execute(db);
  return rows[0]?.n ?? 0;
}

function perSecond(count: number, ms: number): number {
  return Math.round(count / (ms / 1000));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
