import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createAccount } from '../../src/domain/account/account-store.ts';
import { runDueNode } from '../../src/domain/recall/due.ts';
import { recordingBlobName, recordingFileId } from '../../src/domain/recording/recording-name.ts';
import { writeRecording } from '../../src/domain/recording/recording-store.ts';
import { openBlobStores, type StoreSettings } from '../../src/storage/blob-stores.ts';
import { signed } from '../support/api-server.ts';
import { later, openTaskApi, pick, type TaskApi } from '../support/api-task.ts';
import { callEverybody, testScheduling } from '../support/domain-fixture.ts';
import { at, listAt, numberAt, textAt } from '../support/json.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const content = Buffer.from(Array.from({ length: 1000 }, (_, index) => index & 0xff));

let folder: string;
let s3: S3Server;
let settings: StoreSettings;
let api: TaskApi;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-api-recording-'));
  s3 = await startS3Server();
  settings = { folder: join(folder, 'store'), s3: s3.settings };
  api = await openTaskApi({ stores: settings });
});
after(async () => {
  await api.close();
  await s3.close();
  await rm(folder, { recursive: true });
});

/** A called task whose first callee's recording lies in the store of that kind; its file id. */
async function recorded(kind: 'file' | 's3'): Promise<{ taskId: number; fileId: string; blobName: string }> {
  const { db } = api.database;
  const taskId = await api.sent({ enableRecording: 1 });
  await callEverybody({ db, scheduling: testScheduling() }, taskId, () => 50);
  const { created_day: createdDay } = await db
    .selectFrom('task')
    .select('created_day')
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  const key = { createdDay, taskId, seq: 1 };
  const blobName = recordingBlobName(key);
  const source = join(folder, 'source');
  await writeFile(source, content);
  await openBlobStores(settings).of(kind)?.put(blobName, source);
  await writeRecording(db, key, {
    ...{ state: 'stored', store: kind, blobName, bytes: content.length, durationMs: 20, problem: null },
  });
  return { taskId, fileId: recordingFileId(key), blobName };
}

const linkOf = (fileId: string, query = '') =>
  api.request(`/v3/voice/getRecordingFileUrl?recordingFileId=${fileId}${query}`);

/** The path and query of a file's link. */
async function pathTo(fileId: string): Promise<string> {
  const { pathname, search } = new URL(textAt((await linkOf(fileId)).data, 'url'));
  return pathname + search;
}

const get = (url: string, headers: Record<string, string> = {}) => api.inject({ url, headers });

describe('enableRecording', () => {
  it('is off unless asked for, and shown in the detail', async () => {
    assert.deepEqual(pick(await api.detail(await api.sent()), 'enableRecording'), { enableRecording: 0 });
    assert.deepEqual(pick(await api.detail(await api.sent({ enableRecording: 1 })), 'enableRecording'), {
      enableRecording: 1,
    });
    assert.match((await api.send({ enableRecording: 2 })).msg, /enableRecording: must be one of 0, 1/);
  });

  it('stays as it is in an update that does not name it', async () => {
    const keyId = await api.sent({ ...later, enableRecording: 1 });
    const change = { keyId, taskName: api.unique(), source: 1, voiceFileId: api.voiceFileId };
    assert.equal((await api.post('/v3/voice/group/call/update', change)).code, 0);
    assert.equal(at(await api.detail(keyId), 'enableRecording'), 1);
    assert.equal((await api.post('/v3/voice/group/call/update', { ...change, enableRecording: 0 })).code, 0);
    assert.equal(at(await api.detail(keyId), 'enableRecording'), 0);
  });

  it('is said anew in a resend, and taken over by recall rounds', async () => {
    const { db } = api.database;
    const scheduling = testScheduling();
    const recallFlow = { recallType: 0, recallInterval: 1, recallNum: 1 };
    const keyId = await api.sent({ enableRecording: 1, recallFlow });
    await callEverybody({ db, scheduling }, keyId, () => 50);
    const node = await db
      .selectFrom('recall_node as n')
      .innerJoin('recall_flow as f', 'f.flow_id', 'n.flow_id')
      .select('n.node_id')
      .where('f.task_id', '=', keyId)
      .executeTakeFirstOrThrow();
    scheduling.advance(61_000);
    assert.equal(await runDueNode(db, node.node_id, scheduling), 'started');
    const child = await db
      .selectFrom('task')
      .select(['task_id', 'is_recorded'])
      .where('source_task_id', '=', keyId)
      .executeTakeFirstOrThrow();
    assert.equal(child.is_recorded, true);
    const resend = { keyId, taskName: api.unique(), source: 1, voiceFileId: api.voiceFileId, resendType: 0 };
    const plain = await api.post('/v3/voice/group/call/resend', resend);
    assert.equal(at(await api.detail(numberAt(plain.data)), 'enableRecording'), 0);
    const again = { ...resend, taskName: api.unique(), enableRecording: 1 };
    const both = await api.post('/v3/voice/group/call/resend', again);
    assert.equal(at(await api.detail(numberAt(both.data)), 'enableRecording'), 1);
  });
});

