import { createApiServer } from '../api/server.ts';
import type { Config } from '../config/load-config.ts';
import { openDatabase } from '../db/database.ts';
import type { Jobs } from '../db/jobs.ts';
import { ensurePartitionsAhead } from '../db/migrate.ts';
import type { Db } from '../db/tables.ts';
import { giveUpDirectCalls } from '../domain/direct/give-up.ts';
import { enqueueOverdue } from '../domain/job/overdue.ts';
import type { JobData, Scheduling } from '../domain/job/scheduling.ts';
import { defaultTiming, Membership } from '../domain/process/membership.ts';
import { deleteUnusedPrompts } from '../domain/prompt/prompt-store.ts';
import { runDueNode } from '../domain/recall/due.ts';
import { countCalls } from '../domain/record/count-calls.ts';
import { deleteExpiredRecordings } from '../domain/recording/expiry.ts';
import { dropOldDays } from '../domain/retention/old-days.ts';
import { deleteOldRates } from '../domain/retention/old-rates.ts';
import { deleteOldTasks } from '../domain/retention/old-tasks.ts';
import { expireMessages } from '../domain/sms/expire.ts';
import { prepareTask } from '../domain/task/prepare.ts';
import { startTask } from '../domain/task/start.ts';
import { systemClock } from '../lib/clock.ts';
import { InfrastructureError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type ReporterSettings, startReporter } from '../reporter/reporter-worker.ts';
import type { Synthesizers } from '../speech/synthesizer.ts';
import { type BlobStores, openBlobStores } from '../storage/blob-stores.ts';
import { createAudioDecoder } from '../telephony/audio/audio-decoder.ts';
import { createAddressRule } from '../webhook/address-rule.ts';
import { findAdminToken } from './admin-token.ts';
import { bindOrAdvise } from './bind-advice.ts';
import { readEnvironment, requireDatabaseUrl } from './environment.ts';
import { processIdentity } from './identity.ts';
import { openPlatformJobs } from './queues.ts';
import { repeat } from './repeat.ts';
import { type RunningProcess, runProcess } from './run-process.ts';
import { startSms } from './sms.ts';
import { openSpeakers } from './speech.ts';

/** An api process: the HTTP edge, and the jobs of tasks and recall flows, which must not disturb SIP. */

const { config, logger } = readEnvironment('api');
const clock = systemClock;
const overdueEveryMs = 180_000;
/** Longer than a job's own retries take. */
const overdueGraceMs = 300_000;
const housekeepingEveryMs = 3_600_000;
const keepUnusedPromptsMs = 7 * 86_400_000;
const keepDirectPromptsMs = 2 * 86_400_000;
const giveUpEveryMs = 30_000;
/** A code that is read out later than this is of no use any more. */
const directPatienceS = 600;
const expireRecordingsEveryMs = 900_000;
const expireMessagesEveryMs = 30_000;
const countCallsEveryMs = 60_000;
const retainEveryMs = 3_600_000;

