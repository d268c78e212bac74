import type { LocalText } from '../../domain/error/request-error.ts';
import { text } from './rule.ts';

/** What becomes of one number of a direct call's request: the place of its call, or why it is not called. */
export type DirectEntry = { readonly callee: string } & (
  | {
      /** Which of the calls that the request makes, from 0. */
      readonly call: number;
      /** Its callee's number in that, from 1. */
      readonly seq: number;
    }
  | { readonly problem: LocalText }
);

/** A list of numbers, sorted out. */
export type DirectNumbers = {
  /** Those that can be called, each once, in the order given. */
  readonly callees: readonly string[];
  /** One for each number given, in the order given. */
  readonly entries: readonly DirectEntry[];
};

const longestShown = 40;

/** Sorts out numbers separated by commas. One that is given twice is called once, and both entries name that call. */
export function sortOutNumbers(given: readonly string[], length: { min: number; max: number }): DirectNumbers {
  const seqByNumber = new Map<string, number>();
  const entries = given.map((number): DirectEntry => {
    const problem = problemOfNumber(number, length);
    if (problem !== null) return { callee: shown(number), problem };
    const seq = seqByNumber.get(number) ?? seqByNumber.size + 1;
    seqByNumber.set(number, seq);
    return { callee: number, call: 0, seq };
  });
  return { callees: [...seqByNumber.keys()], entries };
}

/** What is wrong with a number; null: nothing. */
export function problemOfNumber(number: string, { min, max }: { min: number; max: number }): LocalText | null {
  if (/^[0-9]+$/.test(number) && number.length >= min && number.length <= max) return null;
  return text(`must have ${min} to ${max} digits and nothing else`, `必须是 ${min} 到 ${max} 位数字，不能有其他字符`);
}

/** As it was sent, but short. */
export function shown(number: string): string {
  return number.length <= longestShown ? number : `${number.slice(0, longestShown)}...`;
}
