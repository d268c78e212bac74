import type { Json } from '../../support/json.ts';
import { withField } from './json-path.ts';
import type { Field, Sample } from './request-field.ts';

/** What must come of a request: it is accepted, or refused with a code and a message that names what is wrong. */
export type Expectation =
  | { readonly kind: 'accepted'; readonly shows?: readonly [name: string, value: Json] }
  | { readonly kind: 'refused'; readonly code: number; readonly names: string | RegExp };

/** One request, made from a valid one by a change, and what must come of it. */
export type Case = {
  readonly title: string;
  readonly change: (valid: Json) => Json;
  readonly expects: Expectation;
};

/** The request is accepted; `shows` is what the server then shows. */
export function accepted(shows?: readonly [name: string, value: Json]): Expectation {
  return { kind: 'accepted', ...(shows !== undefined && { shows }) };
}

/** The request is refused, and the message names this. */
export function refused(code: number, names: string | RegExp): Expectation {
  return { kind: 'refused', code, names };
}

/** All that the contract says of one field: there, null, left out, each side of each bound, each wrong type. */
export function fieldCases(path: string, field: Field): Case[] {
  const set = (value: Json | undefined) => (valid: Json) => withField(valid, path, value);
  const name = path.split('.').at(-1) ?? path;
  const isRefused = refused(field.code, name);
  const shownAs = field.shownAs;
  const absent = shownAs === null || field.byDefault === undefined ? accepted() : accepted([shownAs, field.byDefault]);
  const without = field.isRequired ? isRefused : absent;
  return [
    { title: 'left out', change: set(undefined), expects: without },
    { title: 'null', change: set(null), expects: without },
    ...field.good.map((good) => goodCase(path, good, shownAs)),
    ...field.bad.map(({ title, make }) => ({
      title,
      change: (valid: Json) => withField(valid, path, make()),
      expects: isRefused,
    })),
  ];
}

function goodCase(path: string, good: Sample, shownAs: string | null): Case {
  const value = good.make();
  return {
    title: good.title,
    change: (valid) => withField(valid, path, value),
    expects: shownAs === null ? accepted() : accepted([shownAs, good.shows ?? value]),
  };
}
