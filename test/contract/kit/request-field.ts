import type { Json } from '../../support/json.ts';

/** A value to send; made anew for each request where it must be unique. */
export type Sample = {
  readonly title: string;
  readonly make: () => Json;
  /** How an accepted one is shown afterwards; as it was sent unless given. */
  readonly shows?: Json;
};

/** What a field of a request may hold: values around each bound, inside and outside. */
export type Kind = { readonly good: readonly Sample[]; readonly bad: readonly Sample[] };

/** A field of a request, as the contract has it. */
export type Field = Kind & {
  readonly isRequired: boolean;
  /** What the server takes when the field is left out, as it shows it; undefined: not documented, or shown nowhere. */
  readonly byDefault?: Json;
  /** The name under which an accepted value is shown; its own unless given; null: nowhere. */
  readonly shownAs: string | null;
  /** The code that a bad or missing value gets (contract 15.5: -22). */
  readonly code: number;
};

type FieldOptions = { readonly byDefault?: Json; readonly shownAs?: string | null; readonly code?: number };

/** A field without which the request is refused. */
export function required(kind: Kind, { shownAs = null, code = -22 }: FieldOptions = {}): Field {
  return { ...kind, isRequired: true, shownAs, code };
}

/** A field that may be left out or null, which is the same (contract 15.4). */
export function optional(kind: Kind, options: FieldOptions = {}): Field {
  const { byDefault, shownAs = null, code = -22 } = options;
  return { ...kind, isRequired: false, shownAs, code, ...(byDefault !== undefined && { byDefault }) };
}

/** An integer; it may come as its decimal text (contract 15.4). */
export function integerField({ min, max }: { readonly min: number; readonly max?: number }): Kind {
  const good = [number(min), asText(min)];
  const bad = [number(min - 1, 'below the least'), ...notIntegers];
  if (max === undefined) return { good, bad };
  return {
    good: [...good, number(max), asText(max)],
    bad: [...bad, number(max + 1, 'above the most'), asText(max + 1)],
  };
}

/** A row's id: an integer, or its decimal text. Which ids exist is not a matter of the field. */
export function idField(id: () => number): Kind {
  return {
    good: [
      { title: 'as a number', make: id },
      { title: 'as its decimal text', make: () => String(id()) },
    ],
    bad: [number(0, 'below the least'), number(-1), ...notIntegers],
  };
}

/** A number with or without a fraction. */
export function decimalField({ min, max, step }: { min: number; max: number; step: number }): Kind {
  return {
    good: [number(min), number(max), number(min + step)],
    bad: [number(min - step, 'below the least'), number(max + step, 'above the most'), ...notNumbers],
  };
}

/** One of a few integers, as a number or as its text. */
export function choiceField(...values: readonly number[]): Kind {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return {
    good: values.flatMap((value) => [number(value), asText(value)]),
    bad: [number(least - 1, 'below the least'), number(most + 1, 'above the most'), ...notIntegers],
  };
}

/** 0 or 1. */
export function flagField(): Kind {
  return choiceField(0, 1);
}

type TextOptions = {
  readonly min: number;
  readonly max: number;
  /** A text of so many characters; letters unless given. */
  readonly make?: (length: number) => string;
};

/** A text of so many characters. */
export function textField({ min, max, make = (length) => 'x'.repeat(length) }: TextOptions): Kind {
  const long = (length: number, title: string): Sample => ({ title, make: () => make(length) });
  return {
    good: [long(Math.max(min, 1), `${Math.max(min, 1)} characters`), long(max, `${max} characters`)],
    bad: [
      ...(min > 1 ? [long(min - 1, `${min - 1} characters, too short`)] : []),
      long(max + 1, `${max + 1} characters, too long`),
      ...notTexts,
    ],
  };
}

