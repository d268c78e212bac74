import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { type DialectAnswer, requestDialect, signedHeaders } from '../support/dialect-client.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { numbersFrom, sendTask, taskBody, uploadVoice } from '../support/task-client.ts';

type Fields = { readonly [key: string]: Json };
/** What is wrong, the path, the body, the code, and what the message has to name. */
type Row = readonly [title: string, path: string, body: Json, code: number, names: RegExp];

const farFuture = '2098-01-01 00:00:00';
const number = '8613800000000';
const span = { strTime: '2020-01-01 00:00:00', endTime: '2099-01-01 00:00:00' };

let carillon: Carillon;
let voiceFileId: string;
let waitingTask: number;
let flowId: number;
before(async () => {
  carillon = await startCarillon();
  voiceFileId = await uploadVoice(carillon, 'good.wav');
  waitingTask = await sendTask(carillon, {
    taskName: 'waits for long',
    voiceFileId,
    numberList: [number],
    sendTime: farFuture,
    recallFlow: { recallType: 1, recallInterval: 30, recallNum: 2 },
  });
  const flows = await carillon.post('/recallFlow/queryPage', { current: 1, size: 1, params: span });
  flowId = numberAt(flows.data, 'records', 0, 'keyId');
});
after(() => carillon?.stop());

/** A refusal says the same in both pairs (contract 15.2) and names what is wrong. */
function assertRefused(answer: DialectAnswer, code: number, names: RegExp): void {
  assert.equal(Number(answer.code), code, `code ${answer.code}: ${answer.msg}`);
  assert.equal(Number(answer.status), code);
  assert.equal(answer.reason, answer.msg);
  assert.equal(answer.data, null);
  assert.match(answer.msg, names);
}

function rows(name: string, list: () => readonly Row[]): void {
  test(name, async (context) => {
    for (const [title, path, body, code, names] of list()) {
      await context.test(title, async () => {
        const answer = await carillon.post(path, body);
        assert.equal(answer.httpStatus, 200);
        assertRefused(answer, code, names);
      });
    }
  });
}

const sendPath = '/group/call/send';
const send = (fields: Fields): Json =>
  taskBody(carillon, { taskName: 'refused', voiceFileId, numberList: [number], sendTime: farFuture, ...fields });
const speech = (fields: Fields): Json => send({ source: 3, voiceFileId: null, text: 'hello', lan: 'EN', ...fields });
const recall = (fields: Fields): Json =>
  send({ recallFlow: { recallType: 1, recallInterval: 30, recallNum: 2, ...fields } });

describe('who asks (contract 15.3)', () => {
  const now = (): number => Math.floor(Date.now() / 1000);
  const headerCases: readonly [title: string, headers: () => Record<string, string>, code: number][] = [
    ['no headers', () => ({ 'Content-Type': 'application/json' }), -1],
    ['an unknown Api-Key', () => signedHeaders({ ...carillon.credentials, apiKey: 'nobody' }), -1],
    ['a wrong secret', () => signedHeaders({ ...carillon.credentials, apiSecret: 'wrong' }), -1],
    ['an empty Sign', () => signedHeaders(carillon.credentials, { sign: '' }), -1],
    ['a Sign that is too long', () => signedHeaders(carillon.credentials, { sign: 'a'.repeat(5000) }), -1],
    ['a timestamp 31 minutes old', () => signedHeaders(carillon.credentials, { timestamp: now() - 1860 }), -16],
    ['a timestamp 31 minutes ahead', () => signedHeaders(carillon.credentials, { timestamp: now() + 1860 }), -16],
    ['a timestamp in milliseconds', () => signedHeaders(carillon.credentials, { timestamp: Date.now() }), -16],
    ['a timestamp that is no number', () => signedHeaders(carillon.credentials, { timestamp: 'yesterday' }), -16],
    ['a wrong Sign and an old timestamp', () => signedHeaders(carillon.credentials, { timestamp: 1, sign: 'x' }), -1],
  ];
  for (const [title, headers, code] of headerCases) {
    test(`${title}: ${code}`, async () => {
      const path = '/v3/voice/fileQuery';
      const answer = await requestDialect(carillon.baseUrl, { method: 'POST', path, headers: headers(), body: '{}' });
      assert.equal(answer.httpStatus, 200);
      assertRefused(answer, code, code === -16 ? /^timestamp expires$/ : /./);
    });
  }

  test('an address that is not on the list: -2, and only after the signature was right', async () => {
    const account = await carillon.admin('POST', '/accounts', { name: 'elsewhere', ipAllowList: ['203.0.113.0/24'] });
    const credentials = { apiKey: textAt(account, 'apiKey'), apiSecret: textAt(account, 'apiSecret') };
    const ask = (headers: Record<string, string>): Promise<DialectAnswer> =>
      requestDialect(carillon.baseUrl, { method: 'POST', path: '/v3/voice/fileQuery', headers, body: '{}' });
    assertRefused(await ask(signedHeaders(credentials)), -2, /127\.0\.0\.1/);
    assertRefused(await ask(signedHeaders(credentials, { sign: 'x' })), -1, /./);
  });

  test('a Sign in capitals is right', async () => {
    const headers = signedHeaders(carillon.credentials);
    const path = '/voice//fileQuery/';
    const shouted = { ...headers, Sign: String(headers.Sign).toUpperCase() };
    const answer = await requestDialect(carillon.baseUrl, { method: 'POST', path, headers: shouted, body: '{}' });
    assert.deepEqual([answer.code, answer.status, answer.reason], [0, '0', 'success']);
  });
});

