import type { Json } from '../../support/json.ts';

/** A request's body, or an answer's data: an object. */
export type Fields = { readonly [key: string]: Json };

/**
 * The same value with one field set, or left out where `value` is undefined. `path` has dots: `recallFlow.nodeList.0.source`. Throws where the path leads
 * into what is neither an object nor a list, which is a mistake of the description.
 */
export function withField(body: Json, path: string, value: Json | undefined): Json {
  const [step = '', ...rest] = path.split('.');
  const change = (inner: Json): Json | undefined =>
    rest.length === 0 ? value : withField(inner, rest.join('.'), value);
  if (Array.isArray(body))
    return body.flatMap((item, index) => (index === Number(step) ? (change(item) ?? []) : [item]));
  if (!isFields(body)) throw new Error(`the description's body has no place for ${path}: ${JSON.stringify(body)}`);
  const { [step]: current, ...others } = body;
  const changed = change(current ?? (rest.length === 0 ? null : {}));
  return changed === undefined ? others : { ...others, [step]: changed };
}

/** Whether a value is an object (not null, not a list). */
export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A request as the query of a GET; what a query cannot hold is left out. */
export function queryOf(request: Json): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(isFields(request) ? request : {})) {
    if (value !== null && typeof value !== 'object') parameters.append(name, String(value));
  }
  return parameters;
}

/** A value as a failure shows it. */
export function shown(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= 600 ? text : `${text.slice(0, 600)}... (${text.length} characters)`;
}
