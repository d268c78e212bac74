import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readByteRange } from './byte-range.ts';

const cases: [header: string | undefined, expected: ReturnType<typeof readByteRange>][] = [
  [undefined, null],
  ['bytes=0-', { first: 0, last: 99 }],
  ['bytes=10-19', { first: 10, last: 19 }],
  ['bytes=90-500', { first: 90, last: 99 }],
  ['bytes=99-99', { first: 99, last: 99 }],
  ['bytes=-10', { first: 90, last: 99 }],
  ['bytes=-500', { first: 0, last: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=20-10', null],
  ['bytes=-', null],
  ['bytes=0-1,5-6', null],
  ['lines=0-1', null],
  ['bytes=a-b', null],
];

for (const [header, expected] of cases) {
  test(`of 100 bytes, ${header} is ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(readByteRange(header, 100), expected));
}

test('nothing has no last bytes', () => assert.equal(readByteRange('bytes=-1', 0), 'unsatisfiable'));
