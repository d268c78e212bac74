import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAccount } from '../../src/domain/account/account-store.ts';
import { openTestApi, recordsOf, signed, type TestApi } from '../support/api-server.ts';
import { at, type Json, numberAt, textAt } from '../support/json.ts';
import { toneSequence } from '../support/tone.ts';
import { encodeWav } from '../support/wav.ts';

let api: TestApi;
let voiceFileId: string;
before(async () => {
  api = await openTestApi();
  const uploaded = await api.post('/v3/voice/fileUpload', { fileName: 'hello.wav', file: wav });
  voiceFileId = textAt(uploaded.data);
});
after(() => api.close());

const wav = encodeWav(toneSequence([440], 0.2, 0), 1).toString('base64');
let taskCount = 0;
const unique = (): string => `task ${++taskCount}`;

/** What every request below has in common; a `null` takes a field out. */
const body = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  appId: api.appId,
  taskName: unique(),
  numberList: ['8613242926514'],
  source: 1,
  voiceFileId,
  loopCount: 1,
  maxCalls: 40,
  ...fields,
});
const send = (fields: Record<string, unknown> = {}) => api.post('/v3/voice/group/call/send', body(fields));
const sent = async (fields: Record<string, unknown> = {}): Promise<number> => {
  const answer = await send(fields);
  assert.equal(answer.code, 0, answer.msg);
  return numberAt(answer.data);
};
const detail = async (taskId: number): Promise<Json> => {
  const answer = await api.request(`/v3/voice/group/call/detail/${taskId}`);
  assert.equal(answer.code, 0, answer.msg);
  return answer.data;
};
const later = { sendTime: '2099-01-01 08:00:00' };
const pick = (value: Json, ...names: string[]): Record<string, Json> =>
  Object.fromEntries(names.map((name) => [name, at(value, name)]));
const finish = (taskId: number) =>
  api.database.db.updateTable('task').set({ status: 2 }).where('task_id', '=', taskId).execute();

test('a task with everything as text, nulls, and fields that nobody knows', async () => {
  const taskId = await sent({
    displayNum: '1008122211',
    source: '3',
    voiceFileId: null,
    text: `Hello \${text1}`,
    lan: 'EN',
    accent: 91,
    ssmlGender: '2',
    speakingRate: '1.5',
    delayPlay: '3',
    delayHangup: null,
    maxRingingTime: null,
    loopCount: '2',
    maxCalls: '40',
    sendTime: null,
    allowSendTime: [{ strTime: '22:00', endTime: '06:00' }],
    hangUpSms: 0,
    feedbackValue: 0,
    toSeat: 0,
    toSeatKey: 0,
    numberList: null,
    numberInfoList: [{ calleeNumber: 8613242926514, text1: 'Tom' }],
    recallFlow: null,
    somethingElse: { a: 1 },
  });
  assert.deepEqual(
    pick(
      await detail(taskId),
      ...['taskId', 'jobId', 'status', 'displayNum', 'source', 'voiceFileId', 'text', 'lan', 'accent', 'ssmlGender'],
      ...['speakingRate', 'delayPlay', 'delayHangup', 'maxRingingTime', 'loopCount', 'maxCalls', 'sendTime'],
      ...['allowSendTime', 'hangUpSms', 'feedbackValue', 'toSeat', 'toSeatKey', 'numCnt', 'recallFlowId'],
    ),
    {
      taskId,
      jobId: taskId,
      status: 6,
      displayNum: '1008122211',
      source: 3,
      voiceFileId: null,
      text: `Hello \${text1}`,
      lan: 'EN',
      accent: '91',
      ssmlGender: 2,
      speakingRate: 1.5,
      delayPlay: 3,
      delayHangup: 0,
      maxRingingTime: 60,
      loopCount: 2,
      maxCalls: 40,
      sendTime: null,
      allowSendTime: [{ strTime: '22:00', endTime: '06:00' }],
      hangUpSms: 0,
      feedbackValue: '0',
      toSeat: 0,
      toSeatKey: '0',
      numCnt: 1,
      recallFlowId: null,
    },
  );
});

