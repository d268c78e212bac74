import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, type Json, listAt, textAt } from '../support/json.ts';
import { until } from '../support/until.ts';
import { usualLiterals } from './kit/answer.ts';
import { text } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { directCallFields } from './kit/direct-table.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { withField } from './kit/json-path.ts';
import { nobodyToCall, peopleOrSkip } from './kit/people.ts';
import { recordOf, spanOfDays } from './kit/record-client.ts';
import {
  choiceField,
  decimalField,
  integerField,
  knownField,
  optional,
  required,
  sample,
  textField,
  wordField,
} from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';

const server = serverUnderTest();
const callee = (): string => server.settings.people?.isUnknown ?? '';
const valid = (): { readonly [key: string]: Json } => ({
  callee: callee(),
  language: 'EN',
  text: 'hello world',
  appId: server.settings.appId,
});

const spoken = (length: number): string =>
  'la '
    .repeat(400)
    .slice(0, length - 1)
    .concat('a');

conforms(server, {
  name: 'sendCode',
  section: '6.2',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'a text',
      valid,
      fields: {
        callee: required(
          knownField(callee, [
            sample('123456', '6 digits'),
            sample('1'.repeat(16), '16 digits'),
            sample('8613800000001,8613800000002', 'two numbers'),
            sample('+8613800000001', 'a plus'),
            sample({}, 'an object'),
            sample(true, 'a boolean'),
          ]),
        ),
        language: required(wordField(['EN', 'VN', 'TH'], ['XX', 'ENGLISH'])),
        text: required(textField({ min: 1, max: 800, make: spoken })),
        appId: required(knownField(() => server.settings.appId)),
        ...directCallFields,
        recallCount: optional({
          good: [sample(0, '0'), sample('0', '"0"')],
          bad: integerField({ min: 0, max: 10 }).bad,
        }),
        accent: optional(knownField(() => '91', [sample('british', 'letters'), sample({}, 'an object')])),
        ssmlGender: optional(choiceField(1, 2)),
        speakingRate: optional(decimalField({ min: 0.25, max: 4, step: 0.01 })),
        delayPlay: optional(integerField({ min: 0, max: 999 })),
        delayHangup: optional(integerField({ min: 0, max: 999 })),
      },
    },
    {
      title: 'a text that is called again',
      valid: () => ({ ...valid(), recallCount: 1 }),
      fields: {
        recallInterval: optional(integerField({ min: 1, max: 999 })),
      },
    },
    ...['IDN', 'VN', 'TH'].map((language) => ({
      title: `a text in ${language}, where texts are short`,
      valid: () => ({ ...valid(), language }),
      fields: { text: required(textField({ min: 1, max: 299, make: spoken })) },
    })),
  ],
  data: text(/./),
  whyNot: () => nobodyToCall(server),
  codes: [0, -1, -2, -10, -16, -18, -22, -26],
  notProvoked: { [-10]: 'balance.test.ts has it', [-26]: 'balance.test.ts has it' },
  bodyLimitMiB: 1,
  cases,
});

function cases(): Case[] {
  const set =
    (name: string, value: Json): Case['change'] =>
    (body) =>
      withField(body, name, value);
  return [
    // As the sample of the page has it: no recall, and an interval of 0.
    { title: 'recallInterval 0 without recall', change: set('recallInterval', 0), expects: accepted() },
    { title: 'as the page has it', change: (body) => ({ ...sampleOfPage, ...Object(body) }), expects: accepted() },
    { title: 'digits between commas', change: set('text', '1,2,3,4'), expects: accepted() },
    { title: 'an application of nobody', change: set('appId', 'nobody'), expects: refused(-22, 'appId') },
    { title: 'known languages are named', change: set('language', 'XX'), expects: refused(-22, /\bVN\b/) },
  ];
}

const sampleOfPage: { readonly [key: string]: Json } = {
  displayNum: '1008122211',
  accent: '91',
  ssmlGender: 2,
  speakingRate: 1,
  loopCount: 2,
  recallCount: 0,
  recallInterval: 0,
  maxDuration: 120,
  maxRingingTime: 60,
  calledInfo: 'calledInfo',
  delayPlay: 0,
  delayHangup: 0,
};

describe('what becomes of a code (contract 6.2)', () => {
  test('it has a record, which echoes calledInfo', async (context) => {
    const people = peopleOrSkip(context, server);
    if (people === null) return;
    const request = { ...valid(), callee: people.answers, calledInfo: 'login 7', maxDuration: 1 };
    const record = await recordOf(server, textAt(await server.mustPost('/sendCode', request)));
    const names = ['callee', 'callStatus', 'terminationCode', 'calledInfo'];
    assert.deepEqual(
      names.map((name) => at(record, name)),
      [people.answers, 50, '0', 'login 7'],
    );
  });

  test('called again, it is one record: that of the last call', async (context) => {
    const people = peopleOrSkip(context, server);
    if (people === null) return;
    const request = { ...valid(), callee: people.isBusy, recallCount: 1, recallInterval: 1 };
    const voiceId = textAt(await server.mustPost('/sendCode', request));
    const first = await recordOf(server, voiceId);
    const { last } = await until(
      async () => {
        const record = await recordOf(server, voiceId);
        return at(record, 'callTime') === at(first, 'callTime') ? null : { last: record };
      },
      { what: 'the second call', timeoutMs: 30_000 + 2 * server.settings.minuteMs, everyMs: 200 },
    );
    assert.equal(at(last, 'callStatus'), 10);
    const page = await server.mustPost('/recordGroupQuery', { current: 1, size: 100, params: spanOfDays(1, 1) });
    const same = listAt(page, 'records').filter((record) => at(record, 'voiceId') === voiceId);
    assert.equal(same.length, 1);
  });
});