describe('what cannot be read', () => {
  const bodies: readonly [title: string, body: string | null][] = [
    ['no body', null],
    ['half a body', '{"current":1,'],
    ['a list', '[1]'],
    ['null', 'null'],
    ['a text', '"hello"'],
    ['comments, as the guide has them', '{"current":1 // first\n}'],
  ];
  for (const [title, body] of bodies) {
    test(`${title}: -22`, async () => {
      const headers = signedHeaders(carillon.credentials);
      const path = '/v3/voice/group/call/send';
      const answer = await requestDialect(carillon.baseUrl, { method: 'POST', path, headers, body });
      assert.equal(answer.httpStatus, 200);
      assertRefused(answer, -22, /./);
    });
  }

  test('an unknown path: HTTP 404 with -22 in the same shape', async () => {
    const answer = await carillon.post('/group/call/dance', {});
    assert.equal(answer.httpStatus, 404);
    assertRefused(answer, -22, /dance/);
  });
});

rows('fields of group/call/send (contract 4.1, 15.5)', () => [
  ['appId missing', sendPath, send({ appId: null }), -22, /appId/],
  ['appId of nobody', sendPath, send({ appId: 'nobody12' }), -24, /appId/],
  ['taskName missing', sendPath, send({ taskName: null }), -22, /taskName/],
  ['taskName too short', sendPath, send({ taskName: 'x' }), -22, /taskName.*2 to 64/],
  ['taskName too long', sendPath, send({ taskName: 'x'.repeat(65) }), -22, /taskName/],
  ['taskName a list', sendPath, send({ taskName: ['x'] }), -22, /taskName/],
  ['taskName taken', sendPath, send({ taskName: 'waits for long' }), -20, /waits for long/],
  ['source missing', sendPath, send({ source: null }), -22, /source/],
  ['source 4', sendPath, send({ source: 4 }), -22, /source.*1, 2, 3/],
  ['voiceFileId missing', sendPath, send({ voiceFileId: null }), -22, /voiceFileId/],
  ['voiceFileId of nothing', sendPath, send({ voiceFileId: 'none.wav' }), -24, /none\.wav/],
  ['upload without a file', sendPath, send({ source: 2, uploadName: 'a.wav' }), -22, /baseFile/],
  [
    'upload that is no audio',
    sendPath,
    send({ source: 2, uploadName: 'a.wav', baseFile: 'aGVsbG8=' }),
    -21,
    /baseFile/,
  ],
  ['maxCalls missing', sendPath, send({ maxCalls: null }), -22, /maxCalls/],
  ['maxCalls 0', sendPath, send({ maxCalls: 0 }), -22, /maxCalls/],
  ['maxCalls 1000', sendPath, send({ maxCalls: 1000 }), -22, /maxCalls.*999/],
  ['maxCalls a fraction', sendPath, send({ maxCalls: 1.5 }), -22, /maxCalls/],
  ['loopCount 10', sendPath, send({ loopCount: 10 }), -22, /loopCount/],
  ['maxRingingTime 19', sendPath, send({ maxRingingTime: 19 }), -22, /maxRingingTime.*20/],
  ['maxRingingTime 121', sendPath, send({ maxRingingTime: 121 }), -22, /maxRingingTime/],
  ['delayPlay 1000', sendPath, send({ delayPlay: 1000 }), -22, /delayPlay/],
  ['delayHangup -1', sendPath, send({ delayHangup: -1 }), -22, /delayHangup/],
  ['displayNum with letters', sendPath, send({ displayNum: 'office' }), -22, /displayNum/],
  ['displayNum of 21 digits', sendPath, send({ displayNum: '1'.repeat(21) }), -22, /displayNum/],
  ['sendTime in another format', sendPath, send({ sendTime: '2098/01/01' }), -22, /sendTime/],
  ['sendTime on 30 February', sendPath, send({ sendTime: '2098-02-30 00:00:00' }), -22, /sendTime/],
  [
    'four windows',
    sendPath,
    send({ allowSendTime: Array(4).fill({ strTime: '09:00', endTime: '10:00' }) }),
    -22,
    /allow/,
  ],
  ['a window at 25:00', sendPath, send({ allowSendTime: [{ strTime: '25:00', endTime: '10:00' }] }), -22, /strTime/],
  ['a window without end', sendPath, send({ allowSendTime: [{ strTime: '09:00' }] }), -22, /endTime/],
]);