describe('a record', () => {
  it('has the recordingFileId, in group/call/records, recordGroup and the admin API', async () => {
    const { taskId, fileId } = await recorded('file');
    const records = await api.post('/v3/voice/group/call/records', { params: { taskId } });
    const [record] = listAt(records.data, 'records');
    assert.ok(record !== undefined);
    const expected = { recordingFileId: fileId, recordingState: 'stored', recordingProblem: null };
    assert.deepEqual(pick(record, 'recordingFileId', 'recordingState', 'recordingProblem'), expected);
    const one = await api.request(`/v3/voice/recordGroup/${textAt(record, 'voiceId')}`);
    assert.equal(at(one.data, 'recordingFileId'), fileId);
    const { body } = await api.admin('GET', `/tasks/${taskId}/calls/1`);
    assert.deepEqual(at(body, 'recording'), { state: 'stored', fileId, problem: null, durationMs: 20 });
  });
});

describe('getRecordingFileUrl', () => {
  it('gives a link to where the request came, and when it ends', async () => {
    const { fileId } = await recorded('file');
    const before = Date.now();
    const answer = await linkOf(fileId, '&sourceType=group');
    assert.equal(answer.status, '0', answer.reason);
    assert.match(
      textAt(answer.data, 'url'),
      new RegExp(`^http://localhost:80/recordings/${fileId}\\?expires=\\d{13}&`),
    );
    const expireTime = numberAt(answer.data, 'expireTime');
    assert.ok(expireTime >= before + 3_600_000 && expireTime <= Date.now() + 3_600_000);
  });

  it('says what is wrong', async () => {
    const { fileId } = await recorded('file');
    assert.match((await linkOf('')).msg, /recordingFileId/);
    assert.match((await linkOf('123.wav')).msg, /there is no recording 123.wav/);
    assert.match((await linkOf(fileId, '&sourceType=sip')).msg, /desk phones are not recorded/);
    assert.match((await linkOf(fileId, '&sourceType=x')).msg, /sourceType: must be one of group, sip/);
    const other = await createAccount(api.database.db, { name: 'other' });
    const foreign = await api.request(`/v3/voice/getRecordingFileUrl?recordingFileId=${fileId}`, {
      headers: signed(other, Date.now()),
    });
    assert.equal(foreign.code, -22);
  });

  it('begins with the public address where there is one', async () => {
    const own = await openTaskApi({ stores: settings, publicUrl: 'https://calls.example.com/c' });
    try {
      const { db } = own.database;
      const taskId = await own.sent({ enableRecording: 1 });
      await callEverybody({ db, scheduling: testScheduling() }, taskId, () => 50);
      const { created_day: createdDay } = await db.selectFrom('task').select('created_day').executeTakeFirstOrThrow();
      const key = { createdDay, taskId, seq: 1 };
      const blobName = recordingBlobName(key);
      await writeRecording(db, key, {
        ...{ state: 'stored', store: 'file', blobName, bytes: 1, durationMs: 1, problem: null },
      });
      const answer = await own.request(`/voice/getRecordingFileUrl?recordingFileId=${recordingFileId(key)}`);
      assert.match(textAt(answer.data, 'url'), /^https:\/\/calls\.example\.com\/c\/recordings\//);
    } finally {
      await own.close();
    }
  });

  it('is there for operators, too', async () => {
    const { taskId } = await recorded('file');
    const { body } = await api.admin('GET', `/tasks/${taskId}/calls/1/recording`);
    const { pathname, search } = new URL(textAt(body, 'url'));
    assert.equal((await get(pathname + search)).statusCode, 200);
    const missing = await api.admin('GET', `/tasks/${await api.sent(later)}/calls/1/recording`);
    assert.equal(missing.status, 404);
  });
});

for (const kind of ['file', 's3'] as const) {
  describe(`a link into the store ${kind}`, () => {
    it('leads to the recording, without authentication', async () => {
      const { fileId } = await recorded(kind);
      const response = await get(await pathTo(fileId));
      assert.equal(response.statusCode, 200);
      assert.ok(content.equals(response.rawPayload));
      const { headers } = response;
      assert.deepEqual(
        [headers['content-type'], headers['content-length'], headers['accept-ranges'], headers['cache-control']],
        ['audio/wav', '1000', 'bytes', 'private, no-store'],
      );
      assert.equal(headers['content-disposition'], `inline; filename="${fileId}"`);
    });

    it('leads to a part of it', async () => {
      const { fileId } = await recorded(kind);
      const path = await pathTo(fileId);
      const part = await get(path, { range: 'bytes=100-199' });
      assert.equal(part.statusCode, 206);
      assert.equal(part.headers['content-range'], 'bytes 100-199/1000');
      assert.ok(content.subarray(100, 200).equals(part.rawPayload));
      const end = await get(path, { range: 'bytes=-10' });
      assert.ok(content.subarray(990).equals(end.rawPayload));
      const behind = await get(path, { range: 'bytes=1000-' });
      assert.deepEqual([behind.statusCode, behind.headers['content-range']], [416, 'bytes */1000']);
    });

    it('says its length to who only asks', async () => {
      const { fileId } = await recorded(kind);
      const head = await api.inject({ method: 'HEAD', url: await pathTo(fileId) });
      assert.deepEqual([head.statusCode, head.headers['content-length'], head.body], [200, '1000', '']);
    });

    it('says when the recording is gone', async () => {
      const { fileId, blobName } = await recorded(kind);
      const path = await pathTo(fileId);
      await openBlobStores(settings).of(kind)?.delete(blobName);
      const gone = await get(path);
      assert.deepEqual([gone.statusCode, gone.body], [404, 'The recording is not in its store any more.\n']);
    });
  });
}

describe('a link', () => {
  it('holds for its own file and time only', async () => {
    const { fileId } = await recorded('file');
    const { fileId: other } = await recorded('file');
    const path = await pathTo(fileId);
    const forgeries = [
      path.replace(fileId, other),
      path.replace(/expires=\d/, 'expires=2'),
      path.replace(/signature=.{6}/, 'signature=AAAAAA'),
      path.replace(/&signature=.*/, ''),
      path.replace(/\?.*/, ''),
      `${path}AAAA`,
    ];
    for (const forgery of forgeries) {
      const response = await get(forgery);
      assert.equal(response.statusCode, 403, forgery);
      assert.match(response.body, /^This link does not hold/);
      assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8');
    }
  });

  it('expires', async () => {
    const { fileId } = await recorded('file');
    const path = await pathTo(fileId);
    api.setNow(Date.now() + 3_600_001);
    const response = await get(path);
    api.setNow(null);
    assert.equal(response.statusCode, 403);
    assert.match(response.body, /^This link has expired/);
  });

  it('is not guessed: who sends many wrong ones from an address is told to wait, and right ones still work', async () => {
    const { fileId } = await recorded('file');
    const statuses = new Set<number>();
    for (let guess = 0; guess < 70; guess += 1)
      statuses.add((await get(`/recordings/${fileId}?signature=${guess}`)).statusCode);
    assert.deepEqual([...statuses], [403, 429]);
    assert.equal((await get(await pathTo(fileId))).statusCode, 200);
  });
});