async function start(fail: (reason: string, error: unknown) => void): Promise<RunningProcess> {
  const url = requireDatabaseUrl(config);
  const adminToken = await requireAdminToken(config);

  // What everything stands on.
  const database = openDatabase({ url, maxConnections: 10, applicationName: 'carillon api', logger });
  const jobs = openPlatformJobs(url, logger);
  const scheduling: Scheduling = { clock, jobs, recallMinuteMs: config.recallMinuteMs };

  // Speech and audio, in processes and threads of their own.
  const speakers = await openSpeakers(config, logger);
  const decoder = createAudioDecoder();

  const { storeFolder: folder, s3, linkLifetimeMs } = config.recordings;
  const stores = openBlobStores({ folder, s3 });

  // A process among others.
  const identity = processIdentity('api');
  const membership = new Membership({
    db: database.db,
    clock,
    logger,
    identity,
    timing: defaultTiming,
    scheduling,
    usage: () => ({}),
    onFenced: () => fail('taken for dead by the others', null),
  });

  defineJobs(jobs, { db: database.db, scheduling, synthesizers: speakers.synthesizers, stores, logger });
  await jobs.start();
  await membership.start();
  const recurring = startRecurring(jobs, database.db, scheduling);
  const stopSms = await startSms(database, { processId: identity.processId, clock, logger });

  const server = await createApiServer({
    db: database.db,
    jobs,
    decoder,
    voices: speakers.synthesizers,
    clock,
    logger,
    adminToken,
    recallMinuteMs: config.recallMinuteMs,
    trustProxy: config.trustedProxies.length === 0 ? false : config.trustedProxies,
    recordDays: config.retention.recordDays,
    recordings: { stores, publicUrl: config.publicUrl, linkLifetimeMs },
    reportAddresses: createAddressRule(config.reports.networks),
  });
  const port = await listen(server, config);
  const closeReporter = startReporter(reporterSettings(url, identity.processId), { clock, logger });

  return {
    info: { apiUrl: urlFor(port, config.httpHost) },
    closeGroups: [
      [{ name: 'http', close: () => server.close() }],
      [
        { name: 'jobs', close: () => jobs.close() },
        { name: 'reporter', close: closeReporter },
        { name: 'SMS', close: stopSms },
        ...recurring,
      ],
      [
        { name: 'speech', close: () => speakers.close() },
        { name: 'audio', close: () => decoder.close() },
        { name: 'membership', close: () => membership.stop() },
      ],
      [{ name: 'database', close: () => database.close() }],
    ],
  };
}

function reporterSettings(databaseUrl: string, processId: string): ReporterSettings {
  const { networks, minuteMs } = config.reports;
  return { databaseUrl, processId, networks, minuteMs, logLevel: config.logLevel };
}

/** What is done again and again, and how each of it is stopped. */
function startRecurring(jobs: Jobs<JobData>, db: Db, scheduling: Scheduling) {
  const stopping = new AbortController();
  const works = [
    { name: 'housekeeping', everyMs: housekeepingEveryMs, work: () => keepHouse(db) },
    { name: 'overdue', everyMs: overdueEveryMs, work: () => enqueueWhatIsOverdue(db, scheduling) },
    { name: 'expiry of recordings', everyMs: expireRecordingsEveryMs, work: () => expireRecordings(jobs, db) },
    { name: 'expiry of SMS', everyMs: expireMessagesEveryMs, work: () => expireSms(db) },
    { name: 'retention', everyMs: retainEveryMs, work: () => retain(jobs, db) },
    { name: 'late direct calls', everyMs: giveUpEveryMs, work: () => giveUpLate(db, scheduling) },
    { name: 'counting of calls', everyMs: countCallsEveryMs, work: () => countForRecords(db, stopping.signal) },
  ];
  return works.map((work) => {
    const stop = repeat({ ...work, clock, logger });
    const close = (): Promise<void> => {
      stopping.abort();
      return stop();
    };
    return { name: work.name, close };
  });
}

