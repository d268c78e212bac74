import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { adminToken, openTestApi, type TestApi } from '../support/api-server.ts';
import { at, listAt, numberAt, textAt } from '../support/json.ts';
import { toneSequence } from '../support/tone.ts';
import { encodeWav } from '../support/wav.ts';

let api: TestApi;
let fileId: string;
let accountId: number;
before(async () => {
  api = await openTestApi();
  const file = encodeWav(toneSequence([440, 660], 0.5, 0.5), 1).toString('base64');
  const { data } = await api.post('/v3/voice/fileUpload', { fileName: 'a & b.wav', file, trimSilence: 0 });
  fileId = String(data);
  const row = await api.database.db.selectFrom('voice_file').select('account_id').executeTakeFirstOrThrow();
  accountId = row.account_id;
});
after(() => api.close());

test("an account's files are listed with what was done to them", async () => {
  const { body } = await api.admin('GET', `/accounts/${accountId}/voice-files?pageSize=10`);
  assert.equal(at(body, 'total'), 1);
  const [file = null] = listAt(body, 'items');
  assert.deepEqual(
    ['fileId', 'fileName', 'durationMs', 'isNormalized', 'isTrimmed'].map((name) => at(file, name)),
    [fileId, 'a & b.wav', 2000, true, false],
  );
  const other = await api.admin('POST', '/accounts', { name: 'without files' });
  assert.equal(at((await api.admin('GET', `/accounts/${at(other.body, 'accountId')}/voice-files`)).body, 'total'), 0);
});

test('one has its loudness and its waveform: sound where there is sound', async () => {
  const { body } = await api.admin('GET', `/voice-files/${fileId}`);
  assert.equal(numberAt(body, 'loudness', 'after'), -19);
  assert.ok(numberAt(body, 'loudness', 'before') > -19);
  assert.equal(numberAt(body, 'sampleRate'), 16_000);
  const heights = listAt(body, 'waveform').map((pair) => numberAt(pair, 1) - numberAt(pair, 0));
  assert.equal(heights.length, 400);
  const quarters = [0, 100, 200, 300].map((start) => Math.max(...heights.slice(start + 5, start + 95)));
  assert.deepEqual(
    quarters.map((height) => height > 0.2),
    [true, false, true, false],
  );
});

test('the waveform is a picture, too', async () => {
  const headers = { authorization: `Bearer ${adminToken}` };
  const answer = await api.inject({ url: `/admin/v1/voice-files/${fileId}/waveform.svg`, headers });
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['content-type']), /^image\/svg\+xml/);
  assert.match(answer.body, /^<svg .*a &amp; b\.wav.*2\.0 s, -19\.0 LUFS.*<\/svg>\n$/s);
});

test('an unknown file is 404', async () => {
  for (const path of ['/voice-files/nothing.wav', '/voice-files/nothing.wav/waveform.svg']) {
    const { status, body } = await api.admin('GET', path);
    assert.equal(status, 404);
    assert.match(textAt(body, 'detail'), /voice file nothing\.wav does not exist/);
  }
});
