import { before } from 'node:test';
import type { Json } from '../support/json.ts';
import { numberAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { nothing } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { type Case, refused } from './kit/field-case.ts';
import { type Fields, withField } from './kit/json-path.ts';
import { type Field, idField, optional, required } from './kit/request-field.ts';
import { serverUnderTest, uniqueText } from './kit/server-under-test.ts';
import {
  contentVariants,
  maxCallsField,
  namedTaskFields,
  nothingAfterFields,
  planFields,
  sendTimeField,
  transferCases,
  variantsWithContent,
  windowFields,
} from './kit/task-table.ts';

const server = serverUnderTest();
let voiceFileId = '';
let cancelled = 0;
const taken = `${uniqueText(6)} taken`;
before(async () => {
  await server.open();
  voiceFileId = await server.uploadTone();
  cancelled = await server.sendTask({ voiceFileId, numberList: ['8613800000001'] });
  await server.mustPost('/group/call/cancel', { taskIdList: [cancelled] });
  await server.sendTask({ voiceFileId, numberList: ['8613800000001'], taskName: taken });
});

/** A waiting task of its own for each request, so that requests side by side do not change what another one looks at. */
async function valid(content: Fields): Promise<Fields> {
  const keyId = await server.sendTask({ voiceFileId, numberList: ['8613800000001'] });
  return { keyId, taskName: uniqueText(10), ...content };
}

/** What is left out of an update stays as it is, so it has no default (docs: contract 4.4 gives one for loopCount alone). */
function withoutDefaults(table: Readonly<Record<string, Field>>): Record<string, Field> {
  return Object.fromEntries(Object.entries(table).map(([name, { byDefault: _, ...field }]) => [name, field]));
}

const contents = contentVariants(() => voiceFileId);

conforms(server, {
  name: 'group/call/update',
  section: '4.4, 15.6',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    ...variantsWithContent(contents, valid, {
      keyId: required({ good: [], bad: idField(() => 0).bad }),
      ...namedTaskFields,
      ...withoutDefaults({ ...planFields, ...nothingAfterFields }),
      maxCalls: optional(maxCallsField, { shownAs: 'maxCalls' }),
      sendTime: optional(sendTimeField, { shownAs: 'sendTime' }),
    }),
    {
      title: 'a window',
      valid: async () => ({
        ...(await valid({ source: 1, voiceFileId })),
        allowSendTime: [{ strTime: '09:00', endTime: '18:00' }],
      }),
      fields: windowFields,
    },
  ],
  data: nothing(),
  codes: [0, -1, -2, -16, -18, -20, -21, -22, -23, -24, -26, -35, -37],
  notProvoked: {
    [-23]: 'an update has no list that could be too long',
    [-26]: 'a rate is looked for when a task is sent',
    [-35]: 'an update has no numbers',
  },
  bodyLimitMiB: 30,
  cases: () => [...stateCases(), ...transferCases()],
  show: (_data, sent) => server.mustGet(`/group/call/detail/${numberAt(sent, 'keyId')}`),
});

function stateCases(): Case[] {
  const of = (title: string, name: string, value: Json, expects: Case['expects']): Case => ({
    title,
    change: (valid) => withField(valid, name, value),
    expects,
  });
  return [
    of('a task that is not waiting', 'keyId', cancelled, refused(-37, String(cancelled))),
    of('a task of nobody', 'keyId', 999_999_999, refused(-24, '999999999')),
    of('the name of another task', 'taskName', taken, refused(-20, taken)),
    of('a file of nobody', 'voiceFileId', 'nobody.wav', refused(-24, 'nobody.wav')),
    {
      title: 'a file that comes along and is no audio',
      change: (valid) =>
        ['voiceFileId', 'source', 'uploadName', 'baseFile'].reduce<Json>((body, name) => {
          const values: Fields = { source: 2, uploadName: `${uniqueText(6)}.wav`, baseFile: 'aGVsbG8=' };
          return withField(body, name, values[name]);
        }, valid),
      expects: refused(-21, 'baseFile'),
    },
  ];
}
