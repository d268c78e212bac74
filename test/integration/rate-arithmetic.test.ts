import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { heldRate } from '../../src/domain/rate/held-rate.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addRates } from '../support/rates.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const period = fc.integer({ min: 1, max: 3600 });
const priceMicros = fc.integer({ min: 0, max: 999_999_999_999 });

/** First a seconds, then steps of b until the duration is covered. */
function chargedModel(duration: number, first: number, step: number): number {
  if (duration <= 0) return 0;
  let charged = first;
  while (charged < duration) charged += step;
  return charged;
}

test('the charged duration and its cost are those of a simple model, to the last digit', async () => {
  const call = fc.record({
    duration: fc.integer({ min: -1, max: 1200 }),
    first: period,
    step: period,
    price: priceMicros,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 200, maxLength: 200 }), async (calls) => {
      const { rows } = await sql<{ charged: number; micros: string }>`
        select s.charged, trim_scale(cost_of(s.charged, c.price / 1000000) * 1000000)::text as micros
          from unnest(${calls.map((one) => one.duration)}::int[], ${calls.map((one) => one.first)}::int[],
                      ${calls.map((one) => one.step)}::int[], ${calls.map((one) => one.price)}::numeric[])
               with ordinality as c (duration, first, step, price, n)
          cross join lateral (select charged_seconds(c.duration, c.first, c.step) as charged) s
         order by c.n`.execute(database.db);
      const expected = calls.map(({ duration, first, step, price }) => {
        const charged = chargedModel(duration, first, step);
        // Half up: twice the amount, and a half more, in whole millionths.
        const micros = (2n * BigInt(charged) * BigInt(price) + 60n) / 120n;
        return { charged, micros: String(micros) };
      });
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        expected,
      );
    }),
    { numRuns: 20 },
  );
});

test('the rate of a number is that of the longest prefix it has', async () => {
  const digits = fc.stringMatching(/^[1-3]{1,6}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(digits, { maxLength: 20 }),
      fc.array(digits, { minLength: 20 }),
      async (prefixes, numbers) => {
        const rateTableId = await addRates(
          database.db,
          prefixes.map((prefix) => [prefix, '1', '1+1'] as const),
        );
        const { rows } = await sql<{ prefix: string | null }>`
        select r.prefix from unnest(${numbers}::text[]) with ordinality as g (number, n)
          left join lateral ${heldRate(sql`${rateTableId}::bigint`, sql`g.number`)} r on true order by g.n`.execute(
          database.db,
        );
        const longest = (number: string): string | null =>
          prefixes.filter((prefix) => number.startsWith(prefix)).sort((a, b) => b.length - a.length)[0] ?? null;
        assert.deepEqual(
          rows.map(({ prefix }) => prefix),
          numbers.map(longest),
        );
      },
    ),
    { numRuns: 15 },
  );
});
