import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { updateAccount } from '../../src/domain/account/account-store.ts';
import { loadPrompt } from '../../src/domain/prompt/prompt-store.ts';
import { prepareTask } from '../../src/domain/task/prepare.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import { taskStatus } from '../../src/domain/task/status.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { InfrastructureError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createGoogleSynthesizer } from '../../src/speech/google/google-synthesizer.ts';
import type { Synthesizer } from '../../src/speech/synthesizer.ts';
import { openSpeakers } from '../../src/start/speech.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  createDomainFixture,
  type DomainFixture,
  settingsOf,
  submissionOf,
  variable,
} from '../support/domain-fixture.ts';
import { type GoogleSpeechServer, startGoogleSpeechServer } from '../support/google-speech-server.ts';

/** Google's real client library against a server that speaks its REST protocol. */

const never = new AbortController().signal;
const english = { voice: 'en-GB/MALE', text: 'Hello', speakingRate: 1 };

let folder: string;
let google: GoogleSpeechServer;
let synthesizer: Synthesizer;
let database: TestDatabase;
let fixture: DomainFixture;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carillon-google-'));
  google = await startGoogleSpeechServer(folder);
  synthesizer = createGoogleSynthesizer({ ...google, logger: silentLogger() });
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'google');
  await updateAccount(database.db, fixture.account.accountId, { speechProvider: 'google' });
});
afterEach(() => google.fail(null));
after(async () => {
  await synthesizer.close();
  await google.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

async function faultOf(work: Promise<unknown>): Promise<{ message: string; retryable: boolean }> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof InfrastructureError, `rejected with ${String(error)}`);
  return { message: error.message, retryable: error.retryable };
}

test('google: a text is asked for as it is, and its audio comes back', async () => {
  const audio = await synthesizer.synthesize(english, never);
  assert.equal(audio.sampleRate, 16_000);
  assert.equal(audio.pcm.length, 16_000 * 0.05);
  assert.deepEqual(google.requests.at(-1), {
    input: { text: 'Hello' },
    voice: { languageCode: 'en-GB', ssmlGender: 1 },
    audioConfig: { audioEncoding: 1, speakingRate: 1, sampleRateHertz: 16_000 },
  });
});

test('google: SSML goes in its markup; what is longer than a request goes in several', async () => {
  await synthesizer.synthesize({ ...english, text: '<speak>a<break time="2s"/>b</speak>' }, never);
  assert.deepEqual(google.requests.at(-1)?.input, { ssml: '<speak>a<break time="2000ms"/>b</speak>' });
  const asked = google.requests.length;
  const text = 'Your parcel has arrived. '.repeat(500);
  const audio = await synthesizer.synthesize({ ...english, text }, never);
  assert.equal(google.requests.length - asked, 3);
  assert.equal(audio.pcm.length, text.length * 160);
});

test('google: a pace beyond its own is reached afterwards', async () => {
  const text = 'x'.repeat(200);
  const audio = await synthesizer.synthesize({ ...english, text, speakingRate: 4 }, never);
  assert.equal(google.requests.at(-1)?.audioConfig.speakingRate, 2);
  assert.equal(audio.pcm.length, (text.length * 160) / 2);
});

test('google: what it calls wrong is wrong for good, what it cannot do now is tried again', async () => {
  google.fail({ status: 400, message: 'Invalid SSML.' });
  assert.deepEqual(await faultOf(synthesizer.synthesize(english, never)), {
    message: 'Google Text-to-Speech: 400 Invalid SSML.',
    retryable: false,
  });
  for (const [status, message] of [
    [403, 'Cloud Text-to-Speech API has not been used in project 1 before or it is disabled.'],
    [429, 'Quota exceeded for quota metric.'],
    [503, 'The service is currently unavailable.'],
  ] as const) {
    google.fail({ status, message });
    const expected = { message: `Google Text-to-Speech: ${status} ${message}`, retryable: true };
    assert.deepEqual(await faultOf(synthesizer.synthesize(english, never)), expected);
  }
});

