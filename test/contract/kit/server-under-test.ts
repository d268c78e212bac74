import { createHash, randomBytes, randomInt } from 'node:crypto';
import { after, before } from 'node:test';
import { CarillonClient, type TaskRequest } from '@carillon/client';
import { type Json, numberAt, textAt } from '../../support/json.ts';
import { toneSequence } from '../../support/tone.ts';
import { until } from '../../support/until.ts';
import { encodeWav } from '../../support/wav.ts';
import { type Answer, answerOf } from './answer.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';
import { namesServer, readSettings, type Settings } from './settings.ts';

type UploadedTask = Extract<TaskRequest, { readonly source: 1 }>;

/** What distinguishes a task from the suite's usual ones. */
export type TaskFields = Partial<UploadedTask> & Pick<UploadedTask, 'voiceFileId'>;

export type Credentials = { readonly apiKey: string; readonly apiSecret: string };

/** A request as it goes out: every part of it may be wrong. */
export type RawRequest = {
  readonly method: string;
  /** From the root of the server on. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As sent; null: none. */
  readonly body: string | Uint8Array<ArrayBuffer> | null;
};

/** The server that the suite is pointed at; without one in the environment, a platform that it starts itself. */
export class ServerUnderTest {
  #settings: Settings | null = null;
  #own: OwnServer | null = null;
  #opening: Promise<void> | null = null;
  readonly #tasks: number[] = [];
  readonly #files: string[] = [];
  /** What distinguishes the names of this run from those of all others. */
  readonly run = randomBytes(4).toString('hex');

  /** Idempotent: hooks of one file do not wait for each other, so each that needs the server opens it. */
  open(): Promise<void> {
    this.#opening ??= this.#start();
    return this.#opening;
  }

