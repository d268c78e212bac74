import { ratePattern } from './decimal.ts';
import { longestPrefix } from './held-rate.ts';
import { mostRates, type RateColumn, type RateRowError, type ReadRates } from './rate-file.ts';
import type { Rate } from './rate-table.ts';

/** Errors that are told of one by one; how many there are is told, too. */
const shownErrors = 100;

const longestPeriodS = 3600;
const longestCode = 200;

const isRate = new RegExp(ratePattern);

/** Checks the rows of a file as they come, and keeps those that are good. */
export class RateRows {
  readonly #rates: Rate[] = [];
  readonly #lineOfPrefix = new Map<string, number>();
  readonly #errors: RateRowError[] = [];
  #errorCount = 0;

  refuse(error: RateRowError): void {
    this.#errorCount += 1;
    if (this.#errors.length < shownErrors) this.#errors.push({ ...error, value: error.value.slice(0, 200) });
  }

  add(row: number, cells: ReadonlyMap<RateColumn | null, string>): void {
    const before = this.#errorCount;
    const cell = (column: RateColumn): string => cells.get(column) ?? '';
    const check = (column: RateColumn, isGood: boolean, rule: string): void => {
      if (!isGood) this.refuse({ row, column, value: cell(column), rule });
    };
    const prefix = cell('prefix');
    const known = this.#lineOfPrefix.get(prefix);
    check(
      'prefix',
      /^\d+$/.test(prefix) && prefix.length <= longestPrefix,
      `must be 1 to ${longestPrefix} digits and nothing else`,
    );
    check('prefix', known === undefined, `is that of row ${known} already`);
    check('code', cell('code').length <= longestCode, `must have at most ${longestCode} characters`);
    check('code', cell('code').isWellFormed() && !cell('code').includes('\0'), 'holds characters that are no text');
    check('rate', isRate.test(cell('rate')), 'must be a number from 0 to 999999.999999, with at most six decimals');
    const period = periodOf(cell('billPeriod'));
    check('billPeriod', period !== null, `must be two whole numbers from 1 to ${longestPeriodS} as 60+60`);
    if (this.#rates.length >= mostRates)
      this.refuse({ row, column: null, value: '', rule: `at most ${mostRates} rates` });
    if (this.#errorCount > before || period === null) return;
    this.#lineOfPrefix.set(prefix, row);
    this.#rates.push({ prefix, code: cell('code'), ...period, rate: cell('rate') });
  }

  result(): ReadRates {
    return { rates: this.#rates, errorCount: this.#errorCount, errors: this.#errors };
  }
}

/** The two parts of a bill period; null: it is none. */
export function periodOf(text: string): { firstS: number; stepS: number } | null {
  const [, first, step] = /^([1-9]\d{0,3})\+([1-9]\d{0,3})$/.exec(text) ?? [];
  const period = { firstS: Number(first), stepS: Number(step) };
  return period.firstS <= longestPeriodS && period.stepS <= longestPeriodS ? period : null;
}
