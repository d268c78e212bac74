import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TestContext } from 'node:test';

const mostAttempts = 5;
/** A machine whose timers are so late stood still, ms; packets of sound come every 20. */
const standstillMs = 40;
/** The share of the time in which something that could run had to wait for a processor, from which on the machine is busy. */
const busyShare = 0.1;

/**
 * Sound breaks up, for whoever listens, when the machine that carries it stands still for a moment: what was heard then says nothing of us. So an attempt that failed on a
 * machine that did is made again, five times at most; on a quiet machine the first one counts. Says in the test's output what was wrong with each. For what is heard in
 * real time only; a message, a count or a record is right at the first attempt.
 */
export async function heardUnbroken<T>(t: TestContext, attempt: (nth: number) => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth++) {
    const witness = watchMachine();
    try {
      return await attempt(nth);
    } catch (error) {
      const excuse = witness();
      if (nth === mostAttempts || excuse === null) throw error;
      t.diagnostic(`attempt ${nth}, ${excuse}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** Returns what tells whether the machine has stood still or was busy since; null: it was not. */
function watchMachine(): () => string | null {
  const startedMs = performance.now();
  const waitedBefore = waitedForProcessorMs();
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  return () => {
    delays.disable();
    const share = (waitedForProcessorMs() - waitedBefore) / (performance.now() - startedMs);
    if (share >= busyShare) return `processors awaited for ${Math.round(100 * share)} % of the time`;
    const latestMs = delays.max / 1e6;
    return latestMs >= standstillMs ? `a timer ${Math.round(latestMs)} ms late` : null;
  };
}

/** By the kernel's pressure figures, where it keeps them: how long something waited since it started. */
function waitedForProcessorMs(): number {
  const file = '/proc/pressure/cpu';
  if (!existsSync(file)) return 0;
  const [, total] = /^some .*total=(\d+)/.exec(readFileSync(file, 'utf8')) ?? [];
  return Number(total ?? 0) / 1000;
}
