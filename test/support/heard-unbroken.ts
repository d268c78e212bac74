import type { TestContext } from 'node:test';

const mostAttempts = 5;

/**
 * Sound breaks up, for whoever listens, when the machine that carries it stands still for a tenth of a second: what was heard then says nothing of us. So the attempt
 * is made again, five times at most: a fault of ours is there each time. Says in the test's output what was wrong with each that failed. For what is heard in real
 * time only; a message, a count or a record is right at the first attempt.
 */
export async function heardUnbroken<T>(t: TestContext, attempt: (nth: number) => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth++) {
    try {
      return await attempt(nth);
    } catch (error) {
      if (nth === mostAttempts) throw error;
      t.diagnostic(`attempt ${nth}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
