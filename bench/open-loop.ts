import { HttpLine, type WireRequest } from './http-line.ts';

export type OpenLoopPlan = {
  readonly port: number;
  /** Requests a second, evenly apart. */
  readonly rate: number;
  readonly seconds: number;
  /** What is sent before the clock runs, at the same rate. */
  readonly warmUpSeconds: number;
  readonly connections: number;
  /** In turn. */
  readonly requests: readonly WireRequest[];
};

/** What came of a constant rate. */
export type OpenLoopFigures = {
  readonly offeredRate: number;
  /** Good answers a second, until the last one came. */
  readonly answeredRate: number;
  readonly bad: number;
  /** Milliseconds from when the request was due, whether it could be sent then or not. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/**
 * Sends at a constant rate, come what may. A generator that waits for answers before it sends on slows down with the server and hides what clients would have
 * waited; here a request that finds no free connection waits in line, and its wait is part of its latency.
 */
export async function openLoop(plan: OpenLoopPlan): Promise<OpenLoopFigures> {
  const lines = await Promise.all(
    Array.from({ length: plan.connections }, () => HttpLine.open('127.0.0.1', plan.port)),
  );
  try {
    await new OpenLoop(plan, lines, plan.warmUpSeconds).run();
    return await new OpenLoop(plan, lines, plan.seconds).run();
  } finally {
    for (const line of lines) line.close();
  }
}

class OpenLoop {
  readonly #plan: OpenLoopPlan;
  readonly #free: HttpLine[];
  readonly #count: number;
  readonly #latencies: number[] = [];
  #bad = 0;
  #started = 0;
  #beginMs = 0;
  #finish: (() => void) | null = null;

  constructor(plan: OpenLoopPlan, lines: readonly HttpLine[], seconds: number) {
    this.#plan = plan;
    this.#free = [...lines];
    this.#count = Math.round(plan.rate * seconds);
  }

  async run(): Promise<OpenLoopFigures> {
    this.#beginMs = performance.now();
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    const timer = setInterval(() => this.#sendDue(), 1);
    await finished;
    clearInterval(timer);
    const tookS = (performance.now() - this.#beginMs) / 1000;
    const sorted = this.#latencies.sort((a, b) => a - b);
    const at = (share: number): number =>
      Number((sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(2));
    return {
      offeredRate: this.#plan.rate,
      answeredRate: Math.round((sorted.length - this.#bad) / tookS),
      bad: this.#bad,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }

  #sendDue(): void {
    const now = performance.now();
    for (let line = this.#free.at(-1); line !== undefined; line = this.#free.at(-1)) {
      const dueMs = this.#beginMs + (this.#started * 1000) / this.#plan.rate;
      if (this.#started >= this.#count || dueMs > now) return;
      this.#free.pop();
      this.#send(line, dueMs);
    }
  }

  #send(line: HttpLine, dueMs: number): void {
    const request = this.#plan.requests[this.#started++ % this.#plan.requests.length];
    if (request === undefined) throw new Error('there is nothing to send');
    line.send(request, (isGood) => {
      this.#latencies.push(performance.now() - dueMs);
      if (!isGood) this.#bad++;
      this.#free.push(line);
      if (this.#latencies.length === this.#count) this.#finish?.();
      else this.#sendDue();
    });
  }
}
