import { randomUUID } from 'node:crypto';
import { type Insertable, sql } from 'kysely';
import type { DialRequest } from '../../src/call/engine.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import type { Db, Tables } from '../../src/db/tables.ts';
import { createDialer, type Dialer, type DialerDeps } from '../../src/dialer/dialer.ts';
import type { MembershipTiming } from '../../src/domain/process/membership.ts';
import { type ClaimedCallee, claimCallees } from '../../src/domain/task/claim.ts';
import type { ClaimRequest } from '../../src/domain/task/claim-request.ts';
import type { HangUpSms } from '../../src/domain/task/settings.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { settingsOf } from './domain-fixture.ts';
import { type FakeCallee, FakeEngine, type FakeEngineOptions } from './fake-engine.ts';

/** The times of `defaultTiming` at a fifth, so that a test of a death takes seconds; at a tenth a busy machine takes the living for dead. */
export const quickTiming: MembershipTiming = { heartbeatMs: 600, leaseMs: 2000, sweepMs: 200, steadyMs: 1600 };

/** Jobs that nobody does. */
export const noScheduling: DialerDeps['scheduling'] = {
  clock: systemClock,
  jobs: { enqueue: async () => undefined },
  recallMinuteMs: 60_000,
};

export type BenchDialer = {
  readonly dialer: Dialer;
  readonly engine: FakeEngine;
  readonly processId: string;
  readonly isFenced: () => boolean;
};

/** A dialer with an engine of its own on a database. */
export function benchDialer(
  database: Pick<Database, 'db' | 'listen'>,
  behave: (request: DialRequest) => FakeCallee,
  {
    promptMs = 20,
    capacity,
    probe,
    ...change
  }: Partial<DialerDeps & Pick<FakeEngineOptions, 'promptMs' | 'capacity' | 'probe'>> = {},
): BenchDialer {
  const processId = randomUUID();
  const engine = new FakeEngine({ clock: systemClock, behave, promptMs, capacity, probe });
  let isFenced = false;
  const dialer = createDialer({
    database,
    engine,
    speechBy: () => {
      throw new Error('nothing is spoken here');
    },
    recordings: noRecordings,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger(),
    scheduling: noScheduling,
    identity: { processId, host: 'test', pid: process.pid },
    onFenced: () => {
      isFenced = true;
    },
    timing: quickTiming,
    ...change,
  });
  return { dialer, engine, processId, isFenced: () => isFenced };
}

/** For dialers of tasks that do not record. */
const noRecordings = {
  start: async () => undefined,
  record: () => {
    throw new Error('nothing is recorded here');
  },
  drain: async () => undefined,
  close: () => undefined,
};

/** A second way into the same database, through another port. */
export function openThrough(database: Database, port: number): Database {
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return openDatabase({ url: url.href, maxConnections: 8, applicationName: 'carillon test', logger: silentLogger() });
}

