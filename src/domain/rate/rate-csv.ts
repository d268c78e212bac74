import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { setImmediate as afterOthers } from 'node:timers/promises';
import { parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { type RateColumn, type ReadRates, rateColumns } from './rate-file.ts';
import { RateRows } from './rate-rows.ts';
import type { Rate } from './rate-table.ts';

/** So much is parsed at a time, in some milliseconds. */
const chunkBytes = 64 * 1024;

/** The first line is looked for in so many bytes. */
const longestHead = 64 * 1024;

const byteOrderMark = '\uFEFF';

/**
 * Reads rates as CSV (RFC 4180): UTF-8 with or without byte order mark, lines that end in LF or CRLF, a first line that names the columns in any order and case. Where that line
 * holds a semicolon and no comma, semicolons separate, and a comma in a rate is its decimal mark: so spreadsheets in many countries write it. Every bad cell is told of; a file that is
 * no such file at all is one error. The parser works chunk by chunk and lets others have their turn between.
 */
export async function readRateCsv(file: Buffer): Promise<ReadRates> {
  const rows = new RateRows();
  if (!isUtf8(file)) {
    rows.refuse({ row: 1, column: null, value: '', rule: 'the file is not UTF-8' });
    return rows.result();
  }
  const firstLine = /^[^\r\n]*/.exec(file.toString('utf8', 0, longestHead))?.[0] ?? '';
  const delimiter = firstLine.includes(';') && !firstLine.includes(',') ? ';' : ',';
  const names = firstLine.replace(byteOrderMark, '').split(delimiter).map(columnOf);
  const missing = rateColumns.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    const rule = `the first line must name the columns ${rateColumns.join(', ')}; missing: ${missing.join(', ')}`;
    rows.refuse({ row: 1, column: null, value: firstLine.slice(0, 200), rule });
    return rows.result();
  }
  await readRows(file, { delimiter, names, rows });
  return rows.result();
}

type Reading = {
  readonly delimiter: string;
  readonly names: readonly (RateColumn | null)[];
  readonly rows: RateRows;
};

async function readRows(file: Buffer, { delimiter, names, rows }: Reading): Promise<void> {
  const options = { bom: true, from: 2, info: true, relax_column_count: true, skip_empty_lines: true, trim: true };
  const parser = Readable.from(chunksOf(file)).pipe(parse({ ...options, delimiter }));
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      line = info.lines;
      const cells = new Map(names.map((name, index) => [name, record[index] ?? '']));
      const rate = cells.get('rate') ?? '';
      if (delimiter === ';') cells.set('rate', rate.replace(',', '.'));
      rows.add(line, cells);
    }
  } catch (error) {
    // A quote that is never closed, say: what comes after it cannot be told apart.
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_'))) throw error;
    rows.refuse({ row: line + 1, column: null, value: '', rule: `is not CSV: ${error.message}` });
  }
}

async function* chunksOf(file: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < file.length; start += chunkBytes) {
    yield file.subarray(start, start + chunkBytes);
    await afterOthers();
  }
}

function columnOf(cell: string): RateColumn | null {
  const name = cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase();
  return rateColumns.find((column) => column.toLowerCase() === name) ?? null;
}

/** The first line of an export. */
export const rateCsvHead = stringify([[...rateColumns]]);

/** The lines of some rates, as {@link readRateCsv} reads them back. */
export function writeRateCsv(rates: readonly Rate[]): string {
  return stringify(rates.map(({ prefix, code, firstS, stepS, rate }) => [prefix, code, `${firstS}+${stepS}`, rate]));
}
