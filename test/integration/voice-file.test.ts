import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { submitDirectCall } from '../../src/domain/direct/submit-direct.ts';
import { deleteUnusedPrompts, findPromptByKey, loadPrompt, storePrompt } from '../../src/domain/prompt/prompt-store.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import {
  deleteVoiceFiles,
  findVoiceFile,
  listVoiceFiles,
  storeVoiceFile,
} from '../../src/domain/voice-file/voice-file-store.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  directCallOf,
  submissionOf,
  unfinished,
  withKey,
} from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'voice files');
  accountId = fixture.account.accountId;
});
after(() => database.close());

const store = (fileName: string, account = accountId) =>
  storeVoiceFile(database.db, {
    accountId: account,
    fileName,
    sizeBytes: 10,
    promptId: fixture.promptId,
    ...unfinished,
  });

test('a prompt comes back sample by sample, and one key is stored once', async () => {
  const pcm = Int16Array.from([0, 1, -1, 32767, -32768, 255, 256]);
  const promptId = await storePrompt(database.db, { cacheKey: 'k', pcm, sampleRate: 8000 });
  assert.deepEqual(await loadPrompt(database.db, promptId), {
    promptId,
    cacheKey: 'k',
    sampleRate: 8000,
    durationMs: 1,
    pcm,
  });
  const again = { cacheKey: 'k', pcm: new Int16Array(1), sampleRate: 16_000 };
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => storePrompt(database.db, again))), [
    promptId,
    promptId,
    promptId,
  ]);
  assert.equal(await findPromptByKey(database.db, 'k'), promptId);
  assert.equal(await findPromptByKey(database.db, 'none'), null);
  assert.equal(await loadPrompt(database.db, 0), null);
});

test('a part of a larger buffer is stored as that part', async () => {
  const whole = Int16Array.from([1, 2, 3, 4, 5]);
  const promptId = await storePrompt(database.db, { cacheKey: 'part', pcm: whole.subarray(1, 3), sampleRate: 8000 });
  assert.deepEqual([...((await loadPrompt(database.db, promptId))?.pcm ?? [])], [2, 3]);
});

test('a name is unique in its account', async () => {
  const fileId = await store('unique.mp3');
  assert.match(fileId, /^1\d{8}[0-9a-f]{32}\.mp3$/);
  await assert.rejects(store('unique.mp3'), withKey('fileNameTaken'));
  const other = await createDomainFixture(database, 'voice files, other');
  const foreign = await store('unique.mp3', other.account.accountId);
  assert.equal((await findVoiceFile(database.db, accountId, fileId))?.fileName, 'unique.mp3');
  assert.equal(await findVoiceFile(database.db, accountId, foreign), null);
});

test('files are listed newest first, by page', async () => {
  const lister = await createDomainFixture(database, 'voice files, listing');
  const id = lister.account.accountId;
  const first = await store('first.wav', id);
  const second = await store('second.wav', id);
  const page = await listVoiceFiles(database.db, id, { current: 1, size: 2 });
  assert.deepEqual([page.total, page.pages, page.records.map((file) => file.fileId)], [3, 2, [second, first]]);
  const last = await listVoiceFiles(database.db, id, { current: 2, size: 2 });
  assert.deepEqual(
    last.records.map((file) => file.fileId),
    [lister.fileId],
  );
});

test('files are deleted all or none', async () => {
  const [first, second] = [await store('a.wav'), await store('b.wav')];
  const other = await createDomainFixture(database, 'voice files, deleting');
  await assert.rejects(
    deleteVoiceFiles(database.db, accountId, [first, 'gone', other.fileId, second]),
    (error: Error) => {
      assert.match(error.message, new RegExp(`gone, ${other.fileId}|${other.fileId}, gone`));
      assert.doesNotMatch(error.message, new RegExp(first));
      return withKey('unknownVoiceFile')(error);
    },
  );
  assert.ok(await findVoiceFile(database.db, accountId, first));
  await deleteVoiceFiles(database.db, accountId, [first, second, first]);
  assert.equal(await findVoiceFile(database.db, accountId, first), null);
  assert.equal(await findVoiceFile(database.db, accountId, second), null);
});

