import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listAt, textAt } from '../support/json.ts';
import { usualLiterals } from './kit/answer.ts';
import { nothing } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { refused } from './kit/field-case.ts';
import { withField } from './kit/json-path.ts';
import { required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';

const server = serverUnderTest();

conforms(server, {
  name: 'fileDel',
  section: '3.3',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'a file',
      valid: async () => ({ fileIdList: [await server.uploadTone()] }),
      fields: {
        fileIdList: required({
          good: [],
          bad: [
            sample([], 'an empty list'),
            sample('x.wav', 'a text'),
            sample(1, 'a number'),
            sample({}, 'an object'),
            sample([null], 'a list of null'),
            sample([{}], 'a list of objects'),
          ],
        }),
      },
    },
  ],
  data: nothing(),
  codes: [0, -1, -2, -16, -18, -20, -21, -22, -23, -24],
  notProvoked: {
    [-20]: 'nothing in a deletion can exist already',
    [-21]: 'what is wrong with the list is -22',
    [-23]: 'no upper limit is documented',
  },
  bodyLimitMiB: 1,
  cases: () => [
    {
      title: 'a file of nobody',
      change: (valid) => withField(valid, 'fileIdList', ['nobody.wav']),
      expects: refused(-24, 'nobody.wav'),
    },
  ],
});

test('a deleted file is gone, and one that is deleted with one of nobody stays (contract 3.3)', async () => {
  const [gone, stays] = [await server.uploadTone(), await server.uploadTone()];
  await server.mustPost('/fileDel', { fileIdList: [gone] });
  const answer = await server.post('/fileDel', { fileIdList: [stays, 'nobody.wav'] });
  assert.equal(answer.code, -24, answer.body);
  const page = await server.mustPost('/fileQuery', { current: 1, size: 100 });
  const ids = listAt(page, 'records').map((file) => textAt(file, 'fileId'));
  assert.deepEqual([ids.includes(gone), ids.includes(stays)], [false, true]);
});
