import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { updateAccount } from '../../src/domain/account/account-store.ts';
import { getRecord } from '../../src/domain/record/record-query.ts';
import { type CallKey, formatVoiceId } from '../../src/domain/record/voice-id.ts';
import { deleteExpiredRecordings } from '../../src/domain/recording/expiry.ts';
import type { RecordingResult } from '../../src/domain/recording/recording.ts';
import { recordingBlobName, recordingFileId } from '../../src/domain/recording/recording-name.ts';
import { getStoredRecording, writeRecording } from '../../src/domain/recording/recording-store.ts';
import { secretFor } from '../../src/domain/secret/secret-store.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { openBlobStores } from '../../src/storage/blob-stores.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  submissionOf,
  withKey,
} from '../support/domain-fixture.ts';
import { startS3Server } from '../support/s3-server.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let folder: string;
let taskCount = 0;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'recording');
  folder = await mkdtemp(join(tmpdir(), 'carillon-recording-'));
});

after(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** A task of three callees, the first two of which answered. */
async function calledTask(isRecorded = true): Promise<CallKey[]> {
  taskCount += 1;
  const plan = { ...submissionOf(fixture).plan, isRecorded };
  const submission = submissionOf(fixture, { taskName: `recorded ${taskCount}`, plan });
  const taskId = await submitTask(fixture.db, fixture.account.accountId, submission, fixture.scheduling);
  await callEverybody(fixture, taskId, (seq) => (seq <= 2 ? 50 : 20));
  const task = await fixture.db
    .selectFrom('task')
    .select('created_day')
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  return [1, 2, 3].map((seq) => ({ createdDay: task.created_day, taskId, seq }));
}

function storedAs(key: CallKey, problem: string | null = null): RecordingResult {
  return { state: 'stored', store: 'file', blobName: recordingBlobName(key), bytes: 64_044, durationMs: 2000, problem };
}

async function recordingOf(key: CallKey) {
  return (await getRecord(fixture.db, fixture.account.accountId, formatVoiceId(key))).recording;
}

/** Lets a call have been made so long ago. */
async function age(key: CallKey, span: string): Promise<void> {
  const shift = sql`interval '${sql.raw(span)}'`;
  await sql`update call set answered_at = answered_at - ${shift}, ended_at = ended_at - ${shift} where task_id = ${key.taskId}`.execute(
    fixture.db,
  );
  await sql`update recording set started_at = started_at - ${shift} where task_id = ${key.taskId}`.execute(fixture.db);
}

test('a record says how it stands with the recording: waiting, then stored or lost', async () => {
  const [first, second, third] = await calledTask();
  assert.ok(first && second && third);
  assert.deepEqual(await recordingOf(first), { state: 'waiting', fileId: null, problem: null, durationMs: null });
  assert.equal(await recordingOf(third), null, 'it was not answered');
  assert.equal(await writeRecording(fixture.db, first, storedAs(first)), true);
  assert.deepEqual(await recordingOf(first), {
    state: 'stored',
    fileId: `${formatVoiceId(first)}.wav`,
    problem: null,
    durationMs: 2000,
  });
  await writeRecording(fixture.db, second, { state: 'lost', problem: 'the disk was full' });
  const lost = { state: 'lost', fileId: null, problem: 'the disk was full', durationMs: null };
  assert.deepEqual(await recordingOf(second), lost);
});

test('a task that does not record has no recordings', async () => {
  const [first] = await calledTask(false);
  assert.ok(first);
  assert.equal(await recordingOf(first), null);
});

test('what nobody handed over for a day counts as lost, and is taken when it turns up', async () => {
  const [first] = await calledTask();
  assert.ok(first);
  await age(first, '25 hours');
  assert.equal((await recordingOf(first))?.state, 'lost');
  assert.match((await recordingOf(first))?.problem ?? '', /did not hand it over/);
  await writeRecording(fixture.db, first, storedAs(first, 'its end is missing'));
  assert.equal((await recordingOf(first))?.state, 'stored');
  assert.equal((await recordingOf(first))?.problem, 'its end is missing');
});

test('what is stored is not lost any more, and of what is written twice the last counts', async () => {
  const [first] = await calledTask();
  assert.ok(first);
  await writeRecording(fixture.db, first, { state: 'lost', problem: 'given up' });
  await writeRecording(fixture.db, first, storedAs(first));
  await writeRecording(fixture.db, first, { state: 'lost', problem: 'too late' });
  assert.equal((await recordingOf(first))?.state, 'stored');
  assert.deepEqual(await getStoredRecording(fixture.db, fixture.account.accountId, recordingFileId(first)), {
    fileId: recordingFileId(first),
    store: 'file',
    blobName: recordingBlobName(first),
    bytes: 64_044,
  });
});

test('a recording of no call is not written, and another account sees none', async () => {
  const nobody = { createdDay: '2026-01-01', taskId: 1, seq: 1 };
  assert.equal(await writeRecording(fixture.db, nobody, { state: 'lost', problem: 'x' }), false);
  const [first] = await calledTask();
  assert.ok(first);
  await writeRecording(fixture.db, first, storedAs(first));
  const { db } = fixture;
  await assert.rejects(
    getStoredRecording(db, fixture.account.accountId + 1, recordingFileId(first)),
    withKey('unknownRecording'),
  );
  await assert.rejects(getStoredRecording(db, null, 'x.wav'), withKey('unknownRecording'));
});

test('recordings are deleted when they are older than the account keeps them, as it is set now', async () => {
  const stores = openBlobStores({ folder: join(folder, 'store'), s3: null });
  const [old] = await calledTask();
  const [young] = await calledTask();
  assert.ok(old && young);
  const source = join(folder, 'source');
  await writeFile(source, 'sound');
  for (const key of [old, young]) {
    await stores.current.put(recordingBlobName(key), source);
    await writeRecording(fixture.db, key, storedAs(key));
  }
  await age(old, '40 days');
  await age(young, '20 days');
  const sweep = () => deleteExpiredRecordings(fixture.db, stores, new AbortController().signal);
  assert.deepEqual(await sweep(), { deleted: 0, unreachable: 0 });
  await updateAccount(fixture.db, fixture.account.accountId, { recordingDays: 30 });
  assert.deepEqual(await sweep(), { deleted: 1, unreachable: 0 });
  assert.equal((await recordingOf(old))?.state, 'deleted');
  assert.equal(await stores.current.exists(recordingBlobName(old)), false);
  assert.equal((await recordingOf(young))?.state, 'stored');
  await updateAccount(fixture.db, fixture.account.accountId, { recordingDays: 60 });
});

test('a sweep that was cut off is done again, in batches, without harm', async () => {
  const stores = openBlobStores({ folder: join(folder, 'store'), s3: null });
  const [first] = await calledTask();
  assert.ok(first);
  await sql`
    insert into recording (created_day, task_id, seq, account_id, started_at, state, store, blob_name, bytes, duration_ms)
    select ${first.createdDay}::date, ${first.taskId}, seq, ${fixture.account.accountId}, now() - interval '70 days', 'stored', 'file',
           'old/' || seq || '.wav', 1, 1 from generate_series(1, 120) as s (seq)`.execute(fixture.db);
  const source = join(folder, 'source');
  await writeFile(source, 'sound');
  // As if a first sweep had deleted all blobs but the last ten, and died before the rows.
  for (let seq = 111; seq <= 120; seq += 1) await stores.current.put(`old/${seq}.wav`, source);
  const stopped = AbortSignal.abort(new Error('stopped'));
  await assert.rejects(deleteExpiredRecordings(fixture.db, stores, stopped), /stopped/);
  const result = await deleteExpiredRecordings(fixture.db, stores, new AbortController().signal);
  assert.deepEqual(result, { deleted: 120, unreachable: 0 });
  assert.deepEqual(await readdir(join(folder, 'store/old')), []);
});

test('what lies in a bucket that is not set up any more is left, and deleted when it is again', async () => {
  const server = await startS3Server();
  try {
    const files = { folder: join(folder, 'store'), s3: null };
    const both = openBlobStores({ ...files, s3: server.settings });
    const [first] = await calledTask();
    assert.ok(first);
    const source = join(folder, 'source');
    await writeFile(source, 'sound');
    await both.current.put(recordingBlobName(first), source);
    await writeRecording(fixture.db, first, { ...storedAs(first), store: 's3' } as RecordingResult);
    await age(first, '61 days');
    const { signal } = new AbortController();
    assert.deepEqual(await deleteExpiredRecordings(fixture.db, openBlobStores(files), signal), {
      deleted: 0,
      unreachable: 1,
    });
    assert.deepEqual(await deleteExpiredRecordings(fixture.db, both, signal), { deleted: 1, unreachable: 0 });
    assert.equal(await both.current.exists(recordingBlobName(first)), false);
  } finally {
    await server.close();
  }
});

test('a secret is made once, for each purpose another', async () => {
  const [first, again, other] = await Promise.all(
    ['a', 'a', 'b'].map((purpose) => secretFor(fixture.db, `test ${purpose}`)),
  );
  assert.ok(first && again && other);
  assert.ok(first.equals(again));
  assert.ok(!first.equals(other));
  assert.equal(first.length, 32);
});