rows('numbers (contract 15.5)', () => [
  ['none', sendPath, send({ numberList: null }), -22, /number/],
  ['an empty list', sendPath, send({ numberList: [] }), -22, /number/],
  ['not a list', sendPath, send({ numberList: number }), -22, /numberList/],
  ['a plus', sendPath, send({ numberList: [number, '+8613800000001'] }), -21, /1 of the numbers.*row 2/],
  ['five digits', sendPath, send({ numberList: ['12345'] }), -21, /12345/],
  ['nineteen digits', sendPath, send({ numberList: ['1'.repeat(19)] }), -21, /row 1/],
  ['letters', sendPath, send({ numberInfoList: [{ calleeNumber: 'home' }], numberList: null }), -21, /home/],
  ['an object without number', sendPath, send({ numberInfoList: [{ text1: 'a' }], numberList: null }), -21, /row 1/],
  [
    '25 bad rows: how many, and the first 20',
    sendPath,
    send({ numberList: [...numbersFrom(8613800000000, 30), ...Array(25).fill('x')] }),
    -21,
    /^25 of(?=.*row 31 )(?=.*row 50 )(?!.*row 51 )/,
  ],
  ['all bad, even with skipInvalid', sendPath, send({ numberList: ['x'], skipInvalid: 1 }), -21, /row 1/],
  ['skipInvalid 2', sendPath, send({ skipInvalid: 2 }), -22, /skipInvalid/],
  [
    'a variable that a callee lacks',
    sendPath,
    speech({
      text: 'hello ${text3}',
      numberList: null,
      numberInfoList: [{ calleeNumber: number, text3: 'Tom' }, { calleeNumber: '8613800000001' }],
    }),
    -21,
    /row 2.*text3/,
  ],
  ['200,001 of them', sendPath, send({ numberList: numbersFrom(8613000000000, 200_001) }), -23, /200.?000/],
]);

