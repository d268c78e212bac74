import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Json } from '../support/json.ts';
import { at, listAt, numberAt } from '../support/json.ts';
import { numbersFrom } from '../support/task-client.ts';
import { usualLiterals } from './kit/answer.ts';
import { integer } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { type Fields, isFields, withField } from './kit/json-path.ts';
import { flowOf } from './kit/recall-client.ts';
import { knownField, listField, objectField, optional, required } from './kit/request-field.ts';
import { farFuture, serverUnderTest, uniqueText } from './kit/server-under-test.ts';
import {
  below,
  contentVariants,
  maxCallsField,
  namedTaskFields,
  nothingAfterFields,
  planFields,
  recallPlanFields,
  sendTimeField,
  shownBelow,
  transferCases,
  variantsWithContent,
  windowFields,
} from './kit/task-table.ts';

const server = serverUnderTest();
let voiceFileId = '';
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
});

const number = '8613800000001';
const taken = `${uniqueText(6)} taken`;

function valid(content: Fields): Fields {
  return {
    appId: server.settings.appId,
    taskName: uniqueText(10),
    numberInfoList: [{ calleeNumber: number, text1: 'Tom' }],
    loopCount: 1,
    maxCalls: 40,
    sendTime: farFuture,
    ...content,
  };
}

const uploaded = (): Fields => valid({ source: 1, voiceFileId });
const recalling = (fields: Fields): Fields => ({
  ...uploaded(),
  recallFlow: { recallType: 1, recallInterval: 30, recallNum: 2, ...fields },
});
const contents = contentVariants(() => voiceFileId);

conforms(server, {
  name: 'group/call/send',
  section: '4.1, 15.5',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    ...variantsWithContent(contents, valid, {
      appId: required(
        knownField(() => server.settings.appId),
        { shownAs: 'appId' },
      ),
      ...namedTaskFields,
      ...planFields,
      ...nothingAfterFields,
      maxCalls: required(maxCallsField, { shownAs: 'maxCalls' }),
      recallFlow: optional(objectField()),
    }),
    {
      title: 'a window',
      valid: () => ({ ...uploaded(), allowSendTime: [{ strTime: '09:00', endTime: '18:00' }] }),
      fields: windowFields,
    },
    {
      title: 'a recall flow',
      valid: () => recalling({ nodeList: [] }),
      fields: {
        ...below('recallFlow', recallPlanFields),
        'recallFlow.nodeList': optional(
          listField((count) => Array<Json>(count).fill({ source: 1, voiceFileId, hangUpSms: 0 }), { min: 0, max: 2 }),
        ),
      },
    },
    ...contents.map(({ title, content, fields }) => ({
      title: `a recall node with ${title}`,
      valid: () => recalling({ nodeList: [{ ...content(), hangUpSms: 0 }] }),
      fields: below('recallFlow.nodeList.0', fields, 'node'),
    })),
  ],
  data: integer({ min: 1 }),
  codes: [0, -1, -2, -10, -16, -18, -20, -21, -22, -23, -24, -26, -35],
  notProvoked: {
    [-10]: 'balance.test.ts has it',
    [-26]: 'balance.test.ts has it',
    [-35]: 'an empty list is -22 here',
  },
  bodyLimitMiB: 128,
  cases: () => [
    ...nameCases(),
    ...numberCases(),
    ...timeCases(),
    ...recallCases(),
    ...transferCases(),
    ...languages().map(languageCase),
  ],
  async show(data) {
    const taskId = server.cancelLater(numberAt(data));
    const detail = await server.mustGet(`/group/call/detail/${taskId}`);
    const flow = await flowOf(server, taskId);
    if (flow === null || !isFields(detail)) return detail;
    const nodes = isFields(flow) && Array.isArray(flow.nodeList) ? flow.nodeList : [];
    return { ...detail, ...shownBelow('recallFlow', flow), ...shownBelow('node', nodes[0]) };
  },
});

/** The codes of 13.3, and those of 15.13 that Carillon speaks by itself: all but PH, which Google speaks. */
function languages(): readonly string[] {
  const documented = 'VN EN JP ARB DE IN IT KR RU ES PT IDN BD TH';
  const ours = 'CN TW HK FR TR MY PK IR PL NL UA RO GR SE HU CZ KE IL';
  return `${documented} ${server.settings.admin === null ? '' : ours}`.trim().split(' ');
}

