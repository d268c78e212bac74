import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../support/json.ts';
import { listAt, numberAt } from '../../support/json.ts';
import { until } from '../../support/until.ts';
import { fieldOf } from './conforms.ts';
import type { Endpoint } from './endpoint.ts';
import { withField } from './json-path.ts';
import { type Field, integerField, optional } from './request-field.ts';
import { ask } from './run-case.ts';
import type { ServerUnderTest } from './server-under-test.ts';

/** The paging fields of a request (contract 1.4): `current` from 1, default 1; `size` from 1 to 100, default 25. */
export const pageFields: Readonly<Record<string, Field>> = {
  current: optional(integerField({ min: 1 })),
  size: optional(integerField({ min: 1, max: 100 })),
};

/**
 * What holds of the pages of a query: defaults, arithmetic, and that all pages together have every record once. No two records have the same `idField`. Other
 * files of the suite may add to the list and take from it, which moves the rest: what is looked at over several pages is looked at again then.
 */
export function pagesConform(server: ServerUnderTest, endpoint: Endpoint, idField: string): void {
  const pageAt = async (current: Json | undefined, size: Json | undefined): Promise<Json> => {
    const valid = await endpoint.variants[0].valid();
    const answer = await ask(server, endpoint, withField(withField(valid, 'current', current), 'size', size));
    assert.equal(answer.code, 0, answer.body);
    return answer.data ?? null;
  };
  const figures = (data: Json) => ({
    current: fieldOf(data, 'current'),
    size: fieldOf(data, 'size'),
  });
  const idsAt = async (current: number, size: number): Promise<readonly (Json | undefined)[]> =>
    listAt(await pageAt(current, size), 'records').map((record) => fieldOf(record, idField));

  /** The list's first hundred ids, and what `look` finds, while nobody changes the list. */
  const still = <T>(
    look: () => Promise<T>,
  ): Promise<{ readonly ids: readonly (Json | undefined)[]; readonly seen: T }> => {
    const state = async () => ({ total: numberAt(await pageAt(1, 1), 'total'), ids: await idsAt(1, 100) });
    return until(
      async () => {
        const before = await state();
        const seen = await look();
        return JSON.stringify(before) === JSON.stringify(await state()) ? { ids: before.ids, seen } : null;
      },
      { what: `nobody to change what ${endpoint.name} lists`, timeoutMs: 60_000 },
    );
  };

  describe(`pages of ${endpoint.name} (contract 1.4)`, () => {
    test('current is 1 and size 25 unless given', async () => {
      assert.deepEqual(figures(await pageAt(undefined, undefined)), { current: 1, size: 25 });
      assert.deepEqual(figures(await pageAt(null, null)), { current: 1, size: 25 });
      assert.deepEqual(figures(await pageAt(2, undefined)), { current: 2, size: 25 });
      assert.deepEqual(figures(await pageAt(undefined, 7)), { current: 1, size: 7 });
    });

    test('current and size come back as numbers', async () => {
      assert.deepEqual(figures(await pageAt('3', '2')), { current: 3, size: 2 });
    });

    for (const size of [1, 2, 100]) {
      test(`pages of ${size}: pages = total / size, rounded up, and as many records as are left`, async () => {
        const { seen } = await still(async () => {
          const pages: [current: number, data: Json][] = [];
          for (const current of [1, 2, 3, 1000]) pages.push([current, await pageAt(current, size)]);
          return pages;
        });
        for (const [current, data] of seen) {
          const total = numberAt(data, 'total');
          assert.equal(numberAt(data, 'pages'), Math.ceil(total / size), `pages of ${total} in ${size}`);
          const left = Math.max(0, Math.min(size, total - (current - 1) * size));
          assert.equal(listAt(data, 'records').length, left, `page ${current} of ${total} in ${size}`);
        }
      });
    }

    test('all pages together have every record once, in one order', async (context) => {
      const { ids, seen } = await still(async () => {
        const pages = [];
        for (const current of [1, 2, 3, 4]) pages.push(...(await idsAt(current, 2)));
        return pages;
      });
      if (ids.length === 0) return context.skip('there are no records on this server');
      assert.deepEqual(seen, ids.slice(0, 8));
      assert.equal(new Set(ids).size, ids.length, `one is twice among ${ids.join()}`);
    });
  });
}