/** Digits only; a number is taken as its text (contract 15.4). */
export function digitsField({ min, max }: { readonly min: number; readonly max: number }): Kind {
  const few = Math.max(min, 1);
  return {
    good: [
      sample('1'.repeat(few), `${few} digits`),
      sample('9'.repeat(max), `${max} digits`),
      { title: 'as a number', make: () => Number('1'.repeat(few)), shows: '1'.repeat(few) },
    ],
    bad: [
      ...(min > 1 ? [sample('1'.repeat(min - 1), `${min - 1} digits, too few`)] : []),
      sample('1'.repeat(max + 1), `${max + 1} digits, too many`),
      sample(`+${'1'.repeat(few)}`, 'with a plus'),
      sample('letters', 'letters'),
      ...notTexts,
    ],
  };
}

/** One key, "0" to "9": a text, but samples of the contract send a number. */
export function keyField(): Kind {
  const keys = [0, 1, 9];
  return {
    good: keys.flatMap((key) => [
      sample(String(key), `"${key}"`),
      { title: String(key), make: () => key, shows: String(key) },
    ]),
    bad: [sample('10', '"10"'), number(10), sample('*', '"*"'), sample('a', 'a letter'), ...notTexts],
  };
}

/** A time without zone, `yyyy-MM-dd HH:mm:ss` (contract 1.5). */
export function localTimeField(good = '2098-03-04 05:06:07'): Kind {
  return {
    good: [sample(good, good)],
    bad: [
      '2098/03/04 05:06:07',
      '2098-03-04',
      '2098-02-30 00:00:00',
      '2098-13-01 00:00:00',
      '2098-03-04 24:00:01',
      'now',
    ]
      .map((value) => sample(value, value))
      .concat(sample(4_000_000_000, 'a number'), sample(true, 'a boolean'), sample({}, 'an object')),
  };
}

/** `HH:MM` of the day. */
export function clockField(): Kind {
  const bad = ['24:00', '12:60', '9:00', '12:00:00', 'noon'];
  return {
    good: ['00:00', '09:05', '23:59'].map((value) => sample(value, value)),
    bad: [...bad.map((value) => sample(value, value)), sample(900, 'a number'), sample({}, 'an object')],
  };
}

/** A text with a meaning of its own: `good` are taken, `bad` are not, and neither is what is no text. */
export function wordField(good: readonly string[], bad: readonly string[]): Kind {
  return {
    good: good.map((value) => sample(value, JSON.stringify(value))),
    bad: [...bad.map((value) => sample(value, JSON.stringify(value))), ...notTexts],
  };
}

/** A value that is found out while the suite runs, e.g. a file's id. */
export function knownField(make: () => Json, bad: readonly Sample[] = notTexts): Kind {
  return { good: [{ title: 'a known one', make }], bad };
}

/** A list of so many entries. */
export function listField(entries: (count: number) => Json, { min, max }: { min: number; max: number }): Kind {
  const of = (count: number, title: string): Sample => ({ title, make: () => entries(count) });
  return {
    good: [of(Math.max(min, 1), `${Math.max(min, 1)} entries`), of(max, `${max} entries`)],
    bad: [
      ...(min > 0 ? [of(0, 'an empty list')] : []),
      of(max + 1, `${max + 1} entries, too many`),
      sample('1', 'a text'),
      sample(1, 'a number'),
      sample({ 0: 1 }, 'an object'),
    ],
  };
}

/** An object; what is in it is described by fields with a longer path. */
export function objectField(): Kind {
  return { good: [], bad: [sample('x', 'a text'), sample(1, 'a number'), sample([1], 'a list'), sample(true, 'true')] };
}

/** A value as it is. */
export function sample(value: Json, title: string): Sample {
  return { title, make: () => value };
}

function number(value: number, title = String(value)): Sample {
  return sample(value, title === String(value) ? title : `${value}, ${title}`);
}

function asText(value: number): Sample {
  return { title: `"${value}"`, make: () => String(value), shows: value };
}

const notNumbers: readonly Sample[] = [
  sample('abc', 'letters'),
  sample(true, 'a boolean'),
  sample([1], 'a list'),
  sample({ value: 1 }, 'an object'),
];

const notIntegers: readonly Sample[] = [sample(1.5, 'a fraction'), sample('1.5', 'a fraction as text'), ...notNumbers];

const notTexts: readonly Sample[] = [
  sample(true, 'a boolean'),
  sample(['x'], 'a list'),
  sample({ value: 'x' }, 'an object'),
];
