/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The value at a path; throws with what is there instead when the path leads nowhere. */
export function at(value: Json, ...path: readonly (string | number)[]): Json {
  let here = value;
  for (const step of path) {
    const next: Json | undefined = Array.isArray(here)
      ? here[Number(step)]
      : here !== null && typeof here === 'object' && !Array.isArray(here)
        ? Object.entries(here).find(([key]) => key === step)?.[1]
        : undefined;
    if (next === undefined) throw new Error(`no ${path.join('.')} in ${JSON.stringify(value)?.slice(0, 500)}`);
    here = next;
  }
  return here;
}

/** The number at a path. */
export function numberAt(value: Json, ...path: readonly (string | number)[]): number {
  const found = at(value, ...path);
  if (typeof found !== 'number') throw new Error(`${path.join('.')} is ${JSON.stringify(found)}, not a number`);
  return found;
}

/** The text at a path. */
export function textAt(value: Json, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`${path.join('.')} is ${JSON.stringify(found)}, not a text`);
  return found;
}

/** The list at a path. */
export function listAt(value: Json, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path);
  if (!Array.isArray(found)) throw new Error(`${path.join('.')} is ${JSON.stringify(found)}, not a list`);
  return found;
}
