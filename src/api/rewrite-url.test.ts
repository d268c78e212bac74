import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteUrl } from './rewrite-url.ts';

const cases: readonly [given: string, expected: string][] = [
  ['/', '/'],
  ['//', '/'],
  ['/voice/fileQuery', '/voice/fileQuery'],
  ['//v3//voice///fileQuery', '/v3/voice/fileQuery'],
  ['/voice/fileQuery/', '/voice/fileQuery'],
  ['/voice/fileQuery//', '/voice/fileQuery'],
  ['/voice/x/?next=a//b/', '/voice/x?next=a//b/'],
  ['//?a', '/?a'],
];

for (const [given, expected] of cases) {
  test(`${given} is ${expected}`, () => assert.equal(rewriteUrl(given), expected));
}
