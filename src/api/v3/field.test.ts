import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../../domain/error/request-error.ts';
import {
  choice,
  decimal,
  digits,
  id,
  integer,
  key,
  list,
  object,
  optional,
  type Reader,
  readFields,
  text,
  withDefault,
} from './field.ts';

type Case = readonly [name: string, reader: Reader<unknown>, given: unknown, expected: unknown];

const loops = withDefault(integer({ min: 1, max: 9 }), 1);
const accepted: readonly Case[] = [
  ['integer', integer(), 5, 5],
  ['integer as text', integer(), '5', 5],
  ['integer with leading zeros', integer(), '007', 7],
  ['negative integer as text', integer({ min: -5 }), '-5', -5],
  ['integer written as a decimal', integer(), 5.0, 5],
  ['id', id(), '5000602', 5000602],
  ['absent with a default', loops, undefined, 1],
  ['null with a default', loops, null, 1],
  ['blank with a default', loops, '', 1],
  ['given with a default', loops, '3', 3],
  ['absent and optional', optional(integer()), undefined, null],
  ['null and optional', optional(integer()), null, null],
  ['blank and optional', optional(text({ min: 5, max: 9 })), '', null],
  ['spaces and optional', optional(digits({ min: 1, max: 9 })), '  ', null],
  ['spaces with a default', loops, ' ', 1],
  ['decimal', decimal({ min: 0.25, max: 4 }), 0.25, 0.25],
  ['decimal as text', decimal({ min: 0.25, max: 4 }), '1.5', 1.5],
  ['choice', choice(0, 1), 1, 1],
  ['choice as text', choice(0, 1), '1', 1],
  ['text', text({ max: 3 }), 'abc', 'abc'],
  ['text given as number', text({ max: 3 }), 22, '22'],
  ['text counted in characters', text({ max: 2 }), '👍👍', '👍👍'],
  ['digits', digits({ min: 1, max: 4 }), '91', '91'],
  ['digits given as number', digits({ min: 1, max: 4 }), 91, '91'],
  ['key given as number', key(), 0, '0'],
  ['list', list(integer(), { max: 2 }), [1, '2'], [1, 2]],
  ['object', object({ a: integer() }), { a: '1', b: 2 }, { a: 1 }],
];
for (const [name, reader, given, expected] of accepted) {
  test(`${name}: ${JSON.stringify(given)} is read`, () => {
    assert.deepEqual(readFields({ field: reader }, { field: given }), { field: expected });
  });
}

const refused: readonly [name: string, reader: Reader<unknown>, given: unknown, message: string][] = [
  ['absent', integer(), undefined, 'field: is required'],
  ['null', text({ max: 1 }), null, 'field: is required'],
  ['above', integer({ min: 1, max: 9 }), 10, 'field: must be an integer from 1 to 9'],
  ['below', integer({ min: 1, max: 9 }), '0', 'field: must be an integer from 1 to 9'],
  ['fraction', integer({ min: 1, max: 9 }), 1.5, 'field: must be an integer from 1 to 9'],
  ['no number', integer({ min: 1, max: 9 }), '1x', 'field: must be an integer from 1 to 9'],
  ['spaces', integer({ min: 1, max: 9 }), ' 1', 'field: must be an integer from 1 to 9'],
  ['exponent', integer({ min: 1, max: 9 }), '1e0', 'field: must be an integer from 1 to 9'],
  ['true', integer({ min: 1, max: 9 }), true, 'field: must be an integer from 1 to 9'],
  ['id beyond what is exact', id(), 2 ** 53, 'field: must be an integer of at least 1'],
  ['list as integer', integer({ max: 9 }), [1], 'field: must be an integer from 0 to 9'],
  ['decimal range', decimal({ min: 0.25, max: 4 }), 4.01, 'field: must be a number from 0.25 to 4'],
  ['decimal text', decimal({ min: 0.25, max: 4 }), 'fast', 'field: must be a number from 0.25 to 4'],
  ['choice', choice(0, 1), 2, 'field: must be one of 0, 1'],
  ['choice of true', choice(0, 1), true, 'field: must be one of 0, 1'],
  ['too long', text({ max: 3 }), 'abcd', 'field: must have at most 3 characters'],
  ['too short', text({ min: 2, max: 3 }), 'a', 'field: must have 2 to 3 characters'],
  ['one character of two units', text({ min: 2, max: 3 }), '👍', 'field: must have 2 to 3 characters'],
  ['too many characters of two units', text({ max: 2 }), '👍👍👍', 'field: must have at most 2 characters'],
  ['blanks', text({ min: 1, max: 3 }), ' \n ', 'field: must not be blank'],
  ['text as object', text({ max: 3 }), {}, 'field: must be a text'],
  ['NUL', text({ max: 3 }), 'a\0', 'field: holds characters that are not valid Unicode text'],
  ['half a pair', text({ max: 3 }), 'a\ud83d', 'field: holds characters that are not valid Unicode text'],
  ['plus', digits({ min: 1, max: 4 }), '+91', 'field: must be 1 to 4 digits and nothing else'],
  ['line end after digits', digits({ min: 1, max: 4 }), '91\n', 'field: must be 1 to 4 digits and nothing else'],
  ['other digits', digits({ min: 1, max: 4 }), '٩١', 'field: must be 1 to 4 digits and nothing else'],
  ['two keys', key(), '12', 'field: must be one key, 0 to 9'],
  ['no list', list(integer(), { max: 2 }), 'x', 'field: must be a list'],
  ['list too long', list(integer(), { min: 1, max: 2 }), [1, 2, 3], 'field: must have 1 to 2 entries'],
  ['list entry', list(id(), { max: 2 }), [1, 'x'], 'field[1]: must be an integer of at least 1'],
  ['null entry', list(id(), { max: 2 }), [null], 'field[0]: is required'],
  ['field of an object', object({ a: key() }), { a: 'x' }, 'field.a: must be one key, 0 to 9'],
  ['no object', object({ a: key() }), [], 'field: must be an object'],
];
for (const [name, reader, given, message] of refused) {
  test(`${name}: ${message}`, () => {
    assert.throws(
      () => readFields({ field: reader }, { field: given }),
      (error) => error instanceof RequestError && error.dialectCode === -22 && error.message === message,
    );
  });
}

test('messages are in Chinese too', () => {
  assert.throws(
    () => readFields({ loopCount: loops }, { loopCount: 10 }),
    (error) => error instanceof RequestError && error.messageIn('zh-CN') === 'loopCount：必须是 1 到 9 的整数',
  );
});

test('a field of the prototype is absent', () => {
  assert.deepEqual(readFields({ constructor: optional(text({ max: 9 })) }, {}), { constructor: null });
});

for (const body of [undefined, null, 'text', 5, [], true]) {
  test(`a body of ${JSON.stringify(body)} is refused`, () => {
    assert.throws(
      () => readFields({}, body),
      (error) => error instanceof RequestError && error.dialectCode === -22,
    );
  });
}
