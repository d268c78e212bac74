import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { usualLiterals } from './kit/answer.ts';
import { text } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import { accepted, refused } from './kit/field-case.ts';
import { withField } from './kit/json-path.ts';
import { required, textField, wordField } from './kit/request-field.ts';
import { serverUnderTest, toneFile, uniqueText } from './kit/server-under-test.ts';

const server = serverUnderTest();
const file = toneFile();
const named = (length: number): string => `${uniqueText(length - 4)}.wav`;
const taken = named(12);

conforms(server, {
  name: 'fileUpload',
  section: '3.1',
  method: 'POST',
  literals: usualLiterals,
  variants: [
    {
      title: 'a file',
      valid: () => ({ fileName: named(16), file }),
      fields: {
        fileName: required(textField({ min: 5, max: 32, make: named })),
        file: required(wordField([], ['data:audio/wav;base64,UklGRg==', 'not Base64 at all', 'UklGRg=', '*'])),
      },
    },
  ],
  // The id keeps the extension (contract 3.1).
  data: text(/^[\w-]+\.(wav|mp3|m4a)$/),
  codes: [0, -1, -2, -16, -18, -20, -21, -22],
  bodyLimitMiB: 30,
  cases: () => [
    { title: 'a name for the first time', change: (valid) => withField(valid, 'fileName', taken), expects: accepted() },
    {
      title: 'the same name again',
      change: (valid) => withField(valid, 'fileName', taken),
      expects: refused(-20, taken),
    },
    {
      title: 'a file that is no audio',
      change: (valid) => withField(valid, 'file', 'aGVsbG8='),
      expects: refused(-21, 'file'),
    },
    { title: 'an empty file', change: (valid) => withField(valid, 'file', ''), expects: refused(-21, 'file') },
    {
      title: 'a name that is no sound file',
      change: (valid) => withField(valid, 'fileName', 'notes.txt'),
      expects: refused(-22, 'fileName'),
    },
  ],
});

for (const [path, format] of [
  ['tone-440hz-1s.mp3', 'mp3'],
  ['spectrum/stereo.m4a', 'm4a'],
] as const) {
  test(`a file of ${format} is taken, and its id says so (contract 3.1)`, async () => {
    const content = await readFile(new URL(`../fixtures/${path}`, import.meta.url));
    const fileName = `${uniqueText(12)}.${format}`;
    const fileId = await server.mustPost('/fileUpload', { fileName, file: content.toString('base64') });
    assert.match(String(fileId), new RegExp(`^[\\w-]+\\.${format}$`));
    await server.mustPost('/fileDel', { fileIdList: [fileId] });
  });
}
