import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, listAt } from '../support/json.ts';
import { until } from '../support/until.ts';
import { conforms } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { queryOf, withField } from './kit/json-path.ts';
import { knownField, required } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { smsReportShape } from './kit/sms-answer-shape.ts';
import { askSms, sentMsgId, smsAppIdOf, smsEndpoint, whyNoSms } from './kit/sms-client.ts';

/** What became of messages, asked by their ids, by GET and by POST (docs/sms-dialect.md). */
const server = serverUnderTest();
const nobodys = '2108021054011000095';
let whyNot: string | null = null;
let msgId = '';
before(async () => {
  whyNot = await whyNoSms(server, '/v3/getReport');
  if (whyNot === null) msgId = await sentMsgId(server);
});

const appId = (): string => smsAppIdOf(server);
const ids = (value: Json): Case['change'] => {
  return (request) => withField(request, 'msgIds', value);
};

const described = {
  ...smsEndpoint,
  name: 'getReport',
  section: 'docs/sms-dialect.md: getReport',
  whyNot: () => whyNot,
  data: smsReportShape,
  codes: [0, -1, -2, -11, -14, -16, -18, -19, -22, -23],
  notProvoked: { [-11]: 'there is no time in the request', [-19]: 'reading needs no channel' },
  cases: () => [
    { title: 'no ids', change: ids(null), expects: refused(-14, 'msgIds') },
    { title: 'an empty list of ids', change: ids(''), expects: refused(-14, 'msgIds') },
    { title: 'commas alone', change: ids(' ,,'), expects: refused(-14, 'msgIds') },
    { title: '200 ids', change: ids(Array(200).fill(msgId).join()), expects: accepted() },
    { title: '201 ids', change: ids(Array(201).fill(msgId).join()), expects: refused(-23, /msgIds.*200/) },
    { title: 'an id of nobody', change: ids(nobodys), expects: accepted() },
    { title: 'what is no id', change: ids('x'), expects: accepted() },
  ],
} satisfies Partial<Endpoint>;

const valid = (): Json => ({ appId: appId(), msgIds: msgId });

conforms(server, {
  ...described,
  method: 'GET',
  path: (request) => `/getReport?${queryOf(request)}`,
  variants: [{ title: 'a message', valid, fields: { appId: required(knownField(appId, [])) } }],
});

conforms(server, {
  ...described,
  method: 'POST',
  variants: [{ title: 'a message', valid, fields: { appId: required(knownField(appId)) } }],
});

test('it counts all that it was asked for, and tells of what is found in the order of the ids', async (context) => {
  if (whyNot !== null) return context.skip(whyNot);
  const other = await sentMsgId(server);
  const query = queryOf({ appId: appId(), msgIds: `${other},${nobodys},x,${msgId}` });
  // Until they have left the queue, messages count as not found.
  const { report } = await until(
    async () => {
      const { json: report = null } = await askSms(server, `/v3/getReport?${query}`);
      return listAt(report, 'array').length === 2 ? { report } : null;
    },
    { what: `the report of ${other} and ${msgId}`, timeoutMs: 60_000, everyMs: 200 },
  );
  const entries = listAt(report, 'array');
  assert.deepEqual(
    entries.map((entry) => [at(entry, 'msgId'), at(entry, 'number')]),
    [other, msgId].map((id) => [id, server.settings.smsNumber]),
  );
  const having = (status: string): string => String(entries.filter((entry) => at(entry, 'status') === status).length);
  const counts = ['success', 'fail', 'sending', 'nofound'].map((name) => at(report, name));
  assert.deepEqual(counts, [having('0'), having('1'), having('-1'), '2']);
});