function languageCase(lan: string): Case {
  const change = (valid: Json): Json => ({ ...withoutContent(valid), source: 3, text: '1', lan });
  return { title: `a text in ${lan}`, change, expects: accepted(['lan', lan]) };
}

test('a variable of more than 30 characters is cut to 30, none of them halved (contract 4.1)', async () => {
  const texts = { text1: 'x'.repeat(31), text2: '😀'.repeat(31), text9: 'y'.repeat(30), text10: 'ten' };
  const taskId = await server.sendTask({ voiceFileId, numberInfoList: [{ calleeNumber: number, ...texts }] });
  const [callee = null] = listAt(await server.mustPost('/group/call/records', { params: { taskId } }), 'records');
  const seen = ['text1', 'text2', 'text3', 'text9', 'text10'].map((name) => at(callee, name));
  assert.deepEqual(seen, ['x'.repeat(30), '😀'.repeat(30), null, 'y'.repeat(30), 'ten']);
});

function nameCases(): Case[] {
  const named = (valid: Json): Json => withField(valid, 'taskName', taken);
  return [
    { title: 'a name for the first time', change: named, expects: accepted(['taskName', taken]) },
    { title: 'the same name again', change: named, expects: refused(-20, taken) },
    {
      title: 'an application of nobody',
      change: (valid) => withField(valid, 'appId', 'nobody'),
      expects: refused(-24, 'nobody'),
    },
    {
      title: 'a file of nobody',
      change: (valid) => withField(valid, 'voiceFileId', 'nobody.wav'),
      expects: refused(-24, 'nobody.wav'),
    },
    {
      title: 'a blank displayNum',
      change: (valid) => withField(valid, 'displayNum', ''),
      expects: accepted(['displayNum', null]),
    },
    {
      title: 'a file that comes along and is no audio',
      change: (valid) => ({
        ...withoutContent(valid),
        source: 2,
        uploadName: `${uniqueText(6)}.wav`,
        baseFile: 'aGVsbG8=',
      }),
      expects: refused(-21, 'baseFile'),
    },
    {
      title: 'a language that nobody speaks, and the known ones',
      change: (valid) => ({ ...withoutContent(valid), source: 3, text: 'hello', lan: 'XX' }),
      expects: refused(-22, /XX(?=.*\bVN\b)(?=.*\bEN\b)(?=.*\bTH\b)/),
    },
  ];
}

function withoutContent(valid: Json): Fields {
  const body = withField(withField(valid, 'source', undefined), 'voiceFileId', undefined);
  return isFields(body) ? body : {};
}

