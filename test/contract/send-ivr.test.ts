import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, type Json, listAt, textAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { conforms } from './kit/conforms.ts';
import { directResultsShape } from './kit/direct-table.ts';
import { accepted, refused } from './kit/field-case.ts';
import { withField } from './kit/json-path.ts';
import { nobodyToCall, peopleOrSkip } from './kit/people.ts';
import { recordOf } from './kit/record-client.ts';
import { idField, knownField, optional, required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { variables } from './kit/settings.ts';

const server = serverUnderTest();
const callee = (): string => server.settings.people?.isUnknown ?? '';
const dimensionId = (): number => server.settings.templateId ?? 0;
const row = (): { readonly [key: string]: Json } => ({ callee: callee(), dimensionId: dimensionId(), text1: 'Tom' });
const valid = (): Json => ({ appId: server.settings.appId, numberList: [row()] });

function whyNot(): string | null {
  const noTemplate = server.settings.templateId === null ? `needs a template: set ${variables.templateId}` : null;
  return nobodyToCall(server) ?? noTemplate;
}

conforms(server, {
  name: 'sendIvr',
  section: '6.3',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'a number',
      valid,
      fields: {
        appId: required(knownField(() => server.settings.appId)),
        numberList: required({
          good: [],
          bad: [
            sample([], 'an empty list'),
            sample('8613800000001', 'a text'),
            sample({}, 'an object'),
            sample([1], 'a list of numbers'),
            sample([null], 'a list of null'),
          ],
        }),
        'numberList.0.callee': required(knownField(callee, [sample({}, 'an object'), sample(true, 'a boolean')])),
        'numberList.0.dimensionId': required(idField(dimensionId)),
        'numberList.0.text2': optional(
          knownField(() => 'unused', [sample({}, 'an object'), sample(true, 'a boolean')]),
        ),
      },
    },
  ],
  data: directResultsShape,
  whyNot,
  codes: [0, -1, -2, -10, -16, -18, -22, -26],
  notProvoked: { [-10]: 'balance.test.ts has it', [-26]: 'balance.test.ts has it' },
  bodyLimitMiB: 1,
  cases: () => [
    {
      title: 'an application of nobody',
      change: (body) => withField(body, 'appId', 'nobody'),
      expects: refused(-22, 'appId'),
    },
    {
      title: 'variables of 300 characters together',
      change: (body) => withField(body, 'numberList.0.text1', 'x'.repeat(300)),
      expects: accepted(),
    },
  ],
});

describe('what becomes of the rows of sendIvr (contract 6.3)', () => {
  test('an entry for each, in the order given; what cannot be called says so by itself', async (context) => {
    const reason = whyNot();
    if (reason !== null) return context.skip(reason);
    const good = row();
    const numberList = [
      good,
      { ...good, callee: '123456' },
      { ...good, callee: '1'.repeat(19) },
      { ...good, dimensionId: 999_999_999 },
      { callee: callee(), dimensionId: dimensionId() },
      { ...good, text1: 'x'.repeat(301) },
      { ...good, text1: 'x'.repeat(200), text2: 'x'.repeat(101) },
      { ...good, text1: 'Ann' },
    ];
    const entries = listAt(await server.mustPost('/sendIvr', { appId: server.settings.appId, numberList }));
    assert.deepEqual(
      entries.map((entry) => at(entry, 'terminationCode') === '0'),
      [true, false, false, false, false, false, false, true],
    );
    assert.deepEqual(
      entries.map((entry) => at(entry, 'callee')),
      numberList.map((sent) => sent.callee),
    );
  });

  test('the record has the variables as a JSON text in calledInfo', async (context) => {
    const people = peopleOrSkip(context, server);
    const reason = whyNot();
    if (people === null || reason !== null) return context.skip(reason ?? '');
    const numberList = [{ callee: people.isBusy, dimensionId: dimensionId(), text1: 'Tom', text2: '12' }];
    const [entry = null] = listAt(await server.mustPost('/sendIvr', { appId: server.settings.appId, numberList }));
    const record = await recordOf(server, textAt(entry, 'voiceId'));
    const told: Json = JSON.parse(textAt(record, 'calledInfo'));
    assert.equal(at(told, 'text1'), 'Tom');
  });
});
