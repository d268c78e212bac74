import { errors } from '../../domain/error/registry.ts';
import type { LocalText } from '../../domain/error/request-error.ts';
import type { SubmittedCallee } from '../../domain/task/submission.ts';
import { isObject, isStorable } from './field.ts';
import { rules, text } from './rule.ts';

/** Most rows that one request may bring (contract 15.5). */
export const maxRows = 200_000;

const maxVariableLength = 30;
const namedBadRows = 20;
const shownValueLength = 40;
/** Rows checked before other requests get a turn: some milliseconds of work. */
const rowsPerTurn = 10_000;
const variableNames = Array.from({ length: 10 }, (_, index) => `text${index + 1}`);

export type NumberListRequest = {
  readonly numberList: unknown;
  readonly numberInfoList: unknown;
  /** Whether good rows are taken although others are bad. */
  readonly skipInvalid: boolean;
  /** The numbers (1..10) of the variables that every callee must bring, because a template uses them. */
  readonly neededVariables: readonly number[];
};

export type CheckedNumberList = {
  readonly callees: SubmittedCallee[];
  readonly duplicateCount: number;
  readonly invalidCount: number;
};

/**
 * Checks a request's numbers as a whole (contract 15.5): the first row of a number stays, a bad row refuses all of them with -21 unless
 * `skipInvalid`. Both containers may hold texts and objects, and both may be given: `numberInfoList` comes first, so that of a number in both the row
 * with the variables stays, and rows are counted through. Gives other work a turn every few thousand rows.
 */
export async function checkNumberList(request: NumberListRequest): Promise<CheckedNumberList> {
  const { field, rows } = rowsOf(request);
  if (rows.length === 0) throw errors.badParameter(field, rules.listSize(1, maxRows));
  if (rows.length > maxRows) throw errors.limitReached(field, maxRows, rows.length);
  const seen = new Set<string>();
  const callees: SubmittedCallee[] = [];
  const bad = new BadRows();
  for (let index = 0; index < rows.length; index++) {
    if (index > 0 && index % rowsPerTurn === 0) await otherWork();
    const row: unknown = rows[index];
    const callee = readRow(row, request.neededVariables);
    if ('en' in callee) {
      bad.add(index + 1, row, callee);
      continue;
    }
    if (seen.has(callee.number)) continue;
    seen.add(callee.number);
    callees.push(callee);
  }
  if (bad.count > 0 && (!request.skipInvalid || callees.length === 0)) throw errors.badNumbers(bad.count, bad.list());
  return { callees, duplicateCount: rows.length - bad.count - callees.length, invalidCount: bad.count };
}

/** An empty list beside a filled one is absent, like null. */
function rowsOf(request: NumberListRequest): { field: string; rows: readonly unknown[] } {
  const list = asList(request.numberList, 'numberList');
  const infoList = asList(request.numberInfoList, 'numberInfoList');
  if (list === null && infoList === null) throw errors.badParameter('numberInfoList', rules.required);
  if (list === null || (list.length === 0 && infoList !== null))
    return { field: 'numberInfoList', rows: infoList ?? [] };
  if (infoList === null || infoList.length === 0) return { field: 'numberList', rows: list };
  return { field: 'numberInfoList + numberList', rows: [...infoList, ...list] };
}

function asList(value: unknown, field: string): readonly unknown[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw errors.badParameter(field, rules.list);
  return value;
}

function otherWork(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const problems = {
  notNumber: text('is not a number', '不是号码'),
  noNumber: text('has no calleeNumber', '缺少 calleeNumber'),
  plus: text('starts with +, digits only', '以 + 开头，只能包含数字'),
  notDigits: text('has other characters than digits', '包含数字以外的字符'),
  length: text('must have 6 to 18 digits', '长度必须为 6 到 18 位'),
  missing: (name: string) => text(`${name} is missing, the template uses it`, `缺少模板使用的变量 ${name}`),
  notText: (name: string) => text(`${name} is not a text`, `${name} 不是字符串`),
};

/** The callee of a row, or what is wrong with it. One pass: this runs 200,000 times a request. */
function readRow(row: unknown, neededVariables: readonly number[]): SubmittedCallee | LocalText {
  const isInfo = isObject(row);
  const given = isInfo ? row.calleeNumber : row;
  const problem = problemOfNumber(given);
  if (problem !== null) return problem;
  let variables: (string | null)[] | null = null;
  for (let index = 0; isInfo && index < variableNames.length; index++) {
    const name = variableNames[index] ?? '';
    const value = row[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' && (typeof value !== 'string' || !isStorable(value))) return problems.notText(name);
    variables ??= new Array<string | null>(variableNames.length).fill(null);
    variables[index] = truncated(String(value));
  }
  for (const needed of neededVariables) {
    if ((variables?.[needed - 1] ?? null) === null) return problems.missing(`text${needed}`);
  }
  return { number: String(given), variables };
}

function problemOfNumber(value: unknown): LocalText | null {
  if (value === undefined || value === null) return problems.noNumber;
  // A number beyond 2^53 has lost digits on its way through JSON.
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? problemOfDigits(String(value)) : problems.notNumber;
  return typeof value === 'string' ? problemOfDigits(value) : problems.notNumber;
}

function problemOfDigits(value: string): LocalText | null {
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    if (unit < 0x30 || unit > 0x39) return index === 0 && unit === 0x2b ? problems.plus : problems.notDigits;
  }
  return value.length >= 6 && value.length <= 18 ? null : problems.length;
}

function numberOf(row: unknown): unknown {
  return isObject(row) ? row.calleeNumber : row;
}

/** Longer is truncated, not refused (contract 4.1), and never inside a surrogate pair. */
function truncated(value: string): string {
  return value.length <= maxVariableLength
    ? value
    : Array.from(value.slice(0, 2 * maxVariableLength))
        .slice(0, maxVariableLength)
        .join('');
}

/** Counts what is bad and remembers the first of it. */
class BadRows {
  count = 0;
  readonly #first: { row: number; value: string; problem: LocalText }[] = [];

  add(row: number, value: unknown, problem: LocalText): void {
    this.count++;
    if (this.#first.length < namedBadRows) this.#first.push({ row, value: shown(numberOf(value)), problem });
  }

  list(): LocalText {
    return text(
      this.#first.map(({ row, value, problem }) => `row ${row} ${value} ${problem.en}`).join('; '),
      this.#first.map(({ row, value, problem }) => `第 ${row} 行 ${value} ${problem.zhCN}`).join('；'),
    );
  }
}

/** What a row holds for a number, short. Lists and objects are not written out: they may be deep, and as large as the request. */
function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length <= shownValueLength
      ? JSON.stringify(value)
      : `${JSON.stringify(value.slice(0, shownValueLength))}...`;
  }
  if (value === undefined || value === null) return 'null';
  if (typeof value !== 'object') return String(value);
  return Array.isArray(value) ? '[...]' : '{...}';
}
