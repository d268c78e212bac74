import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount } from '../../src/domain/account/account-store.ts';
import { recordsOf, signed } from '../support/api-server.ts';
import { later, openTaskApi, pick, type TaskApi } from '../support/api-task.ts';
import { at, numberAt, textAt } from '../support/json.ts';
import { goodMedia } from '../support/media-stats.ts';

let api: TaskApi;
before(async () => {
  api = await openTaskApi();
});
after(() => api.close());

const finish = (taskId: number) =>
  api.database.db.updateTable('task').set({ status: 2 }).where('task_id', '=', taskId).execute();

test('the last second of a span belongs to it as a whole', async () => {
  const taskId = await api.sent({ ...later, taskName: 'made at the end of a day' });
  const made = new Date('2026-01-31T15:59:59.9995Z');
  await api.database.db.updateTable('task').set({ created_at: made }).where('task_id', '=', taskId).execute();
  const params = { strTime: '2026-01-31 00:00:00', endTime: '2026-01-31 23:59:59' };
  const answer = await api.post('/v3/voice/group/call/query', { current: 1, size: 100, params });
  assert.deepEqual(
    recordsOf(answer).map((record) => at(record, 'taskId')),
    [taskId],
  );
});

test('query finds by span, status, app and words, newest first', async () => {
  const taskId = await api.sent({ ...later, taskName: 'findable 100% of it' });
  const params = { strTime: '2020-01-01 00:00:00', endTime: '2098-12-31 23:59:59', statusList: [] as unknown[] };
  const query = async (more: object) =>
    recordsOf(await api.post('/v3/voice/group/call/query', { current: 1, size: 100, params: { ...params, ...more } }));
  const found = await query({ searchCondition: '100% OF' });
  assert.deepEqual(
    found.map((record) =>
      pick(
        record,
        'taskId',
        'jobId',
        'status',
        'rate',
        'numCnt',
        'callNum',
        'success',
        'fail',
        'sendSmsNum',
        'successRate',
        'sendTime',
        'taskType',
      ),
    ),
    [
      {
        taskId,
        jobId: taskId,
        status: 0,
        rate: '0',
        numCnt: 1,
        callNum: 0,
        success: 0,
        fail: 0,
        sendSmsNum: 0,
        successRate: 0,
        sendTime: '2099-01-01 08:00:00',
        taskType: 1,
      },
    ],
  );
  assert.equal(at((await query({ statusList: [0, '0'] }))[0] ?? null, 'taskId'), taskId);
  assert.equal(at((await query({ statusList: Array(20).fill(0) }))[0] ?? null, 'taskId'), taskId);
  const ever = { strTime: '0001-01-01 00:00:00', endTime: '9999-12-31 23:59:59' };
  assert.equal(at((await query(ever))[0] ?? null, 'taskId'), taskId);
  assert.equal(at((await query({ searchCondition: 'HELLO.wav' }))[0] ?? null, 'taskId'), taskId, 'by the file played');
  const app = await api.database.db
    .selectFrom('app')
    .select('app_seq')
    .where('app_id', '=', api.appId)
    .executeTakeFirstOrThrow();
  assert.equal((await query({ searchCondition: 'findable', idxAppId: String(app.app_seq) })).length, 1);
  assert.equal((await query({ searchCondition: 'findable', statusList: [2] })).length, 0);
  assert.equal((await query({ searchCondition: 'findable', idxAppId: 999_999 })).length, 0);
  assert.equal((await query({ searchCondition: 'findable', taskType: 3 })).length, 0);
  assert.equal((await query({ searchCondition: 'findable', taskType: [1, 2] })).length, 1);
  for (const bad of [{ strTime: null }, { strTime: '2099-01-01 00:00:00' }, { statusList: [7] }, { taskType: 9 }]) {
    const answer = await api.post('/v3/voice/group/call/query', {
      current: 1,
      size: 10,
      params: { ...params, ...bad },
    });
    assert.equal(answer.code, -22, answer.msg);
  }
  assert.match((await api.post('/v3/voice/group/call/query', { current: 1, size: 10 })).msg, /^params: /);
});

test("another account's task does not exist", async () => {
  const taskId = await api.sent(later);
  const other = await createAccount(api.database.db, { name: api.unique() });
  const headers = signed(other, Date.now());
  const asked = await api.request(`/v3/voice/group/call/detail/${taskId}`, { headers });
  assert.deepEqual([asked.httpStatus, asked.code], [200, -24]);
  const cancelled = await api.request('/v3/voice/group/call/cancel', {
    method: 'POST',
    headers,
    body: { taskIdList: [taskId] },
  });
  assert.equal(cancelled.code, '-24');
  const records = await api.request('/v3/voice/group/call/records', {
    method: 'POST',
    headers,
    body: { params: { taskId } },
  });
  assert.equal(records.code, -24);
});