/** An account with an app and a prompt. */
export async function addAccount(
  db: Db,
  maxConcurrency: number | null = null,
): Promise<{ accountId: number; promptId: number }> {
  const name = randomUUID();
  const account = await db
    .insertInto('account')
    .values({ name, api_key: name, api_secret: 'secret', max_concurrency: maxConcurrency })
    .returning('account_id')
    .executeTakeFirstOrThrow();
  const prompt = await db
    .insertInto('prompt')
    .values({ cache_key: name, sample_rate: 8000, duration_ms: 20, pcm: Buffer.alloc(320) })
    .returning('prompt_id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('app')
    .values({ app_id: `app${account.account_id}`, account_id: account.account_id, name: 'app', kind: 'voice' })
    .execute();
  return { accountId: account.account_id, promptId: prompt.prompt_id };
}

export async function addTrunk(
  db: Db,
  limits: { readonly cps: number; readonly channels: number },
  settings: Partial<Insertable<Tables['trunk']>> = {},
): Promise<number> {
  const { cps: max_cps, channels: max_channels } = limits;
  const trunk = await db
    .insertInto('trunk')
    .values({ name: randomUUID(), host: '192.0.2.1', max_cps, max_channels, ...settings })
    .returning('trunk_id')
    .executeTakeFirstOrThrow();
  return trunk.trunk_id;
}

export type BenchTask = {
  readonly owner: { readonly accountId: number; readonly promptId: number };
  readonly callees: number;
  /** `YYYY-MM-DD`; default: today. */
  readonly createdDay?: string;
  readonly windows?: readonly { start: string; end: string }[];
  /** Spoken to each callee by name; null: the account's prompt. */
  readonly text?: string;
  /** What is texted after calls; nothing by default. */
  readonly hangUpSms?: HangUpSms;
  readonly detectsMachine?: boolean;
};

/** A task in status 1 with callees 86130000001 and on, each with text1 = "name <seq>". */
export async function addTask(
  db: Db,
  { owner, callees, createdDay, windows = [], text, hangUpSms, detectsMachine }: BenchTask,
): Promise<number> {
  const settings = settingsOf({ source: text ? 3 : 1, text: text ?? null, lan: 'EN' });
  const task = await db
    .insertInto('task')
    .values({
      account_id: owner.accountId,
      app_id: `app${owner.accountId}`,
      task_name: randomUUID(),
      created_day: createdDay,
      status: 1,
      settings: JSON.stringify(hangUpSms ? { ...settings, hangUpSms } : settings),
      detects_machine: detectsMachine,
      prompt_id: text ? null : owner.promptId,
      max_call_s: 30,
      max_ringing_s: 20,
      windows: JSON.stringify(windows),
      number_count: callees,
    })
    .returning(['task_id', 'created_day'])
    .executeTakeFirstOrThrow();
  await sql`
    insert into callee (created_day, task_id, seq, number, variables)
    select ${task.created_day}::date, ${task.task_id}, n, (86130000000 + n)::text, array['name ' || n] from generate_series(1, ${callees}::int) n`.execute(
    db,
  );
  await sql`select pg_notify('carillon_task', ${String(task.task_id)})`.execute(db);
  return task.task_id;
}

/** Claims callees of tasks whatever their days are. */
export async function claimFrom(
  db: Db,
  processId: string,
  requests: readonly Omit<ClaimRequest, 'createdDay'>[],
  until?: Date,
): Promise<ClaimedCallee[]> {
  const tasks = await db.selectFrom('task').select(['task_id', 'created_day']).execute();
  const days = new Map(tasks.map((task) => [task.task_id, task.created_day]));
  const dated = requests.map((request) => ({ ...request, createdDay: days.get(request.taskId) ?? '' }));
  return claimCallees(db, processId, dated, until);
}

/** The numbers that engines dialed for a task, in order, and how often each callee was called at first attempts. */
export function dialedSeqs(engines: readonly FakeEngine[], taskId: number): number[] {
  return engines
    .flatMap((engine) => engine.dials)
    .map((request) => request.sipCallId.split('-').map(Number))
    .filter(([task]) => task === taskId)
    .map(([, seq]) => seq ?? 0)
    .sort((a, b) => a - b);
}

export async function taskRow(db: Db, taskId: number) {
  return db.selectFrom('task').selectAll().where('task_id', '=', taskId).executeTakeFirstOrThrow();
}

/** How many calls a task has in each state and status. */
export async function callSummary(db: Db, taskId: number): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('call')
    .select(['state', 'call_status', 'outcome_class', sql<number>`count(*)::int`.as('n')])
    .where('task_id', '=', taskId)
    .groupBy(['state', 'call_status', 'outcome_class'])
    .execute();
  return Object.fromEntries(
    rows.map((row) => [`${row.state} ${row.call_status ?? '-'} ${row.outcome_class ?? '-'}`, row.n]),
  );
}
