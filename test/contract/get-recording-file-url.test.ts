import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, numberAt, textAt } from '../support/json.ts';
import { until } from '../support/until.ts';
import { usualLiterals } from './kit/answer.ts';
import { epochMs, object, text } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { refused } from './kit/field-case.ts';
import { queryOf, withField } from './kit/json-path.ts';
import { callEverybody } from './kit/record-client.ts';
import { optional, required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { variables } from './kit/settings.ts';

const server = serverUnderTest();
let recordingFileId = '';
before(async () => {
  await server.open();
  const { people } = server.settings;
  if (people === null) return;
  const { records } = await callEverybody(server, people, { enableRecording: 1 });
  const voiceId = textAt(records[0] ?? null, 'voiceId');
  // A recording is there some seconds after the end of its call.
  const found = await until(
    async () => {
      const fileId = at(await server.mustGet(`/recordGroup/${voiceId}`), 'recordingFileId');
      return fileId === null ? null : (await server.get(query({ recordingFileId: fileId }))).code === 0 && { fileId };
    },
    { what: `the recording of ${voiceId}`, timeoutMs: 60_000, everyMs: 250 },
  );
  recordingFileId = textAt(found.fileId);
});

const query = (request: Json): string => `/getRecordingFileUrl?${queryOf(request)}`;
const whyNot = (): string | null => (recordingFileId === '' ? `needs people to call: set ${variables.people}` : null);

conforms(server, {
  name: 'getRecordingFileUrl',
  section: '3.4',
  method: 'GET',
  path: query,
  literals: usualLiterals,
  variants: [
    {
      title: 'a recording',
      valid: () => ({ recordingFileId }),
      fields: {
        recordingFileId: required({ good: [], bad: [] }),
        sourceType: optional({ good: [sample('group', 'group')], bad: [sample('phone', 'phone'), sample('1', '1')] }),
      },
    },
  ],
  data: object({ url: text(/^https?:\/\/./), expireTime: epochMs() }),
  whyNot,
  codes: [0, -1, -2, -16, -18, -22],
  cases: () => [
    {
      title: 'a recording of nobody',
      change: (valid) => withField(valid, 'recordingFileId', 'nobody.wav'),
      expects: refused(-22, 'nobody.wav'),
    },
    {
      title: "a desk phone's, which there are none of",
      change: (valid) => withField(valid, 'sourceType', 'sip'),
      expects: refused(-22, 'sourceType'),
    },
  ],
});

test('the link works without authentication, until it ends', async (context) => {
  const reason = whyNot();
  if (reason !== null) return context.skip(reason);
  const data = await server.mustGet(query({ recordingFileId }));
  assert.ok(numberAt(data, 'expireTime') > Date.now(), 'it ends later');
  const response = await fetch(textAt(data, 'url'));
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^audio\//);
  assert.ok((await response.arrayBuffer()).byteLength > 44, 'there is sound in it');
});
