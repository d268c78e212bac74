import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../../domain/error/request-error.ts';
import { readFields } from './field.ts';
import { fileName, readBase64 } from './upload-fields.ts';

const refusal = (code: number, pattern: RegExp) => (error: unknown) =>
  error instanceof RequestError && error.dialectCode === code && pattern.test(error.message);

for (const name of ['a.wav', 'TEST.MP3', `${'x'.repeat(28)}.mp3`, '提示音.wav', 'a.m4a', 'a.opus']) {
  test(`${name} is a file name`, () => assert.equal(readFields({ f: fileName() }, { f: name }).f, name));
}
for (const name of ['.wav', 'test', 'test.wma', 'test.wav.exe', `${'x'.repeat(29)}.mp3`]) {
  test(`${name} is none`, () => assert.throws(() => readFields({ f: fileName() }, { f: name }), refusal(-22, /^f: /)));
}

const base64: readonly [text: string, bytes: string][] = [
  ['aGVsbG8=', 'hello'],
  ['aGVsbG8', 'hello'],
  ['aGVs\r\nbG8=', 'hello'],
  ['aGk=', 'hi'],
  ['YQ==', 'a'],
];
for (const [given, bytes] of base64) {
  test(`${JSON.stringify(given)} is ${bytes}`, () => {
    assert.equal(readFields({ f: readBase64() }, { f: given }).f.toString(), bytes);
  });
}
for (const given of ['data:audio/wav;base64,aGVsbG8=', 'aGVsbG8==', 'a', '====', 'aGV=bG8=', 'aGVs bG8=', 'é', 5]) {
  test(`${JSON.stringify(given)} is not Base64`, () => {
    assert.throws(() => readFields({ f: readBase64() }, { f: given }), refusal(-22, /f: must be Base64/));
  });
}

test('an empty file, one of 20 MB and one of a byte more', () => {
  assert.throws(() => readFields({ f: readBase64() }, { f: '' }), refusal(-21, /empty/));
  const most = Buffer.alloc(20 * 1024 * 1024, 1);
  assert.equal(readFields({ f: readBase64() }, { f: most.toString('base64') }).f.length, most.length);
  const more = Buffer.alloc(most.length + 1, 1).toString('base64');
  assert.throws(() => readFields({ f: readBase64() }, { f: more }), refusal(-21, /20 MB/));
});
