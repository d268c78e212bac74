import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { storePrompt } from '../../src/domain/prompt/prompt-store.ts';
import { insertCallees } from '../../src/domain/task/callee-store.ts';
import { reserveTask } from '../../src/domain/task/create.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import { listResults } from '../../src/domain/task/results.ts';
import { startTask } from '../../src/domain/task/start.ts';
import type { SubmittedCallee } from '../../src/domain/task/submission.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { storeVoiceFile } from '../../src/domain/voice-file/voice-file-store.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  createDomainFixture,
  type DomainFixture,
  flowOf,
  numbersOf,
  settingsOf,
  statusOfTask,
  submissionOf,
  unfinished,
  withKey,
} from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'submit');
  accountId = fixture.account.accountId;
});
after(() => database.close());

async function count(table: 'task' | 'callee' | 'recall_flow' | 'voice_file'): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(database.db);
  return rows[0]?.n ?? -1;
}

test('a submission with a file is calling at once, and the dialers are told', async () => {
  const told = Promise.withResolvers<string>();
  const stop = await database.listen('carillon_task', told.resolve);
  const callees: SubmittedCallee[] = [
    { number: '8613242926514', variables: ['Tom', null, 'a "quote", a \\ and {braces},\na\tline', '', 'NULL', '\\N'] },
    { number: '4915112345678', variables: null },
  ];
  const submission = submissionOf(fixture, { taskName: 'file', callees, duplicateCount: 3, invalidCount: 1 });
  const taskId = await submitTask(database.db, accountId, submission, fixture.scheduling);
  assert.equal(await told.promise, String(taskId));
  await stop();
  const detail = await getTaskDetail(database.db, accountId, taskId);
  assert.equal(detail.status, 1);
  assert.equal(detail.numberCount, 2);
  assert.equal(detail.duplicateCount, 3);
  assert.equal(detail.invalidCount, 1);
  assert.equal(detail.voiceFileName, 'hello.wav');
  assert.deepEqual({ ...detail.settings }, submission.settings);
  assert.deepEqual(detail.plan, submission.plan);
  const page = await listResults(
    database.db,
    accountId,
    { taskId, callStatusList: [], number: null },
    { current: 1, size: 10 },
  );
  assert.deepEqual(
    page.records.map(({ number, variables }) => ({ number, variables })),
    callees,
  );
});

test('a send time makes the task wait, and its job starts it once', async () => {
  const sendTime = new Date(fixture.scheduling.clock.now() + 3_600_000);
  const taskId = await submitTask(
    database.db,
    accountId,
    submissionOf(fixture, { taskName: 'later', sendTime }),
    fixture.scheduling,
  );
  assert.equal(await statusOfTask(database.db, taskId), 0);
  assert.deepEqual(fixture.scheduling.enqueued.at(-1), { name: 'task.start', data: { taskId }, startAfter: sendTime });
  assert.equal(await startTask(database.db, taskId, fixture.scheduling), false, 'not yet');
  assert.deepEqual(fixture.scheduling.enqueued.at(-1), { name: 'task.start', data: { taskId }, startAfter: sendTime });
  fixture.scheduling.advance(3_600_000);
  const started = await Promise.all([1, 2, 3].map(() => startTask(database.db, taskId, fixture.scheduling)));
  assert.equal(started.filter(Boolean).length, 1);
  assert.equal(await statusOfTask(database.db, taskId), 1);
});

test('an upload of the same request is there with the task, or not at all', async () => {
  const pcm = new Int16Array(4000);
  const submit = (appId: string, taskName: string) =>
    database.db.transaction().execute(async (tx) => {
      const promptId = await storePrompt(tx, { cacheKey: `upload:${taskName}`, pcm, sampleRate: 8000 });
      const voiceFileId = await storeVoiceFile(tx, {
        accountId,
        fileName: `${taskName}.wav`,
        sizeBytes: 1,
        promptId,
        ...unfinished,
      });
      const settings = settingsOf({ source: 2, voiceFileId, uploadName: `${taskName}.wav` });
      return submitTask(tx, accountId, submissionOf(fixture, { appId, taskName, settings }), fixture.scheduling);
    });
  const before = await count('voice_file');
  await assert.rejects(submit('nosuchap', 'upload'), withKey('unknownApp'));
  assert.equal(await count('voice_file'), before);
  const taskId = await submit(fixture.appId, 'upload');
  assert.equal(await count('voice_file'), before + 1);
  assert.equal((await getTaskDetail(database.db, accountId, taskId)).voiceFileName, 'upload.wav');
});

