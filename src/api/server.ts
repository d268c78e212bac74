import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { sql } from 'kysely';
import { pendingMigrations } from '../db/migrate.ts';
import type { Db } from '../db/tables.ts';
import { findAccountByApiKey } from '../domain/account/account-store.ts';
import type { JobQueue, Scheduling } from '../domain/job/scheduling.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { BlobStores } from '../storage/blob-stores.ts';
import type { AudioDecoder } from '../telephony/audio/audio-decoder.ts';
import type { AddressRule } from '../webhook/address-rule.ts';
import { mountAdmin } from './admin/admin.ts';
import { mountHealth, type ReadinessCheck } from './health.ts';
import { mountRecordingFiles } from './recording-files.ts';
import { RecordingLinks } from './recording-links.ts';
import { rewriteUrl } from './rewrite-url.ts';
import { AccountCache } from './v3/account-cache.ts';
import { answerFailure, answerUnknownPath, largeBodiesAtOnce, mountDialect } from './v3/dialect.ts';
import { type Endpoint, usualBodyLimit } from './v3/dialect-call.ts';
import { balanceEndpoints } from './v3/endpoint/balance.ts';
import { directEndpoints } from './v3/endpoint/direct.ts';
import { notOfferedEndpoints } from './v3/endpoint/not-offered.ts';
import { recallEndpoints } from './v3/endpoint/recall.ts';
import { recordEndpoints } from './v3/endpoint/record.ts';
import { recordingEndpoints } from './v3/endpoint/recording.ts';
import { smsEndpoints } from './v3/endpoint/sms.ts';
import { taskControlEndpoints } from './v3/endpoint/task-control.ts';
import { taskQueryEndpoints } from './v3/endpoint/task-query.ts';
import { taskSubmissionEndpoints } from './v3/endpoint/task-submission.ts';
import { voiceFileEndpoints } from './v3/endpoint/voice-file.ts';
import { Turns } from './v3/turns.ts';
import type { Voices } from './v3/voice-check.ts';

/** What the HTTP edge is made of; all of it is owned by the caller. */
export type ApiDeps = {
  readonly db: Db;
  readonly jobs: JobQueue;
  readonly decoder: AudioDecoder;
  readonly voices: Voices;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly adminToken: string;
  /** How long a recall minute lasts, in ms. */
  readonly recallMinuteMs: number;
  /** Whose `X-Forwarded-For` is believed: nobody's (false), or that of these addresses and networks. */
  readonly trustProxy: false | readonly string[];
  /** How many days calls are kept. */
  readonly recordDays: number;
  readonly recordings: RecordingDeps;
  /** Where reports may be sent to. */
  readonly reportAddresses: AddressRule;
};

/** Where recordings are read from, and what links to them are like. */
export type RecordingDeps = {
  readonly stores: BlobStores;
  /** Without a slash at its end; null: the host of the request. */
  readonly publicUrl: string | null;
  readonly linkLifetimeMs: number;
};

/** Most a request of any size may take to arrive. */
const requestTimeoutMs = 300_000;

/**
 * Composes the HTTP edge: health, the dialect with and without `/v3` (contract 15.1), and the admin API. The caller listens and closes; closing
 * lets requests under way finish.
 */
export async function createApiServer(deps: ApiDeps): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = deps.logger;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'reference' }),
    genReqId: () => randomUUID(),
    bodyLimit: usualBodyLimit,
    requestTimeout: requestTimeoutMs,
    // A request that still arrives on an open connection is served: the dialect knows no HTTP 503.
    return503OnClosing: false,
    trustProxy: deps.trustProxy === false ? false : [...deps.trustProxy],
    rewriteUrl: (request) => rewriteUrl(request.url ?? '/'),
    frameworkErrors: (_error, request, reply) => answerUnknownPath(request, reply),
  });
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('dialectAccount', null);
  app.setErrorHandler((error, request, reply) => answerFailure(error, request, reply));
  app.setNotFoundHandler(answerUnknownPath);
  logRequests(app);
  mountHealth(app, readinessChecks(deps.db), deps.logger);
  const accounts = new AccountCache((apiKey) => findAccountByApiKey(deps.db, apiKey), deps.clock);
  const links = recordingLinksOf(deps);
  mountRecordingFiles(app, { db: deps.db, stores: deps.recordings.stores, links });
  const largeBodies = new Turns<number>(largeBodiesAtOnce);
  const mounts = [
    { prefixes: ['/v3/voice', '/voice'], endpoints: dialectEndpoints(deps, links) },
    { prefixes: ['/v3', ''], endpoints: balanceEndpoints(deps) },
    { prefixes: ['/v3', '/sms', ''], endpoints: smsEndpoints(deps) },
  ];
  for (const { prefixes, endpoints } of mounts) {
    for (const prefix of prefixes) {
      app.register(
        (instance, _options, done) => {
          mountDialect(instance, { accounts, endpoints, largeBodies, now: () => deps.clock.now() });
          done();
        },
        { prefix },
      );
    }
  }
  app.register(
    (instance, _options, done) => {
      mountAdmin(instance, { ...deps, token: deps.adminToken, links, scheduling: schedulingOf(deps) });
      done();
    },
    { prefix: '/admin/v1' },
  );
  await app.ready();
  return app;
}

function recordingLinksOf({ db, clock, recordings: { publicUrl, linkLifetimeMs } }: ApiDeps): RecordingLinks {
  return new RecordingLinks({ db, clock, publicUrl, lifetimeMs: linkLifetimeMs });
}

function schedulingOf({ clock, jobs, recallMinuteMs }: ApiDeps): Scheduling {
  return { clock, jobs, recallMinuteMs };
}

function dialectEndpoints(apiDeps: ApiDeps, recordings: RecordingLinks): Endpoint[] {
  const { db, decoder, voices, recordDays } = apiDeps;
  const deps = { db, decoder, voices, scheduling: schedulingOf(apiDeps), recordings, recordDays };
  return [
    ...voiceFileEndpoints(deps),
    ...taskSubmissionEndpoints(deps),
    ...taskControlEndpoints(deps),
    ...taskQueryEndpoints(deps),
    ...recallEndpoints(deps),
    ...directEndpoints(deps),
    ...recordEndpoints(deps),
    ...recordingEndpoints(deps),
    ...notOfferedEndpoints(),
  ];
}

function readinessChecks(db: Db): ReadinessCheck[] {
  const database = async (): Promise<null> => {
    await sql`select 1`.execute(db);
    return null;
  };
  const migrations = async (): Promise<string | null> => {
    const pending = await pendingMigrations(db);
    return pending.length === 0 ? null : `not applied: ${pending.join(', ')}`;
  };
  return [
    { part: 'database', check: database },
    { part: 'migrations', check: migrations },
  ];
}

/** One line a request, without headers and query: they hold keys and numbers. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const fields = {
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime),
      accountId: request.dialectAccount?.accountId,
    };
    request.log.debug(fields, 'request answered');
  });
}