  async #start(): Promise<void> {
    if (!namesServer(process.env)) this.#own = await startOwnServer();
    this.#settings = readSettings(this.#own?.environment ?? process.env);
  }

  /** Takes back what the suite left on the server, as far as the dialect allows, and stops one of our own. */
  async close(): Promise<void> {
    if (this.#own !== null) return this.#own.stop();
    for (const taskId of this.#tasks) await this.post('/group/call/cancel', { taskIdList: [taskId] });
    if (this.#files.length > 0) await this.post('/fileDel', { fileIdList: this.#files });
  }

  get settings(): Settings {
    if (this.#settings === null) throw new Error('the server under test is not open yet');
    return this.#settings;
  }

  /** The end of its log, where it is our own. */
  log(): string {
    return this.#own?.log() ?? '';
  }

  async raw({ method, path, headers, body }: RawRequest): Promise<Answer> {
    const response = await fetch(`${this.settings.baseUrl}${path}`, { method, headers, body });
    const contentType = response.headers.get('content-type') ?? '';
    return answerOf({ status: response.status, contentType, body: await response.text() });
  }

  /** Whether the server says that there is no such path. One with Carillon's admin API has all of them, so that a lost one fails. */
  async lacks(path: string): Promise<boolean> {
    if (this.settings.admin !== null) return false;
    const headers = signed(this.settings.credentials);
    const { httpStatus } = await this.raw({ method: 'POST', path, headers, body: '{}' });
    return httpStatus === 404;
  }

  /** A signed POST below `/v3/voice`, by the suite's own account unless another is given. */
  post(path: string, body: Json, credentials: Credentials = this.settings.credentials): Promise<Answer> {
    const headers = signed(credentials);
    return this.raw({ method: 'POST', path: `/v3/voice${path}`, headers, body: JSON.stringify(body) });
  }

  /** A signed GET below `/v3/voice`. */
  get(path: string, credentials: Credentials = this.settings.credentials): Promise<Answer> {
    return this.raw({ method: 'GET', path: `/v3/voice${path}`, headers: signed(credentials), body: null });
  }

  /** The data of a POST that the rest of a test depends on; rejects when it is refused. */
  async mustPost(path: string, body: Json): Promise<Json> {
    return dataOf(await this.post(path, body), `POST ${path} ${JSON.stringify(body).slice(0, 500)}`);
  }

  async mustGet(path: string): Promise<Json> {
    return dataOf(await this.get(path), `GET ${path}`);
  }

  /** A call of the admin API, where there is one. Rejects on any status but 2xx. */
  async admin(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT',
    path: string,
    body: Json,
    further: Readonly<Record<string, string>> = {},
  ): Promise<Json> {
    const { admin } = this.settings;
    if (admin === null) throw new Error('there is no admin API to ask: the test should have been skipped');
    const headers = { Authorization: `Bearer ${admin.token}`, 'Content-Type': 'application/json', ...further };
    const sent = method === 'GET' ? null : JSON.stringify(body);
    const response = await fetch(`${admin.url}${path}`, { method, headers, body: sent });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** A further account with a voice application, made by the admin API. */
  async account(settings: {
    readonly [key: string]: Json;
  }): Promise<Credentials & { accountId: number; appId: string }> {
    const account = await this.admin('POST', '/accounts', {
      name: `contract ${randomBytes(4).toString('hex')}`,
      ...settings,
    });
    const accountId = numberAt(account, 'accountId');
    const app = await this.admin('POST', '/apps', { accountId, name: 'contract', kind: 'voice' });
    const appId = textAt(app, 'appId');
    return { accountId, appId, apiKey: textAt(account, 'apiKey'), apiSecret: textAt(account, 'apiSecret') };
  }

  /** What a customer's own program would use, for requests that are not themselves what is looked at. */
  get client(): CarillonClient {
    const { baseUrl, credentials } = this.settings;
    return new CarillonClient({ baseUrl: `${baseUrl}/v3`, ...credentials });
  }

  /** Uploads a second of sound and returns the file's id. */
  async uploadTone(): Promise<string> {
    const fileId = await this.client.files.upload({ fileName: `${uniqueText(8)}.wav`, file: toneFile() });
    this.#files.push(fileId);
    return fileId;
  }

  /** Sends a task that plays a file once, far in the future unless `fields` say otherwise, and returns its id. */
  async sendTask(fields: TaskFields): Promise<number> {
    const taskName = `${this.run} ${uniqueText(6)}`;
    const usual = { appId: this.settings.appId, taskName, source: 1, maxCalls: 30, sendTime: farFuture } as const;
    return this.cancelLater(await this.client.tasks.send({ ...usual, ...fields }));
  }

  /** Notes a task that the suite made, to be cancelled at its end. */
  cancelLater(taskId: number): number {
    this.#tasks.push(taskId);
    return taskId;
  }

  /** Waits for a status of a task and returns its detail. */
  async taskInStatus(taskId: number, status: number, timeoutMs = 60_000): Promise<Json> {
    let last: Json = null;
    await until(
      async () => {
        last = await this.mustGet(`/group/call/detail/${taskId}`);
        return numberAt(last, 'status') === status;
      },
      { what: `task ${taskId} to be in status ${status}`, timeoutMs, everyMs: 200, detail: () => JSON.stringify(last) },
    );
    return last;
  }
}

/** Opens the server under test before the tests of a file, and closes it after them. */
export function serverUnderTest(): ServerUnderTest {
  const server = new ServerUnderTest();
  before(() => server.open());
  after(() => server.close());
  return server;
}

/** A time that no task of the suite is ever called at. */
export const farFuture = '2098-01-01 00:00:00';

/** A text of so many characters that no other is likely to have, also where it is short. */
export function uniqueText(length: number): string {
  return Array.from({ length }, () => String.fromCodePoint(randomInt(0x4e00, 0x9fa5))).join('');
}

/** A second of sound as a Base64 WAV. */
export function toneFile(): string {
  return encodeWav(toneSequence([440], 1, 0), 1).toString('base64');
}

export type SignOptions = {
  /** The Timestamp header; now unless given. */
  readonly timestamp?: string;
  readonly sign?: string;
};

/** The four headers of contract 1.2. */
export function signed({ apiKey, apiSecret }: Credentials, options: SignOptions = {}): Record<string, string> {
  const timestamp = options.timestamp ?? String(Math.floor(Date.now() / 1000));
  const sign = options.sign ?? signature({ apiKey, apiSecret }, timestamp);
  return { 'Content-Type': 'application/json;charset=UTF-8', 'Api-Key': apiKey, Timestamp: timestamp, Sign: sign };
}

/** MD5 over key, secret and timestamp (contract 1.2). */
export function signature({ apiKey, apiSecret }: Credentials, timestamp: string): string {
  return createHash('md5').update(`${apiKey}${apiSecret}${timestamp}`).digest('hex');
}

function dataOf(answer: Answer, what: string): Json {
  if (answer.code !== 0 || answer.data === undefined) throw new Error(`${what} came back with ${answer.body}`);
  return answer.data;
}
