import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';
import { type DialectAnswer, type DialectCredentials, requestDialect, signedHeaders } from './dialect-client.ts';
import { freePort, freeUdpRange } from './free-port.ts';
import { type Json, numberAt, textAt } from './json.ts';
import { descendantsOf, type ProcessFacts } from './process-tree.ts';
import { until } from './until.ts';

/** The whole platform as a black box, started as an operator starts it, with one account and one app. */
export interface Carillon {
  readonly baseUrl: string;
  readonly credentials: DialectCredentials;
  readonly adminToken: string;
  readonly accountId: number;
  readonly appId: string;
  /** A signed POST; `path` from `/v3/voice` on. */
  post(path: string, body: Json): Promise<DialectAnswer>;
  /** A signed GET; `path` from `/v3/voice` on. */
  get(path: string): Promise<DialectAnswer>;
  /** The admin API; `path` from `/admin/v1` on. Rejects on any status but 2xx. */
  admin(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: Json): Promise<Json>;
  /** Adds a trunk on loopback that allows as much as a test wants. */
  addTrunk(port: number, settings?: { readonly [key: string]: Json }): Promise<number>;
  /** The process id of the running api or dialer process. */
  pidOf(kind: 'api' | 'dialer'): Promise<number>;
  /** All processes of its PostgreSQL, the one that started the others first. */
  databaseProcesses(): Promise<ProcessFacts[]>;
  /** The last lines of its log. */
  log(): string;
  /** Stops it in order and removes its data. Idempotent. */
  stop(): Promise<void>;
}

export type CarillonOptions = {
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
  /** Call legs at once, for the number of RTP ports. */
  readonly legs?: number;
};

const repository = fileURLToPath(new URL('../../', import.meta.url));
const token = 'acceptance-test-token';

/** Starts a fresh installation with its own database and ports on loopback, and waits until it is ready. */
export async function startCarillon({ env = {}, legs = 100 }: CarillonOptions = {}): Promise<Carillon> {
  const dataDir = await mkdtemp(join(tmpdir(), 'carillon-data-'));
  // mkdtemp closes the folder to all others, and started by root the database runs as another user.
  await chmod(dataDir, 0o711);
  const httpPort = await freePort();
  const rtpStart = await freeUdpRange(4 * legs);
  const child = await startChild({
    command: process.execPath,
    args: [join(repository, 'src/start/all-in-one.ts')],
    cwd: repository,
    env: {
      DATABASE_URL: '',
      CARILLON_DATA_DIR: dataDir,
      CARILLON_HTTP_HOST: '127.0.0.1',
      CARILLON_HTTP_PORT: String(httpPort),
      CARILLON_ADMIN_TOKEN: token,
      CARILLON_SIP_HOST: '127.0.0.1',
      CARILLON_SIP_PORT: String(await freePort()),
      CARILLON_RTP_PORTS: `${rtpStart}-${rtpStart + 4 * legs - 1}`,
      CARILLON_LOG_LEVEL: 'info',
      ...env,
    },
  });
  const baseUrl = `http://127.0.0.1:${httpPort}`;
  const stop = async (): Promise<void> => {
    await child.stop(15_000);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await until(() => isReady(baseUrl, child), {
      what: 'Carillon to be ready',
      timeoutMs: 60_000,
      detail: () => child.output().slice(-8000),
    });
    return await furnish(baseUrl, child, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isReady(baseUrl: string, child: Child): Promise<boolean> {
  if (child.exitCode() !== null)
    throw new Error(`Carillon exited (${child.exitCode()}):\n${child.output().slice(-8000)}`);
  try {
    return (await fetch(`${baseUrl}/readyz`)).ok;
  } catch (error) {
    // Nobody listens yet.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

async function furnish(baseUrl: string, child: Child, stop: () => Promise<void>): Promise<Carillon> {
  const admin: Carillon['admin'] = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const init =
      body === undefined
        ? { method, headers: { Authorization: headers.Authorization } }
        : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${baseUrl}/admin/v1${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const name = `test ${randomBytes(4).toString('hex')}`;
  const account = await admin('POST', '/accounts', { name });
  const accountId = numberAt(account, 'accountId');
  const credentials = { apiKey: textAt(account, 'apiKey'), apiSecret: textAt(account, 'apiSecret') };
  const app = await admin('POST', '/apps', { accountId, name: 'test app', kind: 'voice' });
  const path = (below: string): string => `/v3/voice${below}`;
  return {
    baseUrl,
    credentials,
    adminToken: token,
    accountId,
    appId: textAt(app, 'appId'),
    admin,
    post: (below, body) =>
      requestDialect(baseUrl, {
        method: 'POST',
        path: path(below),
        headers: signedHeaders(credentials),
        body: JSON.stringify(body),
      }),
    get: (below) =>
      requestDialect(baseUrl, { method: 'GET', path: path(below), headers: signedHeaders(credentials), body: null }),
    async addTrunk(port, settings = {}) {
      // SIPp counts an OPTIONS as one of the calls that it was started for.
      const limits = { maxCps: 1000, maxChannels: 1000, optionsIntervalS: 0 };
      const trunk = { name: `trunk ${port}`, host: '127.0.0.1', port, ...limits, ...settings };
      return numberAt(await admin('POST', '/trunks', trunk), 'trunkId');
    },
    async pidOf(kind) {
      const found = (await descendantsOf(child.pid)).find(({ command }) => command.includes(`start/${kind}.ts`));
      if (found === undefined) throw new Error(`no ${kind} process below ${child.pid}`);
      return found.pid;
    },
    async databaseProcesses() {
      const found = (await descendantsOf(child.pid)).filter(({ command }) => command.includes('postgres'));
      return found.sort((a, b) => Number(b.parentPid === child.pid) - Number(a.parentPid === child.pid));
    },
    log: () => child.output().slice(-20_000),
    stop,
  };
}
