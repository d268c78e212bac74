import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { later, openTaskApi, pick, shortWav, type TaskApi } from '../support/api-task.ts';
import { at, textAt } from '../support/json.ts';
import { toneSequence } from '../support/tone.ts';
import { encodeWav } from '../support/wav.ts';

let api: TaskApi;
before(async () => {
  api = await openTaskApi();
});
after(() => api.close());

test('a task with everything as text, nulls, and fields that nobody knows', async () => {
  const taskId = await api.sent({
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
      await api.detail(taskId),
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
  const fields = await api.detail(await api.sent(later));
  const documented =
    'jobId taskName displayNum text status rate numCnt chargeLen success fail toseatNum successRate toseatNumRate sendTime createdTime mdfTime appId source voiceFileId calloutRate finishTime keyFeedbackNum uploadName baseFile callLossNum callDuration callLossNumRate code maxCalls loopCount lan allCallToseatNum callTotal acd sipGroupName receivedSeatNum onineSeatNum taskId duplicateNum invalidNum waitingReason';
  for (const name of documented.split(' ')) assert.notEqual(at(fields, name), undefined, name);
  assert.equal(at(fields, 'sendTime'), '2099-01-01 08:00:00');
  assert.equal(at(fields, 'status'), 0);
  assert.match(textAt(fields, 'createdTime'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.equal(at(fields, 'acd'), '0');
});

test('times without zone are the account’s: Shanghai', async () => {
  const taskId = await api.sent(later);
  const task = await api.database.db
    .selectFrom('task')
    .select('send_time')
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  assert.equal(task.send_time?.toISOString(), '2099-01-01T00:00:00.000Z');
});

test('a send time in the past means now', async () => {
  const taskId = await api.sent({ sendTime: '2020-01-01 00:00:00' });
  assert.deepEqual(pick(await api.detail(taskId), 'status', 'sendTime'), { status: 1, sendTime: null });
});

test('a recall plan of nulls is none, and a caller id of blanks is none', async () => {
  const recallFlow = { recallType: null, recallInterval: null, recallNum: null, nodeList: null };
  const taskId = await api.sent({ recallFlow, displayNum: '  ' });
  assert.deepEqual(pick(await api.detail(taskId), 'recallFlowId', 'displayNum'), {
    recallFlowId: null,
    displayNum: null,
  });
});

test('duplicates collapse, skipInvalid takes the good rows', async () => {
  const numberList = ['8613242926514', '+8613242926515', '8613242926514', '8613242926516', 'x'];
  const refused = await api.send({ numberList });
  assert.deepEqual([refused.code, refused.status], [-21, '-21']);
  assert.match(refused.msg, /^2 of the numbers.*row 2 "\+8613242926515" starts with \+.*row 5 "x"/);
  const taskId = await api.sent({ numberList, skipInvalid: 1 });
  assert.deepEqual(pick(await api.detail(taskId), 'numCnt', 'duplicateNum', 'invalidNum'), {
    numCnt: 2,
    duplicateNum: 1,
    invalidNum: 2,
  });
});

test('a variable that a callee lacks is -21, for a recall round’s text too', async () => {
  const speech = { source: 3, voiceFileId: null, lan: 'EN', text: `Hi \${text2}` };
  const own = await api.send({ ...speech, numberInfoList: [{ calleeNumber: '8613242926514' }], numberList: null });
  assert.equal(own.code, -21);
  assert.match(own.msg, /row 1 "8613242926514" text2 is missing/);
  const node = { ...speech, hangUpSms: 0 };
  const round = await api.send({ recallFlow: { recallType: 0, recallInterval: 1, recallNum: 1, nodeList: [node] } });
  assert.equal(round.code, -21);
});

const refusals: readonly [name: string, fields: Record<string, unknown>, code: number, message: RegExp][] = [
  ['a taskName of one character of two units', { taskName: '👍' }, -22, /^taskName: must have 2 to 64 characters/],
  ['a taskName of blanks', { taskName: '   ' }, -22, /^taskName: must not be blank/],
  ['a text of blanks', { source: 3, lan: 'EN', text: ' \n ' }, -22, /^text: must not be blank/],
  [
    'SSML that is not spoken here',
    { source: 3, lan: 'EN', text: '<speak>Hi<audio src="x.mp3"/></speak>' },
    -22,
    /^text: SSML element <audio> is not spoken here; known are break, emphasis, prosody, say-as/,
  ],
  [
    'a variable in an attribute of SSML',
    { source: 3, lan: 'EN', text: `<speak>Hi<break time="\${text1}"/></speak>` },
    -22,
    /^text: SSML <break time=.* is not usable; use one like 300ms/,
  ],
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
  ['source 2 without a name', { source: 2, baseFile: shortWav }, -22, /^uploadName: is required/],
  ['source 2 that is no audio', { source: 2, uploadName: 'bad.wav', baseFile: 'AAAA' }, -21, /baseFile is not audio/],
  [
    'SMS over no app',
    { hangUpSms: 1, smsAppId: 'a', smsContent: 'b', ringPush: 1 },
    -24,
    /"a" is not a sms application/,
  ],
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
    const answer = await api.send(fields);
    assert.deepEqual([answer.httpStatus, answer.code, answer.data], [200, code, null], answer.msg);
    assert.match(answer.msg, message);
  });
}

test('a task name that is taken is -20, and the upload that came with it is not kept', async () => {
  const taskName = api.unique();
  await api.sent({ taskName });
  const upload = { source: 2, uploadName: 'once.wav', baseFile: shortWav, voiceFileId: null };
  const refused = await api.send({ taskName, ...upload });
  assert.equal(refused.code, -20);
  const taskId = await api.sent(upload);
  const stored = await api.detail(taskId);
  assert.deepEqual(pick(stored, 'source', 'uploadName', 'baseFile', 'voiceFileName'), {
    source: 2,
    uploadName: 'once.wav',
    baseFile: null,
    voiceFileName: 'once.wav',
  });
  assert.match(textAt(stored, 'voiceFileId'), /\.wav$/);
});

test('the same upload under the same name is the same file, in every task and at once; another content is -20', async () => {
  const upload = { source: 2, uploadName: 'no extension', baseFile: shortWav, voiceFileId: null };
  const recallFlow = { recallType: 0, recallInterval: 5, recallNum: 1, nodeList: [upload] };
  const taskIds = await Promise.all([1, 2, 3].map(() => api.sent({ ...later, ...upload, recallFlow })));
  const files = await Promise.all(taskIds.map(async (taskId) => at(await api.detail(taskId), 'voiceFileId')));
  assert.equal(new Set(files).size, 1);
  const longer = encodeWav(toneSequence([440], 0.3, 0), 1).toString('base64');
  const refused = await api.send({ ...upload, baseFile: longer });
  assert.deepEqual([refused.code, refused.msg.includes('"no extension" is taken')], [-20, true]);
});

test('200,000 numbers are taken in one request, one more is -23', async () => {
  const numberList = Array.from({ length: 200_000 }, (_, index) => String(8_613_200_000_000 + index));
  const taskId = await api.sent({ ...later, numberList });
  assert.equal(at(await api.detail(taskId), 'numCnt'), 200_000);
  const refused = await api.send({ numberList: [...numberList, '8613300000000'] });
  assert.equal(refused.code, -23);
});