test('google: silence ends in time, an abort at once, and a full queue is said', async () => {
  const few = { concurrency: 2, maxQueue: 1, requestTimeoutMs: 500 };
  const hasty = createGoogleSynthesizer({ ...google, ...few, logger: silentLogger() });
  google.fail('silence');
  const abort = new AbortController();
  const aborted = hasty.synthesize(english, abort.signal);
  const spoken = faultOf(hasty.synthesize(english, never));
  const waiting = faultOf(hasty.synthesize(english, never));
  assert.match((await faultOf(hasty.synthesize(english, never))).message, /queue is full/);
  abort.abort(new Error('nobody waits'));
  await assert.rejects(aborted, /nobody waits/);
  for (const fault of [await spoken, await waiting]) {
    assert.deepEqual(fault, { message: 'Google Text-to-Speech: no answer within 500 ms', retryable: true });
  }
  await hasty.close();
  google.fail(null);
  assert.ok((await synthesizer.synthesize(english, never)).pcm.length > 0);
});

test('google: a wrong key, and a server that is not there, are said', async () => {
  const stranger = mkdtempSync(join(folder, 'stranger-'));
  const other = await startGoogleSpeechServer(stranger);
  await other.close();
  const logger = silentLogger();
  const unknown = createGoogleSynthesizer({
    logger,
    endpoint: google.endpoint,
    credentialsFile: other.credentialsFile,
  });
  assert.deepEqual(await faultOf(unknown.synthesize(english, never)), {
    message: 'Google Text-to-Speech: 401 invalid authentication credentials',
    retryable: true,
  });
  await unknown.close();
  const away = createGoogleSynthesizer({ logger, endpoint: other.endpoint, credentialsFile: google.credentialsFile });
  const fault = await faultOf(away.synthesize(english, never));
  assert.equal(fault.retryable, true);
  assert.match(fault.message, /^Google Text-to-Speech: .*ECONNREFUSED/);
  await away.close();
});

test('google: credentials that are none are refused at the start', async () => {
  const file = join(folder, 'wrong.json');
  for (const content of ['no JSON', '{}']) {
    writeFileSync(file, content);
    const googleSpeech = { credentialsFile: file, endpoint: google.endpoint };
    await assert.rejects(openSpeakers({ googleSpeech }, silentLogger()), /name the JSON file of a service account/);
  }
});

let names = 0;

async function prepared(
  content: object,
  speakers: { google: Synthesizer | null },
  isLastAttempt = false,
): Promise<number> {
  names += 1;
  const settings = settingsOf({ source: 3, lan: 'EN', text: 'Hello', accent: '44', ssmlGender: 1, ...content });
  const submission = submissionOf(fixture, { taskName: `google ${names}`, settings });
  const taskId = await submitTask(database.db, fixture.account.accountId, submission, fixture.scheduling);
  await prepareTask(database.db, taskId, {
    scheduling: fixture.scheduling,
    synthesizers: { espeak: null, ...speakers },
    signal: never,
    isLastAttempt,
  });
  return taskId;
}

test('google: an account that chose it hears it, and a text that it will not speak fails the task with the reason', async () => {
  const { db } = database;
  const taskId = await prepared({ text: 'Good morning' }, { google: synthesizer });
  const task = db.selectFrom('task').select('prompt_id').where('task_id', '=', taskId);
  const prompt = await loadPrompt(db, (await task.executeTakeFirstOrThrow()).prompt_id ?? 0);
  assert.equal(prompt?.durationMs, 120);
  google.fail({ status: 400, message: 'Invalid SSML.' });
  const refused = await prepared({ text: 'Good night' }, { google: synthesizer });
  const detail = await getTaskDetail(db, fixture.account.accountId, refused);
  assert.equal(detail.status, taskStatus.submissionFailed);
  assert.match(detail.statusReason ?? '', /400 Invalid SSML/);
});

test('google: texts with variables fail the task where the synthesizer does not work at all', async () => {
  const { accountId } = fixture.account;
  google.fail({ status: 403, message: 'disabled' });
  const text = `Hello ${variable(1)}`;
  await assert.rejects(prepared({ text }, { google: synthesizer }), /403 disabled/);
  const last = await prepared({ text }, { google: synthesizer }, true);
  assert.match((await getTaskDetail(database.db, accountId, last)).statusReason ?? '', /403 disabled/);
  const unset = await prepared({ text }, { google: null }, true);
  assert.match((await getTaskDetail(database.db, accountId, unset)).statusReason ?? '', /CARILLON_GOOGLE_CREDENTIALS/);
  google.fail({ status: 400, message: 'this callee only' });
  const ready = await prepared({ text }, { google: synthesizer });
  assert.equal((await getTaskDetail(database.db, accountId, ready)).status, taskStatus.calling);
});
