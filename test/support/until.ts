import { setTimeout as sleep } from 'node:timers/promises';

export type UntilOptions = {
  /** What is waited for, for the error. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
  /** Said with the error, e.g. the end of a log. */
  readonly detail?: () => string;
};

/** Asks again and again until the answer is neither null nor false; a black box tells nobody when it is done. */
export async function until<T>(
  ask: () => Promise<T | null | false> | T | null | false,
  options: UntilOptions,
): Promise<T> {
  const { what, timeoutMs, everyMs = 100, detail } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}\n${detail?.() ?? ''}`);
    await sleep(everyMs);
  }
}
