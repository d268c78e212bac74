import { createApiServer } from '../../src/api/server.ts';
import { signatureOf } from '../../src/api/v3/authenticate.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { createAccount } from '../../src/domain/account/account-store.ts';
import { createApp } from '../../src/domain/app/app-store.ts';
import type { JobQueue } from '../../src/domain/job/scheduling.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { InfrastructureError } from '../../src/lib/errors.ts';
import { createLogger, type Logger, silentLogger } from '../../src/lib/logger.ts';
import type { Synthesizer } from '../../src/speech/synthesizer.ts';
import { openBlobStores, type StoreSettings } from '../../src/storage/blob-stores.ts';
import { type AudioDecoder, createAudioDecoder } from '../../src/telephony/audio/audio-decoder.ts';
import { createAddressRule } from '../../src/webhook/address-rule.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { at, type Json } from './json.ts';
import { OpenApiCheck } from './openapi.ts';

/** An answer of the dialect. */
export type ApiAnswer = {
  readonly httpStatus: number;
  readonly code: Json;
  readonly msg: string;
  readonly status: Json;
  readonly reason: string;
  readonly data: Json;
};

export type ApiRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'OPTIONS';
  /** As sent: a text goes as it is, everything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
};

/** The HTTP edge in this process, on a real database, with one account and one voice app, reached by `inject`. */
export type TestApi = {
  readonly database: TestDatabase;
  readonly account: Account;
  readonly appId: string;
  /** Names and data of the jobs that requests have set. */
  readonly jobs: { readonly name: string; readonly data: object; readonly startAfter: Date | null }[];
  /** Milliseconds since the epoch that the server takes for now; null: the machine's clock. */
  setNow(now: number | null): void;
  /** A request that is signed for the account unless `headers` say otherwise. */
  request(path: string, request?: ApiRequest): Promise<ApiAnswer>;
  /** A signed POST. */
  post(path: string, body: unknown): Promise<ApiAnswer>;
  /** The admin API with the right token; `path` from `/admin/v1` on. Fails where the answer is another than OpenAPI describes. */
  admin(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<AdminAnswer>;
  /** Listens on loopback; the address. */
  listen(): Promise<string>;
  inject: Awaited<ReturnType<typeof createApiServer>>['inject'];
  close(): Promise<void>;
};

export type AdminAnswer = { readonly status: number; readonly type: string; readonly body: Json };

export const adminToken = 'a-token-of-the-tests';
const settings = { adminToken, recallMinuteMs: 60_000, recordDays: 62 };

/** The headers of contract 1.2. */
export function signed(account: Pick<Account, 'apiKey' | 'apiSecret'>, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const sign = signatureOf(account.apiKey, account.apiSecret, timestamp);
  return { 'content-type': 'application/json;charset=UTF-8', 'api-key': account.apiKey, timestamp, sign };
}

/** Opens the edge on a fresh database. `logLevel` for a look at what it logs. */
export async function openTestApi(
  options: {
    logLevel?: 'silent' | 'debug';
    /** In the place of one of that level. */
    logger?: Logger;
    trustProxy?: readonly string[];
    /** Where recordings are; by default there are none. */
    stores?: StoreSettings;
    publicUrl?: string;
  } = {},
): Promise<TestApi> {
  const database = await openTestDatabase();
  const decoder: AudioDecoder = createAudioDecoder();
  const jobs: { name: string; data: object; startAfter: Date | null }[] = [];
  const queue: JobQueue = {
    enqueue: async (_db, name, data, { startAfter }) => {
      jobs.push({ name, data, startAfter });
    },
  };
  let fixedNow: number | null = null;
  const now = (): number => fixedNow ?? systemClock.now();
  const server = await createApiServer({
    db: database.db,
    jobs: queue,
    decoder,
    voices: { espeak: hummingVoices(), google: null },
    clock: { ...systemClock, now },
    logger: options.logger ?? (options.logLevel === 'debug' ? createLogger('api test', 'debug') : silentLogger()),
    ...settings,
    trustProxy: options.trustProxy ?? false,
    recordings: {
      stores: openBlobStores(options.stores ?? { folder: '/nonexistent', s3: null }),
      publicUrl: options.publicUrl ?? null,
      linkLifetimeMs: 3_600_000,
    },
    reportAddresses: createAddressRule(['127.0.0.1']),
  });
  const account = await createAccount(database.db, {
    name: 'ACME',
    credentials: { apiKey: 'bDqJFiq9', apiSecret: '7bz1lzh9' },
  });
  const { appId } = await createApp(database.db, { accountId: account.accountId, name: 'calls', kind: 'voice' });
  const request = async (
    path: string,
    { method = 'GET', body, headers, address }: ApiRequest = {},
  ): Promise<ApiAnswer> => {
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await server.inject({
      method,
      url: path,
      headers: headers ?? signed(account, now()),
      ...(payload !== undefined && { payload }),
      ...(address !== undefined && { remoteAddress: address }),
    });
    return { httpStatus: response.statusCode, ...response.json() };
  };
  return {
    database,
    account,
    appId,
    jobs,
    setNow: (value) => {
      fixedNow = value;
    },
    request,
    post: (path, body) => request(path, { method: 'POST', body }),
    admin: adminOf(server),
    listen: () => server.listen({ host: '127.0.0.1', port: 0 }),
    inject: server.inject.bind(server),
    close: async () => {
      await server.close();
      await decoder.close();
      await database.close();
    },
  };
}

/** Asks the admin API, and holds each answer against the server's own description. */
function adminOf({ inject }: Pick<TestApi, 'inject'>): TestApi['admin'] {
  let document: OpenApiCheck | null = null;
  return async (method, path, body) => {
    const response = await inject({
      method,
      url: `/admin/v1${path}`,
      headers: { authorization: `Bearer ${adminToken}` },
      ...(body !== undefined && { payload: JSON.parse(JSON.stringify(body)) }),
    });
    const type = String(response.headers['content-type']);
    const answer = { status: response.statusCode, type, body: response.body === '' ? null : response.json() };
    document ??= new OpenApiCheck((await inject({ url: '/admin/v1/openapi.json' })).json());
    document.check({ ...answer, method, path: `/admin/v1${path.split('?', 1)[0]}` });
    return answer;
  };
}

/** Speaks everything but Filipino, like the real one, and says a tenth of a second of nothing. A text with "@fault" in it does not work, one with "@never" never will. */
function hummingVoices(): Pick<Synthesizer, 'name' | 'voiceFor' | 'synthesize'> {
  return {
    name: 'hum',
    voiceFor: ({ lan }) => (lan === 'PH' ? null : { voice: lan, note: null }),
    synthesize: async ({ text }) => {
      if (text.includes('@fault')) throw new InfrastructureError('the synthesizer is away', { retryable: true });
      if (text.includes('@never')) throw new InfrastructureError('not a text', { retryable: false });
      return { pcm: new Int16Array(800), sampleRate: 8000 };
    },
  };
}

/** A page's records. */
export function recordsOf(answer: ApiAnswer): readonly Json[] {
  const records = at(answer.data, 'records');
  if (!Array.isArray(records)) throw new Error(`no records in ${JSON.stringify(answer)}`);
  return records;
}