/** Returns the port, which the system may have chosen. */
async function listen(
  server: Awaited<ReturnType<typeof createApiServer>>,
  { httpHost: host, httpPort: port }: Config,
): Promise<number> {
  const settings = { hostSetting: 'CARILLON_HTTP_HOST', portSetting: 'CARILLON_HTTP_PORT' };
  await bindOrAdvise({ what: 'HTTP', host, port, ...settings }, server.listen({ host, port }));
  const address = server.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Day partitions ahead of their day, and prompts that nothing needs any more. */
async function keepHouse(db: Db): Promise<void> {
  await ensurePartitionsAhead(db);
  const deleted = await deletePrompts(db);
  if (deleted > 0) logger.info({ deleted }, 'unused prompts deleted');
}

async function deletePrompts(db: Db): Promise<number> {
  const unusedSince = {
    prompt: new Date(clock.now() - keepUnusedPromptsMs),
    directPrompt: new Date(clock.now() - keepDirectPromptsMs),
  };
  for (let deleted = 0; ; ) {
    const batch = await deleteUnusedPrompts(db, unusedSince);
    deleted += batch;
    if (batch === 0) return deleted;
  }
}

/** So that pages of records are found by counts. */
async function countForRecords(db: Db, signal: AbortSignal): Promise<void> {
  const counted = await countCalls(db, signal);
  if (counted > 0) logger.debug({ counted }, 'calls counted');
}

/** What a job should have done long ago, because the job was given up or lost. */
async function enqueueWhatIsOverdue(db: Db, scheduling: Scheduling): Promise<void> {
  const enqueued = await enqueueOverdue(db, overdueGraceMs, scheduling);
  if (enqueued > 0) logger.warn({ enqueued }, 'overdue jobs enqueued again');
}

/** Messages that wait no more. */
async function expireSms(db: Db): Promise<void> {
  const result = await expireMessages(db, new Date(clock.now()));
  if (result.expired + result.unreported + result.abandoned > 0)
    logger.warn(result, 'SMS expired, were never reported, or were being sent by a process that died');
}

/** Direct calls that could not be begun. */
async function giveUpLate(db: Db, scheduling: Scheduling): Promise<void> {
  const ended = await giveUpDirectCalls(db, directPatienceS, scheduling);
  if (ended > 0) logger.warn({ ended }, 'direct calls could not be begun in time');
}

/** One process does it, and one at a time waits. */
async function expireRecordings(jobs: Jobs<JobData>, db: Db): Promise<void> {
  await jobs.enqueue(db, 'recording.expire', {}, { startAfter: null, singletonKey: 'recording.expire' });
}

/** The same. */
async function retain(jobs: Jobs<JobData>, db: Db): Promise<void> {
  await jobs.enqueue(db, 'retention.run', {}, { startAfter: null, singletonKey: 'retention.run' });
}

type JobDeps = {
  readonly db: Db;
  readonly scheduling: Scheduling;
  readonly synthesizers: Synthesizers;
  readonly stores: BlobStores;
  readonly logger: Logger;
};

function defineJobs(jobs: Jobs<JobData>, { db, scheduling, synthesizers, stores, logger }: JobDeps): void {
  jobs.define('task.prepare', async ({ taskId }, { signal, isLastAttempt }) => {
    const result = await prepareTask(db, taskId, { scheduling, synthesizers, signal, isLastAttempt });
    logger.info({ taskId, result }, 'task prepared');
  });
  jobs.define('task.start', async ({ taskId }) => {
    const isStarted = await startTask(db, taskId, scheduling);
    logger.info({ taskId, isStarted }, 'send time came');
  });
  jobs.define('recall.node', async ({ nodeId }) => {
    const result = await runDueNode(db, nodeId, scheduling);
    logger.info({ nodeId, result }, 'recall round came due');
  });
  jobs.define('recording.expire', async (_data, { signal }) => {
    const result = await deleteExpiredRecordings(db, stores, signal);
    if (result.deleted > 0) logger.info(result, 'old recordings deleted');
    if (result.unreachable > 0) logger.warn(result, 'old recordings lie in a store that is not set up any more');
  });
  jobs.define('retention.run', async (_data, { signal }) => {
    const { dropped, kept } = await dropOldDays(db, config.retention.recordDays, signal);
    if (dropped.length > 0) logger.info({ dropped }, 'old days dropped');
    if (kept.length > 0) logger.info({ kept }, 'old days are held by tasks that may still call');
    const deleted = await deleteOldTasks(db, config.retention, signal);
    if (deleted > 0) logger.info({ deleted }, 'old tasks deleted');
    const rates = await deleteOldRates(db, config.retention.recordDays, signal);
    if (rates > 0) logger.info({ rates }, 'old rates deleted');
  });
}

async function requireAdminToken(source: Config): Promise<string> {
  const token = await findAdminToken(source);
  if (token !== null) return token;
  throw new InfrastructureError('there is no admin token: set CARILLON_ADMIN_TOKEN, the same for all api processes', {
    retryable: false,
  });
}

/** Listening on all addresses, it is reached from this machine by the loopback one. */
function urlFor(port: number, httpHost: string): string {
  const host = httpHost === '0.0.0.0' || httpHost === '::' ? '127.0.0.1' : httpHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

await runProcess({ logger, start });
