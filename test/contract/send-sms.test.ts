import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, listAt, textAt } from '../support/json.ts';
import { conforms, needsAdmin } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { queryOf, withField } from './kit/json-path.ts';
import { knownField, optional, required, sample, textField } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { sentSmsShape } from './kit/sms-answer-shape.ts';
import {
  askSms,
  messageRefusals,
  numbersOf,
  sendSms,
  smsAppIdOf,
  smsEndpoint,
  smsTo,
  whyNoSms,
} from './kit/sms-client.ts';

/** One text to one or many numbers, by POST and by GET (docs/sms-dialect.md). */
const server = serverUnderTest();
let whyNot: string | null = null;
before(async () => {
  whyNot = await whyNoSms(server, '/v3/sendSms');
});

const appId = (): string => smsAppIdOf(server);
const number = (): string => server.settings.smsNumber ?? '';
const valid = (): Json => ({ appId: appId(), ...smsTo(server) });
const set =
  (name: string, value: Json): Case['change'] =>
  (request) =>
    withField(request, name, value);

const described = {
  ...smsEndpoint,
  name: 'sendSms',
  section: 'docs/sms-dialect.md: sendSms',
  whyNot: () => whyNot,
  data: sentSmsShape,
  codes: [0, -1, -2, -3, -4, -5, -7, -8, -9, -10, -16, -18, -19, -21, -22, -24],
  notProvoked: {
    [-3]: 'no words are forbidden',
    [-10]: 'messages cost nothing',
    [-19]: 'a test of its own has it',
  },
} satisfies Partial<Endpoint>;

/** What both methods have; they differ in how many numbers they take. */
const cases = (mostNumbers: number): Case[] => [
  ...messageRefusals(number()),
  { title: '1,024 characters', change: set('content', 'x'.repeat(1024)), expects: accepted() },
  { title: '1,024 characters of four bytes', change: set('content', '😀'.repeat(1024)), expects: accepted() },
  { title: '6 digits among others', change: set('numbers', `${number()},12345`), expects: accepted() },
  { title: 'as many numbers as may be', change: set('numbers', numbersOf(number(), mostNumbers)), expects: accepted() },
  {
    title: 'a number more',
    change: set('numbers', numbersOf(number(), mostNumbers + 1)),
    expects: refused(-7, new RegExp(`numbers.*${mostNumbers}`)),
  },
  {
    title: 'a voice application',
    change: set('appId', server.settings.appId),
    expects: refused(-24, server.settings.appId),
  },
  { title: 'an application of nobody', change: set('appId', 'nobody'), expects: refused(-24, 'nobody') },
];

conforms(server, {
  ...described,
  method: 'POST',
  variants: [
    {
      title: 'a message',
      valid,
      fields: {
        appId: required(knownField(appId)),
        senderId: optional(textField({ min: 0, max: 32 })),
        orderId: optional(knownField(() => 'order-1')),
      },
    },
  ],
  cases: () => [
    ...cases(1000),
    { title: 'a number as a number', change: set('numbers', Number(number())), expects: accepted() },
    ...[true, ['x'], { value: 'x' }].map((content) => ({
      title: `content ${JSON.stringify(content)}`,
      change: set('content', content),
      expects: refused(-22, 'content'),
    })),
    ...[true, { value: 'x' }].map((numbers) => ({
      title: `numbers ${JSON.stringify(numbers)}`,
      change: set('numbers', numbers),
      expects: refused(-9, 'numbers'),
    })),
  ],
});

conforms(server, {
  ...described,
  method: 'GET',
  path: (request) => `/sendSms?${queryOf(request)}`,
  variants: [
    {
      title: 'a message',
      valid,
      fields: {
        appId: required(knownField(appId, [])),
        senderId: optional({ good: [sample('x'.repeat(32), '32 characters')], bad: [sample('x'.repeat(33), '33')] }),
        orderId: optional(knownField(() => 'order-1', [])),
      },
    },
  ],
  cases: () => cases(100),
});

test('each number is counted, and each that is taken has an id and its own order id', async (context) => {
  if (whyNot !== null) return context.skip(whyNot);
  const answer = await sendSms(server, { numbers: `${number()},x,${number()}`, orderId: 'a,b,c' });
  assert.deepEqual([at(answer, 'success'), at(answer, 'fail')], ['2', '1']);
  const entries = listAt(answer, 'array');
  assert.deepEqual(
    entries.map((entry) => [at(entry, 'number'), at(entry, 'orderId')]),
    [
      [number(), 'a'],
      [number(), 'c'],
    ],
  );
  const ids = entries.map((entry) => textAt(entry, 'msgId'));
  assert.equal(new Set(ids).size, 2, ids.join());
});

test('an application without a channel: -19', async (context) => {
  if (whyNot !== null) return context.skip(whyNot);
  if (needsAdmin(context, server)) return;
  const accountId = server.settings.admin?.accountId ?? 0;
  const app = await server.admin('POST', '/apps', { accountId, name: 'contract without channel', kind: 'sms' });
  const unbound = textAt(app, 'appId');
  for (const [path, body] of [
    ['/v3/sendSms', { appId: unbound, ...smsTo(server) }],
    ['/v3/sendSms/batch', { appId: unbound, array: [smsTo(server)] }],
  ] as const) {
    const answer = await askSms(server, path, body);
    assert.equal(answer.code, -19, answer.body);
    assert.match(answer.message, new RegExp(unbound));
  }
});
