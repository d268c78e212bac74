import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { sql } from 'kysely';
import type { LegRecording } from '../../src/call/leg-recording.ts';
import { RecordingKeeper, type RecordingKeeperOptions } from '../../src/dialer/recording-keeper.ts';
import { registerProcess } from '../../src/domain/process/registry.ts';
import type { CallKey } from '../../src/domain/record/voice-id.ts';
import { recordingBlobName, recordingFileId } from '../../src/domain/recording/recording-name.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { stereoWavHeader } from '../../src/lib/stereo-wav.ts';
import { openBlobStores } from '../../src/storage/blob-stores.ts';
import { type BlobUploader, createBlobUploader } from '../../src/storage/blob-uploader.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { callEverybody, createDomainFixture, type DomainFixture, submissionOf } from '../support/domain-fixture.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

import { until } from '../support/until.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let s3: S3Server;
let folder: string;
let keepers: RecordingKeeper[];
let uploaders: BlobUploader[];
let taskCount = 0;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'keeper');
  s3 = await startS3Server();
});

after(async () => {
  await database.close();
  await s3.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-keeper-'));
  keepers = [];
  uploaders = [];
});

afterEach(async () => {
  for (const keeper of keepers) keeper.close();
  for (const uploader of uploaders) await uploader.close();
  await rm(folder, { recursive: true });
});