test('detail has every field of the contract and ours, absent ones as null', async () => {
  const fields = await detail(await sent(later));
  const documented =
    'jobId taskName displayNum text status rate numCnt chargeLen success fail toseatNum successRate toseatNumRate sendTime createdTime mdfTime appId source voiceFileId calloutRate finishTime keyFeedbackNum uploadName baseFile callLossNum callDuration callLossNumRate code maxCalls loopCount lan allCallToseatNum callTotal acd sipGroupName receivedSeatNum onineSeatNum taskId duplicateNum invalidNum waitingReason';
  for (const name of documented.split(' ')) assert.notEqual(at(fields, name), undefined, name);
  assert.equal(at(fields, 'sendTime'), '2099-01-01 08:00:00');
  assert.equal(at(fields, 'status'), 0);
  assert.match(textAt(fields, 'createdTime'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.equal(at(fields, 'acd'), '0');
});

test('times without zone are the account’s: Shanghai', async () => {
  const taskId = await sent(later);
  const task = await api.database.db
    .selectFrom('task')
    .select('send_time')
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  assert.equal(task.send_time?.toISOString(), '2099-01-01T00:00:00.000Z');
});

test('a send time in the past means now', async () => {
  const taskId = await sent({ sendTime: '2020-01-01 00:00:00' });
  assert.deepEqual(pick(await detail(taskId), 'status', 'sendTime'), { status: 1, sendTime: null });
});

test('duplicates collapse, skipInvalid takes the good rows', async () => {
  const numberList = ['8613242926514', '+8613242926515', '8613242926514', '8613242926516', 'x'];
  const refused = await send({ numberList });
  assert.deepEqual([refused.code, refused.status], [-21, '-21']);
  assert.match(refused.msg, /^2 of the numbers.*row 2 "\+8613242926515" starts with \+.*row 5 "x"/);
  const taskId = await sent({ numberList, skipInvalid: 1 });
  assert.deepEqual(pick(await detail(taskId), 'numCnt', 'duplicateNum', 'invalidNum'), {
    numCnt: 2,
    duplicateNum: 1,
    invalidNum: 2,
  });
});

test('a variable that a callee lacks is -21, for a recall round’s text too', async () => {
  const speech = { source: 3, voiceFileId: null, lan: 'EN', text: `Hi \${text2}` };
  const own = await send({ ...speech, numberInfoList: [{ calleeNumber: '8613242926514' }], numberList: null });
  assert.equal(own.code, -21);
  assert.match(own.msg, /row 1 "8613242926514" text2 is missing/);
  const node = { ...speech, hangUpSms: 0 };
  const round = await send({ recallFlow: { recallType: 0, recallInterval: 1, recallNum: 1, nodeList: [node] } });
  assert.equal(round.code, -21);
});

const refusals: readonly [name: string, fields: Record<string, unknown>, code: number, message: RegExp][] = [
  ['no appId', { appId: null }, -22, /^appId: is required/],
  ['an unknown app', { appId: 'nope' }, -24, /nope/],
  ['no taskName', { taskName: null }, -22, /^taskName: is required/],
  ['a short taskName', { taskName: 'x' }, -22, /^taskName: must have 2 to 64/],
  ['no numbers', { numberList: null }, -22, /is required/],
  ['an empty list', { numberList: [] }, -22, /1 to 200000/],
  ['no source', { source: null }, -22, /^source: is required/],
  ['source 4', { source: 4 }, -22, /^source: must be one of 1, 2, 3/],
  ['no voice file', { voiceFileId: null }, -22, /^voiceFileId: is required/],
  ['an unknown voice file', { voiceFileId: 'x.wav' }, -24, /x\.wav/],
  ['loopCount 10', { loopCount: 10 }, -22, /^loopCount: must be an integer from 1 to 9/],
  ['no maxCalls', { maxCalls: null }, -22, /^maxCalls: is required/],
  ['maxCalls 1000', { maxCalls: 1000 }, -22, /^maxCalls: /],
  ['maxRingingTime 19', { maxRingingTime: 19 }, -22, /^maxRingingTime: must be an integer from 20 to 120/],
  ['a bad sendTime', { sendTime: 'tomorrow' }, -22, /^sendTime: must be a time/],
  ['displayNum with +', { displayNum: '+1008' }, -22, /^displayNum: /],
  ['four windows', { allowSendTime: Array(4).fill({ strTime: '01:00', endTime: '02:00' }) }, -22, /^allowSendTime: /],
  [
    'a window at 25:00',
    { allowSendTime: [{ strTime: '25:00', endTime: '02:00' }] },
    -22,
    /^allowSendTime\[0\]\.strTime: /,
  ],
  ['no text', { source: 3, lan: 'EN' }, -22, /^text: is required/],
  ['2,049 characters', { source: 3, lan: 'EN', text: 'x'.repeat(2049) }, -22, /^text: must have 1 to 2048/],
  ['no language', { source: 3, text: 'hi' }, -22, /^lan: is required/],
  ['an unknown language', { source: 3, text: 'hi', lan: 'XX' }, -22, /"XX" is not known; known are VN, EN, JP, ARB/],
  ['a language without a voice', { source: 3, text: 'hi', lan: 'PH' }, -22, /"PH" is not known/],
  ['speakingRate 5', { source: 3, text: 'hi', lan: 'EN', speakingRate: 5 }, -22, /^speakingRate: /],
  ['source 2 without a name', { source: 2, baseFile: wav }, -22, /^uploadName: is required/],
  ['source 2 that is no audio', { source: 2, uploadName: 'bad.wav', baseFile: 'AAAA' }, -21, /baseFile is not audio/],
  ['SMS', { hangUpSms: 1, smsAppId: 'a', smsContent: 'b', ringPush: 1 }, -22, /does not send SMS yet/],
  ['SMS without trigger', { hangUpSms: 1, smsAppId: 'a', smsContent: 'b' }, -22, /at least one of feedbackPush/],
  ['SMS without text', { hangUpSms: 1, smsAppId: 'a', ringPush: 1 }, -22, /^smsContent: is required/],
  [
    'SMS on a key without key',
    { hangUpSms: 1, smsAppId: 'a', smsContent: 'b', feedbackPush: 1 },
    -22,
    /^feedbackValue: /,
  ],
  [
    'transfer',
    { toSeat: 1, sipGroupId: 1, outboundControl: 1, calloutRate: 1, toSeatType: 1 },
    -22,
    /does not transfer calls yet/,
  ],
  ['transfer without group', { toSeat: 1, outboundControl: 1, calloutRate: 1, toSeatType: 1 }, -22, /^sipGroupId: /],
  [
    'transfer without key',
    { toSeat: 1, sipGroupId: 1, outboundControl: 1, calloutRate: 1, toSeatType: 2 },
    -22,
    /^toSeatKey: /,
  ],
  ['calloutRate 101', { calloutRate: 101 }, -22, /^calloutRate: must be an integer from 1 to 100/],
  ['recallFlow as text', { recallFlow: 'yes' }, -22, /^recallFlow: must be an object/],
  [
    'recallNum 11',
    { recallFlow: { recallType: 1, recallInterval: 1, recallNum: 11 } },
    -22,
    /^recallFlow\.recallNum: /,
  ],
  [
    'recallInterval 0',
    { recallFlow: { recallType: 1, recallInterval: 0, recallNum: 1 } },
    -22,
    /^recallFlow\.recallInterval: /,
  ],
  [
    'more nodes than rounds',
    {
      recallFlow: {
        recallType: 1,
        recallInterval: 1,
        recallNum: 1,
        nodeList: [
          { source: 1, voiceFileId: 'a' },
          { source: 1, voiceFileId: 'b' },
        ],
      },
    },
    -22,
    /^recallFlow\.nodeList: must have at most recallNum/,
  ],
  [
    'a node with transfer',
    {
      recallFlow: {
        recallType: 1,
        recallInterval: 1,
        recallNum: 1,
        nodeList: [
          { source: 1, voiceFileId: 'a', toSeat: 1, sipGroupId: 1, outboundControl: 1, calloutRate: 1, toSeatType: 1 },
        ],
      },
    },
    -22,
    /recallFlow\.nodeList\[0\]\.toSeat 1/,
  ],
  [
    'a node that is null',
    { recallFlow: { recallType: 1, recallInterval: 1, recallNum: 1, nodeList: [null] } },
    -22,
    /^recallFlow\.nodeList\[0\]: /,
  ],
  ['NUL in a name', { taskName: 'a\0b' }, -22, /^taskName: /],
];
for (const [name, fields, code, message] of refusals) {
  test(`${name} is ${code}`, async () => {
    const answer = await send(fields);
    assert.deepEqual([answer.httpStatus, answer.code, answer.data], [200, code, null], answer.msg);
    assert.match(answer.msg, message);
  });
}

test('a task name that is taken is -20, and the upload that came with it is not kept', async () => {
  const taskName = unique();
  await sent({ taskName });
  const upload = { source: 2, uploadName: 'once.wav', baseFile: wav, voiceFileId: null };
  const refused = await send({ taskName, ...upload });
  assert.equal(refused.code, -20);
  const taskId = await sent(upload);
  const stored = await detail(taskId);
  assert.deepEqual(pick(stored, 'source', 'uploadName', 'baseFile', 'voiceFileName'), {
    source: 2,
    uploadName: 'once.wav',
    baseFile: null,
    voiceFileName: 'once.wav',
  });
  assert.match(textAt(stored, 'voiceFileId'), /\.wav$/);
});

test('query finds by span, status, app and words, newest first', async () => {
  const taskId = await sent({ ...later, taskName: 'findable 100% of it' });
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
  const taskId = await sent(later);
  const other = await createAccount(api.database.db, { name: unique() });
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
  const taskId = await sent({
    ...later,
    loopCount: 3,
    displayNum: '12345',
    allowSendTime: [{ strTime: '08:00', endTime: '20:00' }],
  });
  const taskName = unique();
  const answer = await api.post('/v3/voice/group/call/update', {
    keyId: String(taskId),
    taskName,
    source: 1,
    voiceFileId,
    maxCalls: 7,
  });
  assert.deepEqual([answer.code, answer.data], [0, null], answer.msg);
  assert.deepEqual(
    pick(await detail(taskId), 'taskName', 'loopCount', 'maxCalls', 'displayNum', 'sendTime', 'allowSendTime'),
    {
      taskName,
      loopCount: 3,
      maxCalls: 7,
      displayNum: '12345',
      sendTime: '2099-01-01 08:00:00',
      allowSendTime: [{ strTime: '08:00', endTime: '20:00' }],
    },
  );
  const running = await sent();
  const change = { taskName: unique(), source: 1, voiceFileId };
  assert.equal((await api.post('/v3/voice/group/call/update', { keyId: running, ...change })).code, -37);
  assert.equal((await api.post('/v3/voice/group/call/update', { keyId: 1, ...change })).code, -24);
  assert.equal((await api.post('/v3/voice/group/call/update', { keyId: taskId, ...change, taskName: null })).code, -22);
});

test('suspend, resume and cancel are all or nothing, under both names', async () => {
  const [first, second] = [await sent(), await sent()];
  const control = (what: string, list: object) => api.post(`/v3/voice/group/call/${what}`, list);
  assert.deepEqual(await control('provisional', { jobIdList: [first, String(second)] }), {
    httpStatus: 200,
    code: '0',
    msg: 'success',
    status: '0',
    reason: 'success',
    data: null,
  });
  assert.equal(at(await detail(first), 'status'), 5);
  assert.equal((await control('resume', { taskIdList: [first] })).code, '0');
  const refused = await control('resume', { taskIdList: [first, second] });
  assert.equal(refused.code, '-54');
  assert.match(refused.msg, new RegExp(`${first} \\(calling\\)`));
  assert.equal(at(await detail(second), 'status'), 5);
  assert.equal((await control('cancel', { taskIdList: [first], jobIdList: [second] })).code, '0');
  assert.equal(at(await detail(second), 'status'), 4);
  assert.equal((await control('cancel', { taskIdList: [first] })).code, '-54');
  assert.equal((await control('cancel', { taskIdList: [1] })).code, '-24');
  for (const list of [{}, { taskIdList: [] }, { taskIdList: 'x' }, { taskIdList: ['x'] }, { taskIdList: [null] }]) {
    assert.equal((await control('cancel', list)).code, '-22');
  }
});

test('a finished task is sent again, with its own call length where none is given', async () => {
  const source = await sent({ maxCalls: 77, numberList: ['8613242926514', '8613242926515'] });
  const resend = (fields: object) =>
    api.post('/v3/voice/group/call/resend', {
      keyId: source,
      taskName: unique(),
      source: 1,
      voiceFileId,
      resendType: 0,
      ...fields,
    });
  assert.equal((await resend({})).code, -54);
  await finish(source);
  const answer = await resend(later);
  assert.equal(answer.code, 0, answer.msg);
  assert.deepEqual(
    pick(await detail(numberAt(answer.data)), 'maxCalls', 'loopCount', 'numCnt', 'sourceTaskId', 'appId'),
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
  const taskId = await sent({
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
  const taskId = await sent();
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
      feedback_value: '5',
      digits: '51',
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
    voiceFileId,
    cost: '0',
    displayNum: '100',
  };
  assert.deepEqual(pick(record, ...Object.keys(expected)), expected);
  assert.equal(at(record, 'digits'), '51');
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
});

test('200,000 numbers are taken in one request, one more is -23', async () => {
  const numberList = Array.from({ length: 200_000 }, (_, index) => String(8_613_200_000_000 + index));
  const taskId = await sent({ ...later, numberList });
  assert.equal(at(await detail(taskId), 'numCnt'), 200_000);
  const refused = await send({ numberList: [...numberList, '8613300000000'] });
  assert.equal(refused.code, -23);
});
