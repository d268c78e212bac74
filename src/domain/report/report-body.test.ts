import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '../record/record.ts';
import { reportBody } from './report-body.ts';

const key = { createdDay: '2026-01-05', taskId: 5_000_123, seq: 7 };
const at = (ms: number): Date => new Date(1_670_939_112_097 + ms);

const record: CallRecord = {
  ...{
    voiceId: '2601055000123000007',
    callType: 1,
    isDirect: false,
    taskId: key.taskId,
    sourceTaskId: 5_000_100,
    outRecallCount: 2,
  },
  ...{
    calledInfo: '{"text1":"Tom"}',
    dimensionId: 1004,
    seq: 7,
    callee: '63123456788',
    displayNum: '6311012125',
    state: 'ended',
  },
  ...{ submitTime: at(0), callTime: at(1000), ringingTime: at(2000), answerTime: at(9000), hangupTime: at(20_500) },
  ...{
    callDurationS: 12,
    ringDurationS: 7,
    outcomeClass: 'success',
    callStatus: 50,
    terminationCode: '0',
    terminationReason: 'answered',
  },
  ...{ sipStatus: 200, q850Cause: 16, endReason: null, feedbackValue: '1', digits: '12', media: null, machine: null },
  ...{
    voiceFileId: 'hello.wav',
    trunkId: 4,
    sms: null,
    charge: {
      ...{ chargedDurationS: 20, cost: '0.02', baseCost: '0.022' },
      rate: { code: 'Philippines', billPeriod: '20+20', rate: '0.06', currency: 'EUR', quoteExchange: '1.1' },
    },
    recording: { state: 'waiting', fileId: null, problem: null, durationMs: null },
  },
};
const facts = { key, appId: 'abcd1234' };

/** Contract 10.1: the fields of the newest page in its order, with the JSON type of each where it is not null. */
const contract: [name: string, type: 'string' | 'number'][] = [
  ['voiceId', 'string'],
  ['type', 'number'],
  ['callee', 'string'],
  ['displayNum', 'string'],
  ['submitTime', 'number'],
  ['callTime', 'number'],
  ['ringingTime', 'number'],
  ['answerTime', 'number'],
  ['hangupTime', 'number'],
  ['callDuration', 'number'],
  ['chargedDuration', 'number'],
  ['billPeriod', 'string'],
  ['code', 'string'],
  ['voiceFileId', 'string'],
  ['recordingFileId', 'string'],
  ['rate', 'string'],
  ['baseCost', 'string'],
  ['cost', 'string'],
  ['terminationCode', 'string'],
  ['terminationReason', 'string'],
  ['sipCode', 'string'],
  ['feedbackValue', 'string'],
  ['calledInfo', 'string'],
  ['ringDuration', 'number'],
  ['currency', 'string'],
  ['settleRate', 'string'],
  ['quoteExchange', 'string'],
  ['settlePay', 'string'],
  ['outRecallCount', 'number'],
  ['taskId', 'number'],
  ['sourceTaskId', 'number'],
  ['scriptId', 'number'],
  ['intent', 'string'],
  ['dimensionId', 'number'],
  ['callStatus', 'number'],
];
/** What there is no source for. */
const neverGiven = ['scriptId', 'intent'];

test('report: every field of the contract is there, in its type, and ours come after them', () => {
  const body = JSON.parse(JSON.stringify(reportBody(record, facts)));
  const names = Object.keys(body);
  assert.deepEqual(
    names.slice(0, contract.length),
    contract.map(([name]) => name),
  );
  assert.deepEqual(names.slice(contract.length), ['appId', 'digits', 'causeCode']);
  for (const [name, type] of contract)
    assert.ok(body[name] === null || typeof body[name] === type, `${name}: ${body[name]}`);
  for (const name of neverGiven) assert.equal(body[name], null, name);
});

test('report: what an answered call of a recall round says', () => {
  const body = reportBody(record, facts);
  const { submitTime, callTime, ringingTime, answerTime, hangupTime } = body;
  assert.deepEqual(
    [submitTime, callTime, ringingTime, answerTime, hangupTime],
    [1_670_939_112_097, 1_670_939_113_097, 1_670_939_114_097, 1_670_939_121_097, 1_670_939_132_597],
  );
  assert.deepEqual([body.sipCode, body.terminationCode, body.callStatus], ['200', '0', 50]);
  assert.deepEqual([body.taskId, body.sourceTaskId, body.outRecallCount], [5_000_123, 5_000_100, 2]);
  assert.deepEqual([body.feedbackValue, body.digits, body.causeCode, body.appId], ['1', '12', 16, 'abcd1234']);
});

test('report: what a call cost', () => {
  const body = reportBody(record, facts);
  assert.deepEqual(
    [body.code, body.chargedDuration, body.billPeriod, body.rate, body.cost, body.baseCost],
    ['Philippines', 20, '20+20', '0.06', '0.02', '0.022'],
  );
  assert.deepEqual(
    [body.currency, body.settleRate, body.quoteExchange, body.settlePay],
    ['EUR', '0.06', '1.1', '0.02'],
  );
});

test('report: a recording has its name before it is stored, and none when it is lost or deleted', () => {
  const idOf = (recording: CallRecord['recording']) => reportBody({ ...record, recording }, facts).recordingFileId;
  const stored = { state: 'stored' as const, fileId: '2601055000123000007.wav', problem: null, durationMs: 100 };
  assert.equal(idOf(stored), stored.fileId);
  assert.equal(idOf({ ...stored, state: 'waiting', fileId: null }), stored.fileId);
  assert.equal(idOf({ ...stored, state: 'lost', fileId: null }), null);
  assert.equal(idOf({ ...stored, state: 'deleted', fileId: null }), null);
  assert.equal(idOf(null), null);
});

test('report: no key pressed is "-1"; a direct call shows no task', () => {
  assert.equal(reportBody({ ...record, feedbackValue: null }, facts).feedbackValue, '-1');
  const direct = reportBody({ ...record, isDirect: true, callType: 2 }, facts);
  assert.deepEqual([direct.type, direct.taskId, direct.sourceTaskId], [2, null, null]);
});
