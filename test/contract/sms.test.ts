import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, type Json, listAt, textAt } from '../support/json.ts';
import { until } from '../support/until.ts';
import { usualLiterals } from './kit/answer.ts';
import { conforms } from './kit/conforms.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { type Fields, isFields, withField } from './kit/json-path.ts';
import { spanOfDays } from './kit/record-client.ts';
import { knownField, optional, required, textField } from './kit/request-field.ts';
import { serverUnderTest, signed } from './kit/server-under-test.ts';
import { variables } from './kit/settings.ts';
import { sentRecordShape, sentSmsShape, smsReportShape } from './kit/sms-answer-shape.ts';

/** The three SMS endpoints, as docs/sms-dialect.md has gathered them. */
const server = serverUnderTest();
const number = '8613800000001';
const appId = (): string => server.settings.smsAppId ?? '';
const whyNot = (): string | null =>
  server.settings.smsAppId === null ? `needs an SMS application: set ${variables.smsAppId}` : null;

let msgId = '';
before(async () => {
  await server.open();
  if (whyNot() === null) msgId = textAt((await send({})) ?? null, 'array', 0, 'msgId');
});

async function send(fields: Fields): Promise<Json> {
  const request = { appId: appId(), numbers: number, content: 'hello', ...fields };
  const headers = signed(server.settings.credentials);
  const answer = await server.raw({ method: 'POST', path: '/v3/sendSms', headers, body: JSON.stringify(request) });
  return answer.json ?? null;
}

const set =
  (name: string, value: Json): Case['change'] =>
  (valid) =>
    withField(valid, name, value);

const common = { base: '', isFlat: true, literals: usualLiterals, whyNot } as const;

conforms(server, {
  ...common,
  name: 'sendSms',
  section: 'sms/sendSms',
  method: 'POST',
  variants: [
    {
      title: 'a message',
      valid: () => ({ appId: appId(), numbers: number, content: 'hello' }),
      fields: {
        appId: required(knownField(appId)),
        senderId: optional(textField({ min: 0, max: 32 })),
        orderId: optional(knownField(() => 'order-1')),
      },
    },
  ],
  data: sentSmsShape,
  codes: [0, -1, -2, -3, -4, -5, -7, -8, -9, -10, -16, -18, -19, -21, -22, -24],
  notProvoked: {
    [-3]: 'no words are forbidden',
    [-10]: 'messages cost nothing',
    [-19]: "an application without a channel is an operator's matter",
  },
  bodyLimitMiB: 1,
  cases: () => [
    { title: 'no content', change: set('content', null), expects: refused(-4, /./) },
    { title: 'an empty content', change: set('content', ''), expects: refused(-4, /./) },
    { title: '1,024 characters', change: set('content', 'x'.repeat(1024)), expects: accepted() },
    { title: '1,025 characters', change: set('content', 'x'.repeat(1025)), expects: refused(-5, /1024/) },
    { title: 'no number', change: set('numbers', null), expects: refused(-8, /./) },
    { title: 'an empty list of numbers', change: set('numbers', ''), expects: refused(-8, /./) },
    { title: 'only numbers that are none', change: set('numbers', 'x,+1'), expects: refused(-9, /./) },
    { title: '1,001 numbers', change: set('numbers', Array(1001).fill(number).join()), expects: refused(-7, /1000/) },
    {
      title: 'fewer order ids than numbers',
      change: (valid) => withField(withField(valid, 'numbers', `${number},${number}`), 'orderId', 'a'),
      expects: refused(-21, /./),
    },
    { title: 'an application of nobody', change: set('appId', 'nobody'), expects: refused(-24, 'nobody') },
  ],
});