rows('speech (contract 15.5, 15.13)', () => [
  ['text missing', sendPath, speech({ text: null }), -22, /text/],
  ['text of 2,049 characters', sendPath, speech({ text: 'x'.repeat(2049) }), -22, /text.*2048/],
  ['lan missing', sendPath, speech({ lan: null }), -22, /lan/],
  ['an unknown language, and the known ones', sendPath, speech({ lan: 'XX' }), -22, /XX(?=.*\bEN\b)(?=.*\bVN\b)/],
  ['a language that the synthesizer lacks', sendPath, speech({ lan: 'PH' }), -22, /PH/],
  ['speakingRate 0.2', sendPath, speech({ speakingRate: 0.2 }), -22, /speakingRate.*0\.25/],
  ['speakingRate 4.1', sendPath, speech({ speakingRate: 4.1 }), -22, /speakingRate/],
  ['ssmlGender 3', sendPath, speech({ ssmlGender: 3 }), -22, /ssmlGender/],
  ['accent in letters', sendPath, speech({ accent: 'british' }), -22, /accent/],
]);

rows('recall flow (contract 5.1, 15.5, 15.8)', () => [
  ['recallType missing', sendPath, recall({ recallType: null }), -22, /recallFlow\.recallType/],
  ['recallType 2', sendPath, recall({ recallType: 2 }), -22, /recallType/],
  ['recallInterval 0', sendPath, recall({ recallInterval: 0 }), -22, /recallInterval.*1440/],
  ['recallInterval 1441', sendPath, recall({ recallInterval: 1441 }), -22, /recallInterval/],
  ['recallNum 0', sendPath, recall({ recallNum: 0 }), -22, /recallNum/],
  ['recallNum 11', sendPath, recall({ recallNum: 11 }), -22, /recallNum.*10/],
  [
    'more nodes than rounds',
    sendPath,
    recall({ recallNum: 1, nodeList: [1, 2].map(() => ({ source: 1, voiceFileId, hangUpSms: 0 })) }),
    -22,
    /nodeList/,
  ],
  ['a node with source 9', sendPath, recall({ nodeList: [{ source: 9 }] }), -22, /nodeList.*0.*source/],
  [
    'a node with a file of nobody',
    sendPath,
    recall({ nodeList: [{ source: 1, voiceFileId: 'no.wav' }] }),
    -24,
    /no\.wav/,
  ],
  ['detail without keyId', '/recallFlow/queryDetail', {}, -22, /keyId/],
  ['detail of an unknown flow', '/recallFlow/queryDetail', { keyId: 999_999 }, -22, /999999/],
  ['page of an unknown flow', '/recallFlow/queryPage', { keyId: 999_999 }, -22, /999999/],
  ['page of 101', '/recallFlow/queryPage', { current: 1, size: 101, params: span }, -22, /size/],
  ['page without times', '/recallFlow/queryPage', { current: 1, size: 10, params: {} }, -22, /strTime/],
  ['cancel with type 4', '/recallFlow/cancel', { type: 4, id: flowId }, -22, /type/],
  ['cancel of an unknown flow', '/recallFlow/cancel', { type: 1, id: 999_999 }, -22, /999999/],
  ['cancel by a task without flow', '/recallFlow/cancel', { type: 2, id: 999_999 }, -22, /999999/],
  ['cancel of an unknown node', '/recallFlow/cancel', { type: 3, id: 999_999 }, -22, /999999/],
  [
    'update of an unknown flow',
    '/recallFlow/update',
    { keyId: 999_999, recallInterval: 1, recallNum: 1, recallType: 0 },
    -22,
    /999999/,
  ],
  [
    'update to 11 rounds',
    '/recallFlow/update',
    { keyId: flowId, recallInterval: 1, recallNum: 11, recallType: 0 },
    -22,
    /Num/,
  ],
]);

rows('what is not offered is refused, not ignored (contract 15.15)', () => [
  ['AI tasks', '/group/call/send/ai', {}, -22, /AI/],
  ['agent tasks', '/group/call/send/agent', {}, -22, /scope/],
  ['SMS without a trigger', sendPath, send({ hangUpSms: 1, smsAppId: 'a', smsContent: 'b' }), -22, /feedbackPush/],
  ['transfer without a group', sendPath, send({ toSeat: 1, outboundControl: 1, calloutRate: 1 }), -22, /sipGroupId/],
]);