test('a task keeps the prompt of a deleted file, and garbage collection leaves what is used', async () => {
  const keep = await createDomainFixture(database, 'voice files, garbage');
  const taskId = await submitTask(database.db, keep.account.accountId, submissionOf(keep), keep.scheduling);
  await deleteVoiceFiles(database.db, keep.account.accountId, [keep.fileId]);
  const detail = await getTaskDetail(database.db, keep.account.accountId, taskId);
  assert.equal(detail.status, 1);
  assert.equal(detail.voiceFileName, null);
  const old = await storePrompt(database.db, { cacheKey: 'old', pcm: new Int16Array(1), sampleRate: 8000 });
  const read = await storePrompt(database.db, { cacheKey: 'read', pcm: new Int16Array(1), sampleRate: 8000 });
  await sql`update prompt set used_at = now() - interval '40 days'`.execute(database.db);
  await loadPrompt(database.db, read);
  const monthAgo = new Date(Date.now() - 30 * 86_400_000);
  assert.ok((await deleteUnusedPrompts(database.db, { prompt: monthAgo, directPrompt: monthAgo })) >= 1);
  assert.equal(await loadPrompt(database.db, old), null);
  assert.ok(await loadPrompt(database.db, read), 'used since');
  assert.ok(await loadPrompt(database.db, keep.promptId), 'a task plays it');
  assert.ok(await loadPrompt(database.db, fixture.promptId), 'a voice file holds it');
});

test('the prompt of a direct call is kept while it is called and two days longer, whatever its task says', async () => {
  const { db } = database;
  const direct = await createDomainFixture(database, 'voice files, direct');
  const promptId = await storePrompt(db, { cacheKey: 'a code', pcm: new Int16Array(1), sampleRate: 8000 });
  const call = directCallOf(direct, { promptId });
  const { taskId } = await submitDirectCall(db, call, direct.scheduling);
  await sql`update prompt set used_at = now() - interval '3 days'`.execute(db);
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  const unusedSince = { prompt: daysAgo(7), directPrompt: daysAgo(2) };
  assert.equal(await deleteUnusedPrompts(db, unusedSince), 0, 'it is still to be called');
  await callEverybody(direct, taskId, () => 50);
  assert.equal(await deleteUnusedPrompts(db, { ...unusedSince, directPrompt: daysAgo(4) }), 0, 'used since');
  assert.equal(await deleteUnusedPrompts(db, unusedSince), 1);
  assert.equal(await loadPrompt(db, promptId), null);
  assert.ok(await loadPrompt(db, direct.promptId), 'a voice file holds it');
});

test('what many direct calls say is kept for as long as their tasks', async () => {
  const { db } = database;
  const direct = await createDomainFixture(database, 'voice files, said often');
  const promptId = await storePrompt(db, { cacheKey: 'an alarm', pcm: new Int16Array(1), sampleRate: 8000 });
  const call = directCallOf(direct, { promptId });
  const { taskId } = await submitDirectCall(db, call, direct.scheduling);
  await callEverybody(direct, taskId, () => 50);
  await sql`
    insert into task (account_id, app_id, task_name, status, is_hidden, settings, prompt_id, max_call_s, number_count)
    select account_id, app_id, task_name, status, is_hidden, settings, prompt_id, max_call_s, number_count
      from task cross join generate_series(1, 100) where task_id = ${taskId}`.execute(db);
  await sql`update prompt set used_at = now() - interval '30 days' where prompt_id = ${promptId}`.execute(db);
  const week = { prompt: new Date(Date.now() - 7 * 86_400_000), directPrompt: new Date(Date.now() - 2 * 86_400_000) };
  assert.equal(await deleteUnusedPrompts(db, week), 0);
  await sql`delete from task where prompt_id = ${promptId} and task_id <> ${taskId}`.execute(db);
  assert.equal(await deleteUnusedPrompts(db, week), 1);
});
