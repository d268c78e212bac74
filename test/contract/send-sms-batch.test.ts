import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, listAt } from '../support/json.ts';
import { conforms } from './kit/conforms.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { withField } from './kit/json-path.ts';
import { knownField, optional, required, sample, textField } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { sentSmsShape } from './kit/sms-answer-shape.ts';
import { askSms, messageRefusals, numbersOf, smsAppIdOf, smsEndpoint, smsTo, whyNoSms } from './kit/sms-client.ts';

/** Several texts at once: all of them are taken, or none is (docs/sms-dialect.md). */
const server = serverUnderTest();
let whyNot: string | null = null;
before(async () => {
  whyNot = await whyNoSms(server, '/v3/sendSms/batch');
});

const appId = (): string => smsAppIdOf(server);
const number = (): string => server.settings.smsNumber ?? '';
const batch = (...array: Json[]): Json => ({ appId: appId(), array });
const set =
  (name: string, value: Json): Case['change'] =>
  (request) =>
    withField(request, name, value);

conforms(server, {
  ...smsEndpoint,
  name: 'sendSms/batch',
  section: 'docs/sms-dialect.md: sendSms',
  method: 'POST',
  whyNot: () => whyNot,
  variants: [
    {
      title: 'two texts',
      valid: () => batch(smsTo(server), smsTo(server, { content: 'another' })),
      fields: {
        appId: required(knownField(appId)),
        array: required({
          good: [],
          bad: [sample([], 'an empty list'), sample('x', 'a text'), sample({}, 'an object'), sample(['x'], 'of texts')],
        }),
        'array.1.senderId': optional(textField({ min: 0, max: 32 })),
        'array.1.orderId': optional(knownField(() => 'order-1')),
      },
    },
  ],
  data: sentSmsShape,
  codes: [0, -1, -2, -3, -4, -5, -7, -8, -9, -10, -16, -18, -19, -21, -22, -24],
  notProvoked: {
    [-3]: 'no words are forbidden',
    [-10]: 'messages cost nothing',
    [-19]: 'a test of sendSms has it',
  },
  cases: () => [
    ...messageRefusals(number(), 'array.1.'),
    { title: 'null for a text', change: set('array', [null]), expects: refused(-22, 'array[0]') },
    { title: '1,024 characters', change: set('array.1.content', 'x'.repeat(1024)), expects: accepted() },
    {
      title: '1,000 numbers together',
      change: () => batch(...[400, 600].map((count) => smsTo(server, { numbers: numbersOf(number(), count) }))),
      expects: accepted(),
    },
    {
      title: '1,001 numbers together',
      change: () => batch(...[401, 600].map((count) => smsTo(server, { numbers: numbersOf(number(), count) }))),
      expects: refused(-7, /array.*1000.*1001/),
    },
    {
      title: 'a voice application',
      change: set('appId', server.settings.appId),
      expects: refused(-24, server.settings.appId),
    },
    { title: 'an application of nobody', change: set('appId', 'nobody'), expects: refused(-24, 'nobody') },
  ],
});

test('the messages of all texts are counted together, in their order', async (context) => {
  if (whyNot !== null) return context.skip(whyNot);
  const texts = [
    smsTo(server, { numbers: `${number()},x`, orderId: 'a,b' }),
    smsTo(server, { orderId: 'c' }),
    smsTo(server),
  ];
  const { json = null, body } = await askSms(server, '/v3/sendSms/batch', batch(...texts));
  assert.deepEqual([at(json, 'success'), at(json, 'fail')], ['3', '1'], body);
  const entries = listAt(json, 'array');
  assert.deepEqual(
    entries.map((entry) => at(entry, 'orderId')),
    ['a', 'c', null],
  );
  assert.equal(new Set(entries.map((entry) => at(entry, 'msgId'))).size, 3);
});
