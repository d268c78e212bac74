import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type NumberRewriting, rewriteNumber } from './number-rewriting.ts';

const none: NumberRewriting = { stripPrefix: '', addPrefix: '', hasPlus: false };

const rows: readonly (readonly [what: string, rules: Partial<NumberRewriting>, number: string, dialed: string])[] = [
  ['nothing set', {}, '8613242926514', '8613242926514'],
  ['E.164', { hasPlus: true }, '8613242926514', '+8613242926514'],
  ['the country off', { stripPrefix: '86' }, '8613242926514', '13242926514'],
  ['another country stays', { stripPrefix: '86' }, '4930123456', '4930123456'],
  ['only at the start', { stripPrefix: '86' }, '1868686', '1868686'],
  ['only once', { stripPrefix: '86' }, '868613242', '8613242'],
  ['national, with the trunk prefix', { stripPrefix: '49', addPrefix: '0' }, '4930123456', '030123456'],
  ['international access', { addPrefix: '00' }, '8613242926514', '008613242926514'],
  ['a technical prefix', { addPrefix: '9988#' }, '8613242926514', '9988#8613242926514'],
  ['a country in front, as E.164', { addPrefix: '86', hasPlus: true }, '13242926514', '+8613242926514'],
  ['all of the number is never cut off', { stripPrefix: '861324' }, '861324', '861324'],
];
for (const [what, rules, number, dialed] of rows) {
  test(`${what}: ${number} is dialed ${dialed}`, () => {
    assert.equal(rewriteNumber(number, { ...none, ...rules }), dialed);
  });
}

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength });

test('what was stripped and added can be told from the outside, whatever the number', () => {
  fc.assert(
    fc.property(digits(6, 18), digits(0, 4), digits(0, 6), fc.boolean(), (number, stripPrefix, addPrefix, hasPlus) => {
      const dialed = rewriteNumber(number, { stripPrefix, addPrefix, hasPlus });
      assert.equal(dialed.startsWith('+'), hasPlus);
      const plain = hasPlus ? dialed.slice(1) : dialed;
      assert.ok(plain.startsWith(addPrefix));
      const rest = plain.slice(addPrefix.length);
      assert.equal(number.startsWith(stripPrefix) ? stripPrefix + rest : rest, number);
    }),
  );
});

test('two numbers that differ are never dialed as one where nothing is stripped', () => {
  fc.assert(
    fc.property(digits(6, 18), digits(6, 18), digits(0, 6), (first, second, addPrefix) => {
      const rules = { ...none, addPrefix, hasPlus: true };
      assert.equal(rewriteNumber(first, rules) === rewriteNumber(second, rules), first === second);
    }),
  );
});