test('a waiting task is changed; what is left out stays', async () => {
  const taskId = await api.sent({
    ...later,
    loopCount: 3,
    displayNum: '12345',
    allowSendTime: [{ strTime: '08:00', endTime: '20:00' }],
  });
  const taskName = api.unique();
  const answer = await api.post('/v3/voice/group/call/update', {
    keyId: String(taskId),
    taskName,
    source: 1,
    voiceFileId: api.voiceFileId,
    maxCalls: 7,
  });
  assert.deepEqual([answer.code, answer.data], [0, null], answer.msg);
  assert.deepEqual(
    pick(await api.detail(taskId), 'taskName', 'loopCount', 'maxCalls', 'displayNum', 'sendTime', 'allowSendTime'),
    {
      taskName,
      loopCount: 3,
      maxCalls: 7,
      displayNum: '12345',
      sendTime: '2099-01-01 08:00:00',
      allowSendTime: [{ strTime: '08:00', endTime: '20:00' }],
    },
  );
  const running = await api.sent();
  const change = { taskName: api.unique(), source: 1, voiceFileId: api.voiceFileId };
  assert.equal((await api.post('/v3/voice/group/call/update', { keyId: running, ...change })).code, -37);
  assert.equal((await api.post('/v3/voice/group/call/update', { keyId: 1, ...change })).code, -24);
  assert.equal((await api.post('/v3/voice/group/call/update', { keyId: taskId, ...change, taskName: null })).code, -22);
});

test('suspend, resume and cancel are all or nothing, under both names', async () => {
  const [first, second] = [await api.sent(), await api.sent()];
  const control = (what: string, list: object) => api.post(`/v3/voice/group/call/${what}`, list);
  assert.deepEqual(await control('provisional', { jobIdList: [first, String(second)] }), {
    httpStatus: 200,
    code: '0',
    msg: 'success',
    status: '0',
    reason: 'success',
    data: null,
  });
  assert.equal(at(await api.detail(first), 'status'), 5);
  assert.equal((await control('resume', { taskIdList: [first] })).code, '0');
  const refused = await control('resume', { taskIdList: [first, second] });
  assert.equal(refused.code, '-54');
  assert.match(refused.msg, new RegExp(`${first} \\(calling\\)`));
  assert.equal(at(await api.detail(second), 'status'), 5);
  assert.equal((await control('cancel', { taskIdList: [first], jobIdList: [second] })).code, '0');
  assert.equal(at(await api.detail(second), 'status'), 4);
  assert.equal((await control('cancel', { taskIdList: [first] })).code, '-54');
  assert.equal((await control('cancel', { taskIdList: [1] })).code, '-24');
  for (const list of [{}, { taskIdList: [] }, { taskIdList: 'x' }, { taskIdList: ['x'] }, { taskIdList: [null] }]) {
    assert.equal((await control('cancel', list)).code, '-22');
  }
});

test('a finished task is sent again, with its own call length where none is given', async () => {
  const source = await api.sent({ maxCalls: 77, numberList: ['8613242926514', '8613242926515'] });
  const resend = (fields: object) =>
    api.post('/v3/voice/group/call/resend', {
      keyId: source,
      taskName: api.unique(),
      source: 1,
      voiceFileId: api.voiceFileId,
      resendType: 0,
      ...fields,
    });
  assert.equal((await resend({})).code, -54);
  await finish(source);
  const answer = await resend(later);
  assert.equal(answer.code, 0, answer.msg);
  assert.deepEqual(
    pick(await api.detail(numberAt(answer.data)), 'maxCalls', 'loopCount', 'numCnt', 'sourceTaskId', 'appId'),
    {
      maxCalls: 77,
      loopCount: 1,
      numCnt: 2,
      sourceTaskId: source,
      appId: api.appId,
    },
  );
  assert.equal((await resend({ keyId: 1 })).code, -24);
  assert.equal((await resend({ resendType: 2 })).code, -22);
  assert.equal((await resend({ taskName: null })).code, -22);
});

