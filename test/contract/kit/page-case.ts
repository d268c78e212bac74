import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../../support/json.ts';
import { listAt, numberAt } from '../../support/json.ts';
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

type PageOptions = {
  /** The field of a record that no other record has; null: they have none. */
  readonly idField: string | null;
  /** Whether no other test adds records to these. */
  readonly isStill: boolean;
};

/**
 * What holds of the pages of a query: defaults, arithmetic, and that all pages together have every record once. Where other tests may add records meanwhile, those
 * move the others back, and one may be seen on two pages.
 */
export function pagesConform(server: ServerUnderTest, endpoint: Endpoint, { idField, isStill }: PageOptions): void {
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
        for (const current of [1, 2, 3, 1000]) {
          const data = await pageAt(current, size);
          const total = numberAt(data, 'total');
          assert.equal(numberAt(data, 'pages'), Math.ceil(total / size), `pages of ${total} in ${size}`);
          const left = Math.max(0, Math.min(size, total - (current - 1) * size));
          assert.equal(listAt(data, 'records').length, left, `page ${current} of ${total} in ${size}`);
        }
      });
    }

    if (idField !== null) {
      test('all pages together have every record once', async () => {
        const whole = await pageAt(1, 100);
        const wanted = listAt(whole, 'records')
          .slice(0, 7)
          .map((record) => fieldOf(record, idField));
        const found: (Json | undefined)[] = [];
        for (let current = 1; current <= numberAt(whole, 'total') && found.length < 40; current++) {
          const records = listAt(await pageAt(current, 2), 'records');
          if (records.length === 0) break;
          found.push(...records.map((record) => fieldOf(record, idField)));
        }
        const times = wanted.map((id) => found.filter((other) => other === id).length);
        const isRight = (count: number): boolean => (isStill ? count === 1 : count >= 1);
        assert.ok(wanted.length > 0 && times.every(isRight), `of ${wanted}, the pages have ${found}`);
      });
    }
  });
}