rows('files', () => [
  ['fileName missing', '/fileUpload', { file: 'aGVsbG8=' }, -22, /fileName/],
  ['fileName too short', '/fileUpload', { fileName: 'a.mp', file: 'aGVsbG8=' }, -22, /fileName/],
  ['fileName of another kind', '/fileUpload', { fileName: 'notes.txt', file: 'aGVsbG8=' }, -22, /fileName/],
  ['not Base64', '/fileUpload', { fileName: 'bad.wav', file: 'data:audio/wav;base64,aGVsbG8=' }, -22, /Base64/],
  ['not audio', '/fileUpload', { fileName: 'bad.wav', file: 'aGVsbG8=' }, -21, /file/],
  ['deleting nothing', '/fileDel', { fileIdList: [] }, -22, /fileIdList/],
  ['deleting a file of nobody', '/fileDel', { fileIdList: ['none.wav'] }, -24, /none\.wav/],
  ['deleting one of ours and one of nobody', '/fileDel', { fileIdList: [voiceFileId, 'none.wav'] }, -24, /none\.wav/],
  ['page 0', '/fileQuery', { current: 0 }, -22, /current/],
]);

rows('tasks (contract 15.6, 15.7)', () => [
  ['cancel without ids', '/group/call/cancel', {}, -22, /taskIdList/],
  ['cancel of an unknown task', '/group/call/cancel', { taskIdList: [999_999] }, -24, /999999/],
  ['cancel of one known, one unknown', '/group/call/cancel', { taskIdList: [waitingTask, 999_999] }, -24, /999999/],
  ['resume of a task that is not suspended', '/group/call/resume', { taskIdList: [waitingTask] }, -54, /waiting/],
  [
    'resend of a task that is not over',
    '/group/call/resend',
    send({ keyId: waitingTask, taskName: 'again' }),
    -54,
    /./,
  ],
  ['resend of an unknown task', '/group/call/resend', send({ keyId: 999_999, taskName: 'again' }), -24, /999999/],
  ['update of an unknown task', '/group/call/update', send({ keyId: 999_999, taskName: 'again' }), -24, /999999/],
  ['query without times', '/group/call/query', { current: 1, size: 10, params: {} }, -22, /strTime/],
  ['query of 101', '/group/call/query', { current: 1, size: 101, params: span }, -22, /size/],
  ['records of an unknown task', '/group/call/records', { params: { taskId: 999_999 } }, -24, /999999/],
  [
    'records with call status 51',
    '/group/call/records',
    { params: { taskId: waitingTask, callStatusList: [51] } },
    -22,
    /51|callStatusList/,
  ],
  [
    'records over 32 days',
    '/recordGroupQuery',
    { params: { strTime: '2026-01-01T00:00:00+08:00', endTime: '2026-02-02T00:00:00+08:00' } },
    -22,
    /31/,
  ],
]);

test('an account that speaks Chinese is told in Chinese', async () => {
  const account = await carillon.admin('POST', '/accounts', { name: 'chinese', language: 'zh-CN' });
  const credentials = { apiKey: textAt(account, 'apiKey'), apiSecret: textAt(account, 'apiSecret') };
  const request = {
    method: 'POST',
    path: '/v3/voice/fileDel',
    headers: signedHeaders(credentials),
    body: '{}',
  } as const;
  assertRefused(await requestDialect(carillon.baseUrl, request), -22, /fileIdList：必填/);
});

test('whatever was refused left nothing behind', async () => {
  const tasks = await carillon.post('/group/call/query', { current: 1, size: 100, params: span });
  assert.deepEqual(
    listAt(tasks.data, 'records').map((task) => [at(task, 'taskId'), at(task, 'status')]),
    [[waitingTask, 0]],
  );
  const files = await carillon.post('/fileQuery', {});
  assert.deepEqual(at(files.data, 'records'), [{ fileId: voiceFileId, fileName: 'good.wav', duration: 1 }]);
  const flow = await carillon.post('/recallFlow/queryDetail', { keyId: flowId });
  assert.deepEqual([at(flow.data, 'status'), at(flow.data, 'recallNum'), at(flow.data, 'recallInterval')], [0, 2, 30]);
});
