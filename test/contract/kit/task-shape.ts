import {
  absentOr,
  boolean,
  decimalText,
  integer,
  isoTime,
  listOf,
  localTime,
  nullable,
  number,
  object,
  oneOf,
  type Shape,
  text,
} from './answer-shape.ts';

/** A line of group/call/query (contract 4.2, 15.7). */
export const taskSummaryFields: Readonly<Record<string, Shape>> = {
  taskId: integer({ min: 1 }),
  jobId: integer({ min: 1 }),
  taskName: text(/./),
  status: oneOf(0, 1, 2, 3, 4, 5, 6),
  rate: decimalText(),
  numCnt: integer({ min: 0 }),
  callNum: integer({ min: 0 }),
  success: integer({ min: 0 }),
  fail: integer({ min: 0 }),
  createdTime: localTime(),
  scriptId: nullable(integer()),
  taskType: oneOf(1),
  sendSmsNum: integer({ min: 0 }),
  successRate: number(),
  sendTime: nullable(localTime()),
};

const flag = nullable(oneOf(0, 1));

/** The data of group/call/detail (contract 4.3, 15.5), and what a task was sent with. */
export const taskDetailShape: Shape = object({
  jobId: integer({ min: 1 }),
  taskName: text(/./),
  displayNum: nullable(text()),
  text: nullable(text()),
  status: oneOf(0, 1, 2, 3, 4, 5, 6),
  rate: decimalText(),
  numCnt: integer({ min: 0 }),
  chargeLen: nullable(integer({ min: 0 })),
  success: integer({ min: 0 }),
  fail: integer({ min: 0 }),
  toseatNum: integer({ min: 0 }),
  successRate: decimalText(),
  toseatNumRate: decimalText(),
  sendTime: nullable(localTime()),
  createdTime: localTime(),
  mdfTime: localTime(),
  appId: text(/./),
  source: oneOf(1, 2, 3),
  voiceFileId: nullable(text()),
  calloutRate: nullable(integer({ min: 1, max: 100 })),
  finishTime: nullable(localTime()),
  keyFeedbackNum: integer({ min: 0 }),
  uploadName: nullable(text()),
  baseFile: nullable(text()),
  callLossNum: integer({ min: 0 }),
  callDuration: integer({ min: 0 }),
  callLossNumRate: decimalText(),
  code: nullable(text()),
  maxCalls: integer({ min: 1, max: 999 }),
  loopCount: integer({ min: 1, max: 9 }),
  lan: nullable(text()),
  allCallToseatNum: integer({ min: 0 }),
  callTotal: integer({ min: 0 }),
  acd: decimalText(),
  sipGroupName: nullable(text()),
  receivedSeatNum: integer({ min: 0 }),
  onineSeatNum: integer({ min: 0 }),
  duplicateNum: integer({ min: 0 }),
  invalidNum: integer({ min: 0 }),
});

/** A node of a recall flow: every field of the seed page's table and of its example, absent ones as null (contract 15.8). */
export const nodeShape: Shape = object({
  keyId: integer({ min: 1 }),
  taskId: nullable(integer({ min: 1 })),
  nodeStatus: oneOf(0, 1, 2, 3, 4),
  source: oneOf(1, 2, 3),
  voiceFileId: nullable(text()),
  voiceFileName: nullable(text()),
  uploadName: nullable(text()),
  text: nullable(text()),
  lan: nullable(text()),
  speakingRate: nullable(number()),
  ssmlGender: nullable(oneOf(1, 2)),
  accent: nullable(integer()),
  hangUpSms: oneOf(0, 1),
  idxSmsAppId: nullable(integer()),
  smsContent: nullable(text()),
  senderId: nullable(text()),
  feedbackPush: flag,
  feedbackValue: nullable(text(/^[0-9]$/)),
  successPush: flag,
  successPushTime: nullable(integer({ min: 0, max: 9999 })),
  failedPush: flag,
  ringPush: flag,
  toSeat: oneOf(0, 1),
  sipGroupId: nullable(integer()),
  outboundControl: nullable(oneOf(1)),
  calloutRate: nullable(integer({ min: 1, max: 100 })),
  toSeatType: nullable(oneOf(1, 2)),
  toSeatKey: nullable(text(/^[0-9]$/)),
  delayTransfer: integer({ min: 0 }),
});

const flowStatus = oneOf(0, 1, 2, 3, 4);

/** The data of recallFlow/queryDetail: the table of the seed page, and the page keys of its example (contract 15.8). */
export const flowDetailShape: Shape = object({
  keyId: integer({ min: 1 }),
  recallInterval: integer({ min: 1, max: 1440 }),
  recallNum: integer({ min: 1, max: 10 }),
  recallType: oneOf(0, 1),
  status: flowStatus,
  nodeList: listOf(nodeShape),
  records: listOf(nodeShape),
  total: integer({ min: 0 }),
  size: integer({ min: 0 }),
  current: oneOf(1),
  searchCount: boolean(),
  pages: integer({ min: 0 }),
});

/** A line of recallFlow/queryPage (contract 5.4). */
export const flowSummaryShape: Shape = object({
  keyId: integer({ min: 1 }),
  taskId: integer({ min: 1 }),
  taskName: text(/./),
  createTime: localTime(),
  recallType: oneOf(0, 1),
  recallInterval: integer({ min: 1, max: 1440 }),
  recallNum: integer({ min: 1, max: 10 }),
  finishNum: integer({ min: 0, max: 10 }),
  status: flowStatus,
});

const callStatus = oneOf(10, 20, 30, 40, 50, 60);

/** What a record tells of a call (contract 8.1, 15.9); money is text, and null or absent where there is no rate. */
const recordFields: Readonly<Record<string, Shape>> = {
  voiceId: text(/./),
  callee: text(/^[0-9]+$/),
  displayNum: nullable(text()),
  code: nullable(text()),
  submitTime: isoTime(),
  callTime: nullable(isoTime()),
  ringingTime: nullable(isoTime()),
  answerTime: nullable(isoTime()),
  hangupTime: nullable(isoTime()),
  callDuration: nullable(integer({ min: 0 })),
  chargedDuration: nullable(integer({ min: 0 })),
  terminationCode: nullable(text(/^\d+$/)),
  terminationReason: nullable(text()),
  cost: nullable(decimalText()),
  billPeriod: nullable(text(/^\d+\+\d+$/)),
  rate: nullable(decimalText()),
  baseCost: nullable(decimalText()),
  voiceFileId: nullable(text()),
  feedbackValue: nullable(text(/^(-1|[0-9])$/)),
  calledInfo: nullable(text()),
  settleRate: absentOr(decimalText()),
  quoteExchange: absentOr(decimalText()),
  settlePay: absentOr(decimalText()),
  currency: absentOr(text(/^[A-Z]{3}$/)),
  taskId: nullable(integer({ min: 1 })),
  sourceTaskId: nullable(integer({ min: 1 })),
  callStatus: nullable(callStatus),
  recordingFileId: nullable(text()),
};

export const recordShape: Shape = object(recordFields);

/** A callee of a task and what came of it (contract 15.9); one that was not called yet has only its number. */
export const calleeResultShape: Shape = object({
  ...recordFields,
  voiceId: nullable(text(/./)),
  submitTime: nullable(isoTime()),
});
