import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rateCsvHead, readRateCsv, writeRateCsv } from './rate-csv.ts';
import type { ReadRates } from './rate-file.ts';

const read = (text: string): Promise<ReadRates> => readRateCsv(Buffer.from(text));

test('a file as spreadsheets write them: byte order mark, CRLF, quotes, any order of columns, columns of their own', async () => {
  const { rates, errorCount } = await read(
    '\uFEFFRate,Prefix,"code",note,BILLPERIOD\r\n0.05,93,"Afghanistan, all",x,60+60\r\n\r\n 1 ,9370,"say ""Kandahar""\nand more",,1+1\r\n',
  );
  assert.equal(errorCount, 0);
  assert.deepEqual(rates, [
    { prefix: '93', code: 'Afghanistan, all', firstS: 60, stepS: 60, rate: '0.05' },
    { prefix: '9370', code: 'say "Kandahar"\nand more', firstS: 1, stepS: 1, rate: '1' },
  ]);
});

test('semicolons separate where the first line has no comma, and then a comma is a decimal mark', async () => {
  const { rates, errorCount } = await read(
    'prefix;code;billPeriod;rate\n49;Germany, all;6+6;0,025\n43;Austria;6+6;0.1\n',
  );
  assert.equal(errorCount, 0);
  assert.deepEqual(
    rates.map(({ prefix, code, rate }) => [prefix, code, rate]),
    [
      ['49', 'Germany, all', '0.025'],
      ['43', 'Austria', '0.1'],
    ],
  );
});

test('every bad cell is told of with row, column, value and rule; good rows stay', async () => {
  const { rates, errorCount, errors } = await read(
    'prefix,code,billPeriod,rate\n+93,a,60+60,1\n1,b,60,1.1234567\n44,c,0+60,-1\n44,d,1+1,2\n44,e,1+1,3\n45\n',
  );
  assert.deepEqual(
    rates.map(({ code }) => code),
    ['d'],
  );
  assert.deepEqual(
    errors.map(({ row, column, value }) => [row, column, value]),
    [
      [2, 'prefix', '+93'],
      [3, 'rate', '1.1234567'],
      [3, 'billPeriod', '60'],
      [4, 'rate', '-1'],
      [4, 'billPeriod', '0+60'],
      [6, 'prefix', '44'],
      [7, 'rate', ''],
      [7, 'billPeriod', ''],
    ],
  );
  assert.equal(errorCount, errors.length);
  assert.match(errors[5]?.rule ?? '', /row 5/);
});

test('a hundred errors are shown, and all are counted', async () => {
  const rows = Array.from({ length: 150 }, () => 'x,y,1+1,1').join('\n');
  const { errorCount, errors } = await read(`prefix,code,billPeriod,rate\n${rows}\n`);
  assert.deepEqual([errorCount, errors.length, errors.at(-1)?.row], [150, 100, 101]);
});

test('what is no such file is one error', async () => {
  const problems: [Buffer, RegExp][] = [
    [Buffer.from([0x70, 0xff, 0x2c]), /not UTF-8/],
    [Buffer.from(''), /first line must name/],
    [Buffer.from('prefix,code,rate\n1,a,1\n'), /missing: billPeriod/],
    [Buffer.from('prefix,code,billPeriod,rate\n1,"a,1+1,1\n'), /not CSV/],
  ];
  for (const [file, rule] of problems) {
    const { errorCount, errors } = await readRateCsv(file);
    assert.equal(errorCount, 1);
    assert.match(errors[0]?.rule ?? '', rule);
  }
});

test('what is written is read back as it was', async () => {
  const code = fc.string({ maxLength: 40, unit: fc.constantFrom('a', ',', ';', '"', '\n', '\r\n', 'é', '中', '=') });
  const rate = fc.record(
    {
      prefix: fc.stringMatching(/^[0-9]{1,18}$/),
      code: code.map((text) => text.trim()),
      firstS: fc.integer({ min: 1, max: 3600 }),
      stepS: fc.integer({ min: 1, max: 3600 }),
      rate: fc
        .tuple(fc.nat(999_999), fc.nat(999_999))
        .map(([whole, parts]) => `${whole}.${String(parts).padStart(6, '0')}`),
    },
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(rate, { selector: ({ prefix }) => prefix, maxLength: 30 }), async (rates) => {
      assert.deepEqual(await read(rateCsvHead + writeRateCsv(rates)), { rates, errorCount: 0, errors: [] });
    }),
    { numRuns: 60 },
  );
});
