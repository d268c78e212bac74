import type { TrunkHeader } from './trunk.ts';

/** What a trunk's header values may refer to. */
export type HeaderVariables = {
  /** The number as it is dialed. */
  readonly number: string;
  /** The caller id as it is shown; null: none. */
  readonly callerId: string | null;
  readonly taskId: number;
  readonly seq: number;
};

export const headerVariableNames: readonly (keyof HeaderVariables)[] = ['number', 'callerId', 'taskId', 'seq'];

const variable = /\$\{(\w+)\}/g;

/** The names in `${...}` of a header's value. */
export function variablesIn(value: string): string[] {
  return [...value.matchAll(variable)].map((match) => match[1] ?? '');
}

/** The headers of one call. One that is empty for it, because it has no caller id, is left out. */
export function headersOf(headers: readonly TrunkHeader[], variables: HeaderVariables): readonly TrunkHeader[] {
  if (!headers.some(([, value]) => value.includes('${'))) return headers;
  const texts: Readonly<Record<string, string>> = {
    number: variables.number,
    callerId: variables.callerId ?? '',
    taskId: String(variables.taskId),
    seq: String(variables.seq),
  };
  return headers
    .map(([name, value]): TrunkHeader => [name, value.replace(variable, (whole, key: string) => texts[key] ?? whole)])
    .filter(([, value]) => value.trim() !== '');
}
