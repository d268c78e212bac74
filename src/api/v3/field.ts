import { errors } from '../../domain/error/registry.ts';
import { rules } from './rule.ts';

/**
 * Turns one field of a request into its value, or throws the parameter error (-22) that names the field and the rule. `undefined` is
 * absent; `null` is made `undefined` before (contract 15.4), so a reader sees one kind of absence only.
 */
export type Reader<T> = (value: unknown, field: string) => T;

type ValueOf<R> = R extends Reader<infer T> ? T : never;
type Shape = Readonly<Record<string, Reader<unknown>>>;

/** The value of an object that was read by a shape. */
export type Read<S extends Shape> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** An integer, as a number or as its decimal text. */
export function integer(range: { min?: number; max?: number } = {}): Reader<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  return (value, field) => {
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : required(value, field);
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < min || number > max) {
      throw errors.badParameter(field, rules.integer(min, max));
    }
    return number;
  };
}

/** A row's number in the database: 1 and up. */
export function id(): Reader<number> {
  return integer({ min: 1 });
}

/** A number, as a number or as its decimal text. */
export function decimal(range: { min: number; max: number }): Reader<number> {
  return (value, field) => {
    const number =
      typeof value === 'string' && /^-?\d{1,9}(\.\d{1,9})?$/.test(value) ? Number(value) : required(value, field);
    if (typeof number !== 'number' || !(number >= range.min && number <= range.max)) {
      throw errors.badParameter(field, rules.decimal(range.min, range.max));
    }
    return number;
  };
}

/** One of a few integers. */
export function choice<const T extends number>(...values: readonly T[]): Reader<T> {
  return (value, field) => {
    const given = required(value, field);
    const found = values.find((allowed) => allowed === given || String(allowed) === given);
    if (found === undefined) throw errors.badParameter(field, rules.oneOf(values));
    return found;
  };
}

/** A text of so many characters, not only blanks where it must have any; a number is taken as its text. */
export function text(length: { min?: number; max: number }): Reader<string> {
  const { min = 0, max } = length;
  return (value, field) => {
    const string = asText(required(value, field), field);
    // A character has at most two units, so only texts of a length in between are taken apart.
    const length = string.length < min || string.length > 2 * max ? string.length : Array.from(string).length;
    if (length < min || length > max) throw errors.badParameter(field, rules.length(min, max));
    if (min > 0 && isBlank(string)) throw errors.badParameter(field, rules.notBlank);
    return string;
  };
}

/** A text of digits only. */
export function digits(length: { min: number; max: number }): Reader<string> {
  const pattern = new RegExp(`^[0-9]{${length.min},${length.max}}$`);
  return (value, field) => {
    const string = asText(required(value, field), field);
    if (!pattern.test(string)) throw errors.badParameter(field, rules.digits(length.min, length.max));
    return string;
  };
}

/** One key of a telephone, "0" to "9". */
export function key(): Reader<string> {
  return (value, field) => {
    const string = asText(required(value, field), field);
    if (!/^[0-9]$/.test(string)) throw errors.badParameter(field, rules.key);
    return string;
  };
}

/** A list whose entries are read one by one; refuses the wrong size before it reads any. */
export function list<T>(entry: Reader<T>, size: { min?: number; max: number }): Reader<readonly T[]> {
  const { min = 0, max } = size;
  return (value, field) => {
    const entries: unknown = required(value, field);
    if (!Array.isArray(entries)) throw errors.badParameter(field, rules.list);
    if (entries.length < min || entries.length > max) throw errors.badParameter(field, rules.listSize(min, max));
    return entries.map((item: unknown, index) => entry(item ?? undefined, `${field}[${index}]`));
  };
}

/** An object of known fields; others are ignored. */
export function object<S extends Shape>(shape: S): Reader<Read<S>> {
  return (value, field) => readFields(shape, required(value, field), field);
}

/** The same, or null where the field is absent. A blank text counts as absent, because form-like clients send one for "nothing". */
export function optional<T>(reader: Reader<T>): Reader<T | null> {
  return (value, field) => (value === undefined || isBlank(value) ? null : reader(value, field));
}

/** The same, or a default where the field is absent or blank. */
export function withDefault<T, const D extends T>(reader: Reader<T>, byDefault: D): Reader<T> {
  return (value, field) => (value === undefined || isBlank(value) ? byDefault : reader(value, field));
}

/** Takes a field as it is, for a reader of a later step. */
export function anything(): Reader<unknown> {
  return (value) => value;
}

/** Reads the fields of an object in the order of the shape; the first that does not fit throws. `path` is the object's own name, '' at the top. */
export function readFields<S extends Shape>(shape: S, source: unknown, path = ''): Read<S> {
  if (!isObject(source)) {
    if (path === '') throw errors.badBody(rules.object);
    throw errors.badParameter(path, rules.object);
  }
  const result: Record<string, unknown> = {};
  for (const [name, reader] of Object.entries(shape)) {
    const given = Object.hasOwn(source, name) ? source[name] : undefined;
    result[name] = reader(given ?? undefined, path === '' ? name : `${path}.${name}`);
  }
  return result as Read<S>;
}

/** Whether a JSON value is a text without anything to see in it. */
export function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}

/** Whether a JSON value is an object of which no field is given. */
export function isEmptyObject(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((field) => field === null || field === undefined);
}

/** Whether a JSON value is an object (not null, not a list). */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function required(value: unknown, field: string): unknown {
  if (value === undefined) throw errors.badParameter(field, rules.required);
  return value;
}

/** PostgreSQL stores neither NUL nor half a surrogate pair, so no text of a request may hold them. */
function asText(value: unknown, field: string): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') throw errors.badParameter(field, rules.string);
  if (!isStorable(value)) throw errors.badParameter(field, rules.wellFormed);
  return value;
}

/** Whether PostgreSQL can store the text. */
export function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}
