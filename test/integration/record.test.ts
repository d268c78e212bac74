import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getRecord, listRecords } from '../../src/domain/record/record-query.ts';
import { listResults } from '../../src/domain/task/results.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  submissionOf,
  withKey,
} from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;
let taskId: number;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'records');
  accountId = fixture.account.accountId;
  taskId = await submitTask(database.db, accountId, submissionOf(fixture), fixture.scheduling);
  await callEverybody(fixture, taskId, (seq) => (seq === 1 ? 50 : 10));
});
after(() => database.close());

const span = () => ({ from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 60_000) });

test('records of a span, newest first, by page', async () => {
  const page = await listRecords(database.db, accountId, span(), { current: 1, size: 2 });
  assert.deepEqual([page.total, page.pages], [3, 2]);
  assert.deepEqual(
    page.records.map((record) => record.seq),
    [3, 2],
  );
  const rest = await listRecords(database.db, accountId, span(), { current: 2, size: 2 });
  assert.deepEqual(
    rest.records.map((record) => record.callee),
    ['8613242926514'],
  );
  const past = { from: new Date(Date.now() - 7_200_000), to: new Date(Date.now() - 3_600_000) };
  assert.equal((await listRecords(database.db, accountId, past, { current: 1, size: 2 })).total, 0);
});

test('a record is found by its id, by its account only', async () => {
  const page = await listResults(
    database.db,
    accountId,
    { taskId, callStatusList: [50], number: null },
    { current: 1, size: 1 },
  );
  const record = page.records[0]?.record;
  assert.ok(record);
  assert.deepEqual(await getRecord(database.db, accountId, record.voiceId), record);
  assert.equal(record.taskId, taskId);
  assert.equal(record.callDurationS, 5);
  assert.equal(record.callStatus, 50);
  assert.equal(record.terminationCode, '0');
  assert.equal(record.sipStatus, 200);
  assert.equal(record.voiceFileId, fixture.fileId);
  assert.equal(record.feedbackValue, null);
  const other = await createDomainFixture(database, 'records, other');
  await assert.rejects(getRecord(database.db, other.account.accountId, record.voiceId), withKey('unknownRecord'));
  for (const voiceId of ['', 'x', '2602305000602000017', record.voiceId.replace(/.$/, '9')]) {
    await assert.rejects(getRecord(database.db, accountId, voiceId), withKey('unknownRecord'), voiceId);
  }
});

test('a failed call has no duration, and its reason', async () => {
  const page = await listResults(
    database.db,
    accountId,
    { taskId, callStatusList: [10], number: null },
    { current: 1, size: 1 },
  );
  const record = page.records[0]?.record;
  assert.deepEqual(
    [record?.callDurationS, record?.ringDurationS, record?.terminationCode, record?.outcomeClass, record?.answerTime],
    [0, 5, '486', 'callee', null],
  );
});
