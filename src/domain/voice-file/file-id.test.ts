import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { newFileId } from './file-id.ts';

test('a file id is 1, the day, 32 hex digits and the extension', () => {
  const random = seededRandom(1);
  const now = new Date('2023-11-21T23:59:59Z');
  assert.match(newFileId('hello.mp3', now, random), /^120231121[0-9a-f]{32}\.mp3$/);
  assert.match(newFileId('HELLO.WAV', now, random), /^120231121[0-9a-f]{32}\.wav$/);
  assert.match(newFileId('hello', now, random), /^120231121[0-9a-f]{32}$/);
  assert.notEqual(newFileId('a.mp3', now, random), newFileId('a.mp3', now, random));
});
