import { setTimeout as sleep } from 'node:timers/promises';

export type UntilOptions = {
  /** What is waited for, for the error. */
  readonly what: string;
  /** What it takes at most on a machine of its own. A shared one stands still for seconds, so it fails after `patience` times as long. */
  readonly timeoutMs: number;
  readonly everyMs?: number;
  /** Said with the error, e.g. the end of a log. */
  readonly detail?: () => string;
};

const patience = 4;

/** Asks again and again until the answer is neither null nor false; a black box tells nobody when it is done. */
export async function until<T>(
  ask: () => Promise<T | null | false> | T | null | false,
  options: UntilOptions,
): Promise<T> {
  const { what, timeoutMs, everyMs = 100, detail } = options;
  const limitMs = patience * timeoutMs;
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}\n${detail?.() ?? ''}`);
    await sleep(everyMs);
  }
}
