/** Lets only so many through at a time for each key; the others wait in the order of their coming. */
export class Turns<K> {
  readonly #atOnce: number;
  readonly #queues = new Map<K, { running: number; readonly waiting: (() => void)[] }>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /**
   * Resolves when it is the caller's turn, to what ends the turn (more than once is as good as once). An abort gives the turn or the place in the
   * queue up, and resolves it all the same.
   */
  take(key: K, signal: AbortSignal): Promise<() => void> {
    const queue = this.#queues.get(key) ?? { running: 0, waiting: [] };
    this.#queues.set(key, queue);
    return new Promise((resolve) => {
      let state: 'waiting' | 'running' | 'over' = 'waiting';
      const end = (): void => {
        if (state === 'running') this.#pass(key, queue);
        if (state === 'waiting') {
          queue.waiting.splice(queue.waiting.indexOf(begin), 1);
          resolve(end);
        }
        state = 'over';
      };
      const begin = (): void => {
        state = 'running';
        resolve(end);
      };
      queue.waiting.push(begin);
      if (queue.running < this.#atOnce) {
        queue.running++;
        queue.waiting.shift();
        begin();
      }
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }

  #pass(key: K, queue: { running: number; readonly waiting: (() => void)[] }): void {
    const next = queue.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    queue.running--;
    if (queue.running === 0) this.#queues.delete(key);
  }
}
