import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openTestApi, recordsOf, type TestApi } from '../support/api-server.ts';
import { at } from '../support/json.ts';
import { toneSequence } from '../support/tone.ts';
import { encodeWav } from '../support/wav.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const wav = encodeWav(toneSequence([440], 0.2, 0), 2).toString('base64');
const silence = encodeWav({ pcm: new Int16Array(8000).fill(20), sampleRate: 8000 }, 1).toString('base64');

test('a file is uploaded, listed and deleted', async () => {
  const uploaded = await api.post('/v3/voice/fileUpload', { fileName: 'hello.wav', file: wav });
  assert.deepEqual([uploaded.code, uploaded.status], [0, '0']);
  assert.match(String(uploaded.data), /^1[0-9a-f]+\.wav$/);
  const listed = await api.post('/v3/voice/fileQuery', { current: '1', size: '20' });
  assert.deepEqual(recordsOf(listed), [{ fileId: uploaded.data, fileName: 'hello.wav', duration: 0.2 }]);
  const deleted = await api.post('/v3/voice/fileDel', { fileIdList: [uploaded.data, uploaded.data] });
  assert.deepEqual([deleted.code, deleted.data], [0, null]);
  assert.equal(at((await api.post('/v3/voice/fileQuery', {})).data, 'total'), 0);
});

test('the same bytes under two names share their audio', async () => {
  await api.post('/v3/voice/fileUpload', { fileName: 'one.wav', file: wav });
  await api.post('/v3/voice/fileUpload', { fileName: 'two.wav', file: wav });
  const prompts = await api.database.db.selectFrom('prompt').select('prompt_id').execute();
  assert.equal(prompts.length, 1);
});

test('each format is taken, whatever the name says', async () => {
  const names = ['melody.mp3', 'melody.m4a', 'melody.aac', 'melody.opus', 'melody-vorbis.ogg', 'melody.flac'];
  for (const name of names) {
    const file = readFileSync(new URL(`../fixtures/audio/${name}`, import.meta.url)).toString('base64');
    const uploaded = await api.post('/v3/voice/fileUpload', { fileName: `as-${name.replace('.', '-')}.wav`, file });
    assert.deepEqual([uploaded.code, uploaded.msg], [0, 'success'], name);
  }
});

test('what is done to an upload can be left out, and is part of what is stored once', async () => {
  // A tone, and half a second of silence.
  const file = encodeWav(toneSequence([440], 1, 0.5), 1).toString('base64');
  const upload = async (fileName: string, switches: object) => {
    const { data } = await api.post('/v3/voice/fileUpload', { fileName, file, ...switches });
    return api.database.db
      .selectFrom('voice_file')
      .innerJoin('prompt', 'prompt.prompt_id', 'voice_file.prompt_id')
      .select(['prompt.prompt_id', 'duration_ms', 'loudness_before', 'loudness_after', 'is_normalized', 'is_trimmed'])
      .where('file_id', '=', String(data))
      .executeTakeFirstOrThrow();
  };
  const both = await upload('both.wav', {});
  const loud = await upload('loud.wav', { normalizeLoudness: 0 });
  const long = await upload('long.wav', { trimSilence: '0' });
  const again = await upload('again.wav', { normalizeLoudness: 1, trimSilence: 1 });
  assert.deepEqual(
    [both.duration_ms, both.loudness_after, both.is_normalized, both.is_trimmed],
    [1050, -19, true, true],
  );
  assert.deepEqual([loud.duration_ms, loud.loudness_after], [1050, loud.loudness_before]);
  assert.deepEqual([long.duration_ms, long.is_trimmed], [1500, false]);
  assert.ok(Math.abs((long.loudness_after ?? 0) + 19) < 0.5);
  assert.equal(again.prompt_id, both.prompt_id);
  assert.equal(new Set([both, loud, long].map((file) => file.prompt_id)).size, 3);
});

test('a name that is taken is -20', async () => {
  await api.post('/v3/voice/fileUpload', { fileName: 'taken.wav', file: wav });
  const again = await api.post('/v3/voice/fileUpload', { fileName: 'taken.wav', file: wav });
  assert.deepEqual([again.code, again.status], [-20, '-20']);
  assert.match(again.msg, /taken\.wav/);
});

const refusals: readonly [name: string, body: object, code: number, message: RegExp][] = [
  ['no name', { file: wav }, -22, /fileName: is required/],
  ['a short name', { fileName: '.wav', file: wav }, -22, /fileName: must have 5 to 32/],
  ['a long name', { fileName: `${'x'.repeat(29)}.wav`, file: wav }, -22, /fileName: must have 5 to 32/],
  ['another extension', { fileName: 'song.wma', file: wav }, -22, /fileName: must end in one of/],
  ['no file', { fileName: 'a.wav' }, -22, /file: is required/],
  ['a data: prefix', { fileName: 'a.wav', file: `data:audio/wav;base64,${wav}` }, -22, /file: must be Base64/],
  ['an empty file', { fileName: 'a.wav', file: '' }, -21, /empty/],
  [
    'text as a file',
    { fileName: 'a.wav', file: Buffer.from('hello world').toString('base64') },
    -21,
    /file is not audio/,
  ],
  ['silence', { fileName: 'a.wav', file: silence }, -21, /nothing is to be heard in it/],
  ['neither 0 nor 1', { fileName: 'a.wav', file: wav, trimSilence: 2 }, -22, /trimSilence: must be one of 0, 1/],
  ['half a header', { fileName: 'a.wav', file: wav.slice(0, 40) }, -21, /file is not audio/],
  ['over 20 MB', { fileName: 'a.wav', file: Buffer.alloc(20 * 1024 * 1024 + 3).toString('base64') }, -21, /20 MB/],
];
for (const [name, body, code, message] of refusals) {
  test(`${name} is ${code}`, async () => {
    const answer = await api.post('/v3/voice/fileUpload', body);
    assert.deepEqual([answer.httpStatus, answer.code, answer.data], [200, code, null]);
    assert.match(answer.msg, message);
  });
}

test('deleting a list with an unknown id deletes none: -24', async () => {
  const uploaded = await api.post('/v3/voice/fileUpload', { fileName: 'kept.wav', file: wav });
  const answer = await api.post('/v3/voice/fileDel', { fileIdList: [uploaded.data, 'nothing.wav'] });
  assert.equal(answer.code, -24);
  assert.match(answer.msg, /nothing\.wav/);
  assert.ok(
    recordsOf(await api.post('/v3/voice/fileQuery', { size: 100 })).some((file) => at(file, 'fileName') === 'kept.wav'),
  );
  assert.equal((await api.post('/v3/voice/fileDel', { fileIdList: [] })).code, -22);
});

for (const [body, field] of [
  [{ current: 0 }, 'current'],
  [{ size: 101 }, 'size'],
  [{ size: 'x' }, 'size'],
] as const) {
  test(`paging ${JSON.stringify(body)} is -22`, async () => {
    const answer = await api.post('/v3/voice/fileQuery', body);
    assert.equal(answer.code, -22);
    assert.ok(answer.msg.startsWith(`${field}: `));
  });
}