test('records name every callee, also those that were not called yet', async () => {
  const taskId = await api.sent({
    ...later,
    numberList: null,
    numberInfoList: [{ calleeNumber: '8613242926514', text2: 'b' }, { calleeNumber: '8613242926515' }],
  });
  const answer = await api.post('/v3/voice/group/call/records', { params: { taskId } });
  assert.deepEqual(pick(answer.data, 'total', 'current', 'size', 'pages'), {
    total: 2,
    current: 1,
    size: 25,
    pages: 1,
  });
  assert.deepEqual(
    recordsOf(answer).map((record) =>
      pick(record, 'seq', 'callee', 'text1', 'text2', 'taskId', 'callStatus', 'voiceId', 'feedbackValue', 'submitTime'),
    ),
    [
      {
        seq: 1,
        callee: '8613242926514',
        text1: null,
        text2: 'b',
        taskId,
        callStatus: null,
        voiceId: null,
        feedbackValue: null,
        submitTime: null,
      },
      {
        seq: 2,
        callee: '8613242926515',
        text1: null,
        text2: null,
        taskId,
        callStatus: null,
        voiceId: null,
        feedbackValue: null,
        submitTime: null,
      },
    ],
  );
  assert.equal(
    recordsOf(await api.post('/v3/voice/group/call/records', { params: { taskId, number: '8613242926515' } })).length,
    1,
  );
  assert.equal(
    recordsOf(await api.post('/v3/voice/group/call/records', { params: { taskId, callStatusList: [50] } })).length,
    0,
  );
  assert.equal((await api.post('/v3/voice/group/call/records', { params: {} })).code, -22);
  assert.equal(
    (await api.post('/v3/voice/group/call/records', { params: { taskId, callStatusList: [51] } })).code,
    -22,
  );
});

test('a call that ended is a record, by task, by id and by span', async () => {
  const taskId = await api.sent();
  const task = await api.database.db
    .selectFrom('task')
    .select('created_day')
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  const answered = new Date('2024-06-20T16:00:10Z');
  await api.database.db
    .insertInto('call')
    .values({
      created_day: task.created_day,
      task_id: taskId,
      seq: 1,
      account_id: api.account.accountId,
      process_id: '00000000-0000-0000-0000-000000000001',
      trunk_id: null,
      number: '8613242926514',
      display_num: '100',
      state: 'ended',
      invited_at: answered,
      ringing_at: answered,
      answered_at: answered,
      ended_at: new Date(answered.getTime() + 4200),
      outcome_class: 'success',
      call_status: 50,
      termination_code: '0',
      termination_reason: 'OK',
      sip_status: 200,
      q850_cause: 16,
      end_reason: 'Normal Clearing',
      feedback_value: '5',
      digits: '51',
      media: JSON.stringify(goodMedia),
    })
    .execute();
  const record = recordsOf(await api.post('/v3/voice/group/call/records', { params: { taskId } }))[0] ?? null;
  const expected = {
    callee: '8613242926514',
    callStatus: 50,
    terminationCode: '0',
    terminationReason: 'OK',
    sipCode: '200',
    feedbackValue: '5',
    callDuration: 5,
    answerTime: '2024-06-21T00:00:10+08:00',
    taskId,
    sourceTaskId: null,
    recordingFileId: null,
    voiceFileId: api.voiceFileId,
    cost: '0',
    displayNum: '100',
  };
  assert.deepEqual(pick(record, ...Object.keys(expected)), expected);
  assert.equal(at(record, 'digits'), '51');
  assert.equal(at(record, 'causeCode'), 16);
  assert.deepEqual(pick(record, 'media', 'machine'), { media: goodMedia, machine: null });
  const one = await api.request(`/v3/voice/recordGroup/${textAt(record, 'voiceId')}`);
  assert.deepEqual(pick(one.data, ...Object.keys(expected)), expected);
  assert.equal((await api.request('/v3/voice/recordGroup/nothing')).code, -22);
  const day = 86_400_000;
  const params = {
    strTime: new Date(Date.now() - day).toISOString(),
    endTime: new Date(Date.now() + day).toISOString(),
  };
  const listed = await api.post('/v3/voice/recordGroupQuery', { current: 1, size: 25, params });
  assert.equal(at(listed.data, 'searchCount'), true);
  assert.ok(recordsOf(listed).some((entry) => at(entry, 'voiceId') === at(record, 'voiceId')));
  const tooLong = { ...params, strTime: new Date(Date.now() - 40 * day).toISOString() };
  assert.equal((await api.post('/v3/voice/recordGroupQuery', { current: 1, size: 25, params: tooLong })).code, -22);
  const tooOld = {
    strTime: new Date(Date.now() - 64 * day).toISOString(),
    endTime: new Date(Date.now() - 40 * day).toISOString(),
  };
  const refused = await api.post('/v3/voice/recordGroupQuery', { current: 1, size: 25, params: tooOld });
  assert.match(refused.reason, /^params.strTime: must be within the last 62 days/);
});