conforms(server, {
  ...common,
  name: 'getReport',
  section: 'sms/getReport',
  method: 'GET',
  path: (request) => `/getReport?${queryOf(request)}`,
  variants: [
    {
      title: 'a message',
      valid: () => ({ appId: appId(), msgIds: msgId }),
      fields: { appId: required(knownField(appId, [])) },
    },
  ],
  data: smsReportShape,
  codes: [0, -1, -2, -14, -16, -18, -22, -23],
  cases: () => [
    { title: 'no ids', change: set('msgIds', null), expects: refused(-14, /msgIds/) },
    { title: '200 ids', change: set('msgIds', Array(200).fill(msgId).join()), expects: accepted() },
    { title: '201 ids', change: set('msgIds', Array(201).fill(msgId).join()), expects: refused(-23, /200/) },
    { title: 'an id of nobody', change: set('msgIds', '2108021054011000095'), expects: accepted() },
  ],
});

conforms(server, {
  ...common,
  name: 'getSentRcd',
  section: 'sms/getSentRcd',
  method: 'GET',
  path: (request) => `/getSentRcd?${queryOf(request)}`,
  variants: [
    {
      title: 'a period',
      valid: () => ({ appId: appId(), startTime: spanOfDays(1, 1).strTime, endTime: spanOfDays(1, 1).endTime }),
      fields: {
        appId: required(knownField(appId, [])),
        startTime: required(knownField(() => spanOfDays(1, 1).strTime, [])),
        endTime: required(knownField(() => spanOfDays(1, 1).endTime, [])),
        startIndex: optional(knownField(() => 1, [])),
      },
    },
  ],
  data: sentRecordShape,
  codes: [0, -1, -2, -11, -16, -18, -22, -25],
  cases: () => [
    { title: 'a time in another format', change: set('startTime', 'yesterday'), expects: refused(-11, 'startTime') },
    { title: '32 days', change: set('startTime', spanOfDays(32, 0).strTime), expects: refused(-25, /31/) },
    { title: 'letters for startIndex', change: set('startIndex', 'x'), expects: refused(-22, 'startIndex') },
  ],
});

function queryOf(request: Json): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(isFields(request) ? request : {})) {
    if (value !== null && typeof value !== 'object') parameters.append(name, String(value));
  }
  return parameters;
}

describe('what becomes of messages', () => {
  test('each number is counted, and each that is taken has an id and its own order id', async (context) => {
    const reason = whyNot();
    if (reason !== null) return context.skip(reason);
    const answer = await send({ numbers: `${number},x,8613800000002`, orderId: 'a,b,c' });
    assert.deepEqual([at(answer, 'success'), at(answer, 'fail')], ['2', '1']);
    const entries = listAt(answer, 'array').map((entry) => [at(entry, 'number'), at(entry, 'orderId')]);
    assert.deepEqual(entries, [
      [number, 'a'],
      ['8613800000002', 'c'],
    ]);
    const ids = listAt(answer, 'array').map((entry) => at(entry, 'msgId'));
    assert.equal(new Set(ids).size, 2);
  });

  test('getReport counts what it was asked for, and getSentRcd has the same message', async (context) => {
    const reason = whyNot();
    if (reason !== null) return context.skip(reason);
    const headers = signed(server.settings.credentials);
    const ask = async (path: string): Promise<Json> =>
      (await server.raw({ method: 'GET', path, headers, body: null })).json ?? null;
    const request = { appId: appId(), msgIds: `${msgId},2108021054011000095` };
    const report = await until(
      async () => {
        const answer = await ask(`/v3/getReport?${queryOf(request)}`);
        return listAt(answer, 'array').length === 1 ? { answer } : null;
      },
      { what: `the report of ${msgId}`, timeoutMs: 30_000 },
    );
    const counts = ['success', 'fail', 'sending', 'nofound'].map((name) => Number(at(report.answer, name)));
    assert.equal(
      counts.reduce((sum, one) => sum + one, 0),
      2,
      counts.join(),
    );
    assert.equal(at(report.answer, 'nofound'), '1');
    assert.equal(at(report.answer, 'array', 0, 'number'), number);
    const span = spanOfDays(1, 1);
    const sent = await ask(
      `/v3/getSentRcd?${queryOf({ appId: appId(), startTime: span.strTime, endTime: span.endTime })}`,
    );
    assert.ok(listAt(sent, 'array').some((entry) => at(entry, 'msgId') === msgId));
  });
});