/** The list is checked as a whole (contract 1.6, 15.5). */
function numberCases(): Case[] {
  const list =
    (numberList: Json) =>
    (valid: Json): Json =>
      withField(withField(valid, 'numberInfoList', undefined), 'numberList', numberList);
  const infos =
    (numberInfoList: Json) =>
    (valid: Json): Json =>
      withField(valid, 'numberInfoList', numberInfoList);
  const skipping =
    (change: (valid: Json) => Json) =>
    (valid: Json): Json =>
      withField(change(valid), 'skipInvalid', 1);
  const speaking =
    (change: (valid: Json) => Json, text: string) =>
    (valid: Json): Json =>
      change({ ...withoutContent(valid), source: 3, text, lan: 'EN' });
  return [
    { title: 'numberList', change: list([number]), expects: accepted(['numCnt', 1]) },
    { title: 'numberInfoList', change: infos([{ calleeNumber: number }]), expects: accepted(['numCnt', 1]) },
    { title: 'neither list', change: list(null), expects: refused(-22, /number(Info)?List/) },
    { title: 'an empty list', change: list([]), expects: refused(-22, 'numberList') },
    { title: 'a list that is a text', change: list(number), expects: refused(-22, 'numberList') },
    { title: '6 digits', change: list(['123456']), expects: accepted(['numCnt', 1]) },
    { title: '18 digits', change: list(['1'.repeat(18)]), expects: accepted(['numCnt', 1]) },
    { title: 'a number as a number', change: list([8613800000002]), expects: accepted(['numCnt', 1]) },
    { title: '5 digits', change: list([number, '12345']), expects: refused(-21, /\b1\b.*2.*12345/) },
    { title: '19 digits', change: list(['1'.repeat(19)]), expects: refused(-21, '1'.repeat(19)) },
    { title: 'a plus', change: list([`+${number}`]), expects: refused(-21, `+${number}`) },
    {
      title: 'a variable that is no text',
      change: infos([{ calleeNumber: number, text3: {} }]),
      expects: refused(-21, 'text3'),
    },
    { title: 'a row without number', change: infos([{ text1: 'x' }]), expects: refused(-21, 'calleeNumber') },
    {
      title: '25 bad rows: how many, and the first 20',
      change: list([...numbersFrom(8613800000000, 30), ...Array<Json>(25).fill('x')]),
      expects: refused(-21, /\b25\b(?=.*\b31\b)(?=.*\b50\b)(?!.*\b51\b)/),
    },
    {
      title: 'skipInvalid: the good ones',
      change: skipping(list([number, 'x', 'y'])),
      expects: accepted(['invalidNum', 2]),
    },
    {
      title: 'skipInvalid: how many are left',
      change: skipping(list([number, 'x'])),
      expects: accepted(['numCnt', 1]),
    },
    { title: 'skipInvalid with no good one', change: skipping(list(['x'])), expects: refused(-21, 'x') },
    {
      title: 'a number twice',
      change: list([number, number, '8613800000002']),
      expects: accepted(['duplicateNum', 1]),
    },
    { title: 'a number twice is called once', change: list([number, number]), expects: accepted(['numCnt', 1]) },
    {
      title: '200,000 numbers',
      change: list(numbersFrom(8613000000000, 200_000)),
      expects: accepted(['numCnt', 200_000]),
    },
    { title: '200,001 numbers', change: list(numbersFrom(8613000000000, 200_001)), expects: refused(-23, /200.?000/) },
    {
      title: 'a variable that everybody has',
      change: speaking(infos([{ calleeNumber: number, text2: 'Tom' }]), 'hello ${text2}'),
      expects: accepted(['text', 'hello ${text2}']),
    },
    {
      title: 'a variable that somebody lacks',
      change: speaking(
        infos([{ calleeNumber: number, text2: 'Tom' }, { calleeNumber: '8613800000002' }]),
        'hello ${text2}',
      ),
      expects: refused(-21, /2.*text2/),
    },
  ];
}

function timeCases(): Case[] {
  const at =
    (value: Json) =>
    (valid: Json): Json =>
      withField(valid, 'sendTime', value);
  return [
    ...sendTimeField.good.map(
      ({ title, make }): Case => ({
        title: `sendTime ${title}`,
        change: at(make()),
        expects: accepted(['sendTime', make()]),
      }),
    ),
    ...sendTimeField.bad.map(
      ({ title, make }): Case => ({
        title: `sendTime ${title}`,
        change: at(make()),
        expects: refused(-22, 'sendTime'),
      }),
    ),
  ];
}

function recallCases(): Case[] {
  const flow =
    (fields: Json) =>
    (valid: Json): Json =>
      withField(valid, 'recallFlow', fields);
  const plan = { recallType: 0, recallInterval: 1, recallNum: 1 };
  const node = { source: 1, voiceFileId, hangUpSms: 0 };
  return [
    {
      title: 'as many nodes as rounds',
      change: flow({ ...plan, nodeList: [node] }),
      expects: accepted(['recallFlow.recallNum', 1]),
    },
    {
      title: 'more nodes than rounds',
      change: flow({ ...plan, nodeList: [node, node] }),
      expects: refused(-22, 'nodeList'),
    },
    {
      title: 'a null nodeList',
      change: flow({ ...plan, nodeList: null }),
      expects: accepted(['recallFlow.recallNum', 1]),
    },
    {
      title: 'a node with a file of nobody',
      change: flow({ ...plan, nodeList: [{ ...node, voiceFileId: 'nobody.wav' }] }),
      expects: refused(-24, 'nobody.wav'),
    },
    ...transferCases('recallFlow.nodeList.0').map((row) => ({
      ...row,
      change: (valid: Json) => row.change(flow({ ...plan, nodeList: [node] })(valid)),
    })),
    { title: 'an empty recallFlow is none', change: flow({}), expects: accepted(['status', 0]) },
  ];
}
