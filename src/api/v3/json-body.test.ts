import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RequestError } from '../../domain/error/request-error.ts';
import { maxContainers, maxDepth, maxFields, maxValues, parseJsonBody } from './json-body.ts';

const parse = (text: string, encoding?: string): unknown => parseJsonBody(Buffer.from(text), encoding);

function refused(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof RequestError && error.dialectCode === -22 && message.test(error.message);
}

test('what JSON can hold comes through', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parse(text), JSON.parse(text));
    }),
  );
});

test('a byte order mark is skipped', () => assert.deepEqual(parse('\ufeff{"a":1}'), { a: 1 }));

test('names of the prototype are fields like others', () => {
  const body = parse('{"__proto__":{"size":9},"constructor":{"prototype":1}}');
  assert.deepEqual(Object.keys(body ?? {}), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(body), Object.prototype);
});

test('depth: as many levels as allowed, and one more; brackets in texts are no levels', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  assert.ok(parse(nested(maxDepth)));
  assert.throws(() => parse(nested(maxDepth + 1)), refused(/more than 100 levels/));
  assert.equal(parse(`"\\"${'['.repeat(200)}"`), `"${'['.repeat(200)}`);
});

test('values: as many as allowed, and more; commas in texts are none', () => {
  const list = parse(`[${'1,'.repeat(maxValues - 1)}1]`);
  assert.ok(Array.isArray(list) && list.length === maxValues);
  assert.throws(() => parse(`[${'1,'.repeat(maxValues)}1]`), refused(/more than 4000000 values/));
  assert.equal(Object(parse(`[${'{},'.repeat(maxContainers - 2)}{}]`)).length, maxContainers - 1);
  assert.throws(() => parse(`[${'{},'.repeat(maxContainers - 1)}{}]`), refused(/or 1000000 lists and objects/));
  assert.equal(parse(`"${','.repeat(maxValues + 1)}"`), ','.repeat(maxValues + 1));
});

test('fields of one object: as many as allowed, and one more, at any level', () => {
  const object = (fields: number): string =>
    `{${Array.from({ length: fields }, (_, index) => `"f${index}":{}`).join(',')}}`;
  assert.equal(Object.keys(Object(parse(object(maxFields)))).length, maxFields);
  assert.throws(() => parse(`[[],${object(maxFields + 1)}]`), refused(/more than 1000 fields/));
});

test('what is no JSON says so, and names the Content-Encoding where there is one', () => {
  assert.throws(() => parse(''), refused(/it is empty/));
  assert.throws(() => parse('a=1&b=2'), refused(/not valid JSON$/));
  assert.throws(() => parse('x', 'gzip'), refused(/Content-Encoding gzip is not served/));
  assert.throws(() => parseJsonBody(Buffer.from([0x1f, 0x8b, 0x08]), 'gzip'), refused(/Content-Encoding gzip/));
  assert.deepEqual(parse('{}', 'UTF-8'), {});
});

test('a text in another charset is refused, not garbled', () => {
  const gbk = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc4, 0xe3, 0x22, 0x7d]);
  assert.throws(() => parseJsonBody(gbk), refused(/not UTF-8/));
});
