import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionWords } from './connection-words.ts';

const coded = (code: string, message = 'raw'): Error => Object.assign(new Error(message), { code });

const rows: readonly (readonly [Error, string])[] = [
  [coded('ECONNREFUSED'), 'refused, nothing listens there'],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'refused, nothing listens there'],
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), "the carrier's certificate is signed by nobody we trust"],
  [coded('ESOMETHING', 'it says so itself'), 'it says so itself'],
  [coded('ESOMETHING', ''), 'ESOMETHING'],
  [new AggregateError([]), 'AggregateError'],
];

for (const [error, words] of rows) test(`connection: ${words}`, () => assert.equal(connectionWords(error), words));