test('a refused submission leaves nothing', async () => {
  const counts = () => Promise.all([count('task'), count('callee'), count('recall_flow')]);
  const before = await counts();
  const refused = (fields: Parameters<typeof submissionOf>[1]) =>
    submitTask(database.db, accountId, submissionOf(fixture, { taskName: 'refused', ...fields }), fixture.scheduling);
  const gone = settingsOf({ voiceFileId: '1gone.wav' });
  await assert.rejects(refused({ settings: gone }), withKey('unknownVoiceFile'));
  await assert.rejects(refused({ recallFlow: flowOf({ nodes: [gone] }) }), withKey('unknownVoiceFile'));
  await assert.rejects(refused({ appId: 'nosuchap' }), withKey('unknownApp'));
  await assert.rejects(refused({ callees: [] }), withKey('noNumber'));
  await assert.rejects(refused({ taskName: 'file' }), withKey('taskNameTaken'));
  assert.deepEqual(await counts(), before);
});

test('of two submissions with one name at the same time exactly one is accepted', async () => {
  const submission = submissionOf(fixture, { taskName: 'race', recallFlow: flowOf() });
  const results = await Promise.allSettled(
    [1, 2, 3, 4].map(() => submitTask(database.db, accountId, submission, fixture.scheduling)),
  );
  const refusals = results.filter((result) => result.status === 'rejected');
  assert.equal(refusals.length, 3);
  for (const refusal of refusals) assert.ok(withKey('taskNameTaken')(refusal.reason));
  const other = await createDomainFixture(database, 'another account');
  await submitTask(database.db, other.account.accountId, submissionOf(other, { taskName: 'race' }), other.scheduling);
});

test('a COPY that fails rolls everything back and leaves the connection usable', async () => {
  const callees = [{ number: '8613242926514', variables: null }];
  const attempt = database.db.transaction().execute(async (tx) => {
    const place = await reserveTask(tx, fixture.scheduling);
    await insertCallees(tx, place, callees);
    await insertCallees(tx, place, callees);
  });
  await assert.rejects(attempt, /duplicate key value/);
  const broken = database.db.transaction().execute(async (tx) => {
    const place = await reserveTask(tx, fixture.scheduling);
    const fails = {
      ...callees[0],
      get number(): string {
        throw new Error('no such number');
      },
      variables: null,
    };
    await insertCallees(tx, place, [fails]);
  });
  await assert.rejects(broken, /no such number/);
  const taskId = await submitTask(
    database.db,
    accountId,
    submissionOf(fixture, { taskName: 'after' }),
    fixture.scheduling,
  );
  assert.equal((await numbersOf(database.db, taskId)).length, 3);
});

test('200,000 callees arrive complete and in order', async (t) => {
  const callees = Array.from({ length: 200_000 }, (_, index) => ({
    number: `86132${String(index).padStart(8, '0')}`,
    variables: index % 2 === 0 ? null : [`name ${index}`],
  }));
  const started = performance.now();
  const taskId = await submitTask(
    database.db,
    accountId,
    submissionOf(fixture, { taskName: 'large', callees }),
    fixture.scheduling,
  );
  t.diagnostic(`200,000 callees submitted in ${Math.round(performance.now() - started)} ms`);
  const numbers = await numbersOf(database.db, taskId);
  assert.equal(numbers.length, 200_000);
  assert.ok(numbers.every((number, index) => number === callees[index]?.number));
  const page = await listResults(
    database.db,
    accountId,
    { taskId, callStatusList: [], number: null },
    { current: 2000, size: 100 },
  );
  assert.equal(page.total, 200_000);
  assert.deepEqual(page.records.at(-1)?.variables, ['name 199999']);
});

test('a task of another day goes to that day, whose partition is made', async () => {
  const far = await createDomainFixture(database, 'far');
  far.scheduling.advance(40 * 86_400_000);
  const day = new Date(far.scheduling.clock.now()).toISOString().slice(0, 10);
  const submit = (taskName: string) =>
    submitTask(database.db, far.account.accountId, submissionOf(far, { taskName }), far.scheduling);
  const taskIds = await Promise.all(['a', 'b', 'c'].map(submit));
  for (const taskId of taskIds) assert.equal((await numbersOf(database.db, taskId)).length, 3);
  const { rows } = await sql<{ partition: string; day: string }>`
    select distinct tableoid::regclass::text as partition, created_day as day from callee
     where task_id = any(${taskIds}::bigint[])`.execute(database.db);
  assert.deepEqual(rows, [{ partition: `callee_${day.replaceAll('-', '')}`, day }]);
});
