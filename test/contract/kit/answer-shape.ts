import type { Json } from '../../support/json.ts';
import { isFields, shown } from './json-path.ts';

/** What a value of an answer must be: resolves to what is wrong with it, one line each; none: it is right. */
export type Shape = (value: Json | undefined, path: string) => readonly string[];

function shape(what: string, isRight: (value: Json) => boolean): Shape {
  return (value, path) => {
    if (value === undefined) return [`${path} is not there; it must be ${what}`];
    return isRight(value) ? [] : [`${path} is ${shown(value)}; it must be ${what}`];
  };
}

/** A JSON number without a fraction. */
export function integer({ min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = {}): Shape {
  const range =
    min === Number.MIN_SAFE_INTEGER ? '' : ` from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`;
  return shape(
    `an integer as JSON number${range}`,
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  );
}

/** A JSON number. */
export function number(): Shape {
  return shape('a JSON number', (value) => typeof value === 'number');
}

/** A JSON string, of a pattern where one is given. */
export function text(pattern?: RegExp): Shape {
  const what = pattern === undefined ? 'a JSON string' : `a JSON string like ${pattern}`;
  return shape(what, (value) => typeof value === 'string' && (pattern === undefined || pattern.test(value)));
}

/** A decimal number as JSON string: the dialect's money and rates. */
export function decimalText(): Shape {
  return text(/^-?\d+(\.\d+)?$/);
}

/** A JSON boolean. */
export function boolean(): Shape {
  return shape('a JSON boolean', (value) => typeof value === 'boolean');
}

/** One of a few values, type and all. */
export function oneOf(...values: readonly Json[]): Shape {
  return shape(`one of ${values.map((value) => JSON.stringify(value)).join(', ')}`, (value) => values.includes(value));
}

/** `yyyy-MM-dd HH:mm:ss` (contract 1.5). */
export function localTime(): Shape {
  return text(/^\d{4}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d$/);
}

/** ISO 8601 with offset, as records have their times (contract 1.5). */
export function isoTime(): Shape {
  return text(/^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d[+-]\d{2}:\d{2}$/);
}

/** Milliseconds since the epoch with 13 digits, as a JSON number (contract 1.5). */
export function epochMs(): Shape {
  return integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 });
}

/** null, or what the shape says; present either way. */
export function nullable(inner: Shape): Shape {
  return (value, path) => (value === null ? [] : inner(value, path));
}

/** Not in the answer at all, or null, or what the shape says. */
export function absentOr(inner: Shape): Shape {
  return (value, path) => (value === undefined || value === null ? [] : inner(value, path));
}

/** Exactly null. */
export function nothing(): Shape {
  return oneOf(null);
}

/** A list of entries of one shape. */
export function listOf(entry: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return shape('a list', Array.isArray)(value, path);
    return value.flatMap((item: Json, index) => entry(item, `${path}[${index}]`));
  };
}

/** An object with at least these fields; further ones hurt no client (contract 1.3). */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    if (!isFields(value)) return shape('an object', isFields)(value, path);
    return Object.entries(fields).flatMap(([name, field]) =>
      field(Object.hasOwn(value, name) ? value[name] : undefined, `${path}.${name}`),
    );
  };
}

/** A page of records (contract 1.4); `further` adds fields beside the five. */
export function page(record: Shape, further: Readonly<Record<string, Shape>> = {}): Shape {
  return object({
    total: integer({ min: 0 }),
    size: integer({ min: 0 }),
    current: integer({ min: 1 }),
    pages: integer({ min: 0 }),
    records: listOf(record),
    ...further,
  });
}