/** A live process with a keeper. */
async function openKeeper(
  change: Partial<RecordingKeeperOptions> & { toS3?: boolean } = {},
): Promise<{ keeper: RecordingKeeper; processId: string }> {
  const processId = randomUUID();
  await registerProcess(fixture.db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  const uploader = createBlobUploader({ folder: join(folder, 'store'), s3: change.toS3 ? s3.settings : null });
  uploaders.push(uploader);
  const keeper = new RecordingKeeper({
    ...{ db: fixture.db, clock: systemClock, random: seededRandom(1), logger: silentLogger(), processId, uploader },
    ...{ spoolFolder: join(folder, 'spool'), maxSpoolBytes: 1_000_000, ...change },
  });
  keepers.push(keeper);
  await keeper.start();
  return { keeper, processId };
}

/** Calls of a task that records, all answered. */
async function calls(): Promise<CallKey[]> {
  taskCount += 1;
  const plan = { ...submissionOf(fixture).plan, isRecorded: true };
  const submission = submissionOf(fixture, { taskName: `kept ${taskCount}`, plan });
  const taskId = await submitTask(fixture.db, fixture.account.accountId, submission, fixture.scheduling);
  await callEverybody(fixture, taskId, () => 50);
  const { created_day: createdDay } = await fixture.db
    .selectFrom('task')
    .select('created_day')
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  return [1, 2, 3].map((seq) => ({ createdDay, taskId, seq }));
}

const second = Buffer.concat([stereoWavHeader(8000, 32_000), Buffer.alloc(32_000, 7)]);

/** A leg that is recorded for a second. */
const leg = (problem: string | null = null) => ({
  async record(file: string): Promise<LegRecording> {
    await writeFile(file, second);
    return { isKept: true, bytes: second.length, durationMs: 1000, problem };
  },
});

async function rowOf({ taskId, seq }: CallKey) {
  const row = fixture.db.selectFrom('recording').selectAll().where('task_id', '=', taskId).where('seq', '=', seq);
  return (await row.executeTakeFirst()) ?? null;
}

const untilRow = (key: CallKey) => until(() => rowOf(key), { what: 'the row', timeoutMs: 20_000, everyMs: 20 });

const spooled = async (processId: string): Promise<string[]> => readdir(join(folder, 'spool', processId));

for (const toS3 of [false, true]) {
  test(`a finished recording goes from the spool into the store (${toS3 ? 's3' : 'file'}), and then has a row`, async () => {
    const { keeper, processId } = await openKeeper({ toS3 });
    const [key] = await calls();
    assert.ok(key);
    keeper.record(key, leg());
    const row = await untilRow(key);
    assert.partialDeepStrictEqual(row, {
      ...{ state: 'stored', problem: null, store: toS3 ? 's3' : 'file', blob_name: recordingBlobName(key) },
      ...{ bytes: 32_044, duration_ms: 1000, account_id: fixture.account.accountId },
    });
    const stores = openBlobStores({ folder: join(folder, 'store'), s3: s3.settings });
    assert.equal(await stores.of(row.store ?? 'file')?.exists(recordingBlobName(key)), true);
    await until(async () => (await spooled(processId)).length === 0, { what: 'an empty spool', timeoutMs: 20_000 });
  });
}

test('what the leg could not record is lost, and says why; what is wrong with the rest is said, too', async () => {
  const { keeper } = await openKeeper();
  const [lost, cut] = await calls();
  assert.ok(lost && cut);
  keeper.record(lost, { record: async () => ({ isKept: false, problem: 'the disk is nearly full' }) });
  keeper.record(cut, leg('its end is missing: media thread ended'));
  assert.partialDeepStrictEqual(await untilRow(lost), { state: 'lost', problem: 'the disk is nearly full' });
  const problem = 'its end is missing: media thread ended';
  assert.partialDeepStrictEqual(await untilRow(cut), { state: 'stored', problem });
});

test('while the store is away recordings wait, above the bound nothing is recorded, and all is stored when it is back', async () => {
  await s3.stop();
  const { keeper, processId } = await openKeeper({ toS3: true, maxSpoolBytes: 60_000 });
  const [first, second, third] = await calls();
  assert.ok(first && second && third);
  keeper.record(first, leg());
  keeper.record(second, leg());
  await until(async () => (await spooled(processId)).length === 2, { what: 'two in the spool', timeoutMs: 20_000 });
  // The spool is measured with the next try.
  const isRefused = (): boolean => {
    let isAsked = false;
    const record = async (): Promise<LegRecording> => {
      isAsked = true;
      return { isKept: false, problem: 'not measured yet' };
    };
    keeper.record(third, { record });
    return !isAsked;
  };
  await until(isRefused, { what: 'a full spool', timeoutMs: 30_000 });
  assert.equal(await rowOf(first), null);
  await s3.start();
  assert.partialDeepStrictEqual(await untilRow(first), { state: 'stored', store: 's3' });
  assert.partialDeepStrictEqual(await untilRow(second), { state: 'stored' });
  const problem = 'too much recorded audio waits for being stored';
  const isSaid = async (): Promise<boolean> => (await rowOf(third))?.problem === problem;
  await until(isSaid, { what: 'the word about the third', timeoutMs: 20_000 });
});

test('what a killed process left is stored by another one, cut off where it was', async () => {
  const [whole, part, nothing] = await calls();
  assert.ok(whole && part && nothing);
  const killed = randomUUID();
  await registerProcess(fixture.db, { processId: killed, kind: 'dialer', host: 'test', pid: 1 });
  const own = (name: string) => join(folder, 'spool', killed, name);
  await mkdir(dirname(own('x')), { recursive: true });
  await writeFile(own(recordingFileId(whole)), second);
  await writeFile(own(`${recordingFileId(part)}.part`), second.subarray(0, 16_046).fill(0, 40, 44));
  await writeFile(own(`${recordingFileId(nothing)}.part`), stereoWavHeader(8000, 0));
  await sql`update process set status = 'dead' where process_id = ${killed}`.execute(fixture.db);
  await openKeeper();
  assert.partialDeepStrictEqual(await untilRow(whole), { state: 'stored', problem: null, duration_ms: 1000 });
  assert.partialDeepStrictEqual(await untilRow(part), {
    ...{ state: 'stored', problem: 'its end is missing: the process that recorded it died', duration_ms: 500 },
  });
  assert.partialDeepStrictEqual(await untilRow(nothing), {
    ...{ state: 'lost', problem: 'the process that recorded it died, and nothing was on the disk' },
  });
});

test('what a living process has is left to it', async () => {
  const { processId } = await openKeeper({ uploader: { kind: 'file', put: () => Promise.reject(new Error('away')) } });
  const [key] = await calls();
  assert.ok(key);
  await writeFile(join(folder, 'spool', processId, recordingFileId(key)), second);
  const { keeper: other } = await openKeeper();
  await other.drain(20_000);
  assert.equal(await rowOf(key), null);
  assert.deepEqual(await spooled(processId), [recordingFileId(key)]);
});

test('the orderly end waits for what is recorded and stores it', async () => {
  const { keeper, processId } = await openKeeper();
  const [key] = await calls();
  assert.ok(key);
  const over = Promise.withResolvers<void>();
  keeper.record(key, {
    async record(file) {
      await over.promise;
      return leg().record(file);
    },
  });
  const drained = keeper.drain(20_000);
  over.resolve();
  await drained;
  assert.equal((await rowOf(key))?.state, 'stored');
  assert.deepEqual(await spooled(processId), []);
});
