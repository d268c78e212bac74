import type { Clock } from '../../lib/clock.ts';

/** An inclusive range of UDP ports. */
export type PortRange = { readonly first: number; readonly last: number };

/**
 * The even ports of a range (RFC 3550 11: RTP on even ports). A port that was given back drains first: what the far side of the old call still sends must not
 * reach a new one (also where the session was never connected: its port was offered, and early media may have been sent to it). Ports are reused in
 * the order in which they became free, so each rests as long as possible.
 */
export class PortPool {
  readonly #clock: Clock;
  readonly #drainMs: number;
  #free: number[] = [];
  #freeHead = 0;
  #draining: { readonly port: number; readonly readyMs: number }[] = [];
  #drainingHead = 0;

  /** `range` null: no ports but those that come in by `release`. */
  constructor(range: PortRange | null, drainMs: number, clock: Clock) {
    this.#clock = clock;
    this.#drainMs = drainMs;
    if (range === null) return;
    for (let port = range.first + (range.first % 2); port <= range.last; port += 2) this.#free.push(port);
  }

  /** Ports that are not out, resting ones included. */
  get size(): number {
    return this.#free.length - this.#freeHead + this.#draining.length - this.#drainingHead;
  }

  /** How many ports could be taken now. */
  get available(): number {
    this.#collect();
    return this.#free.length - this.#freeHead;
  }

  /** Takes a port out; null: all are in use or draining. */
  take(): number | null {
    this.#collect();
    const port = this.#free[this.#freeHead];
    if (port === undefined) return null;
    this.#freeHead += 1;
    if (this.#freeHead > 1024 && this.#freeHead * 2 > this.#free.length) {
      this.#free = this.#free.slice(this.#freeHead);
      this.#freeHead = 0;
    }
    return port;
  }

  /** Gives a port back; it can be taken again after the draining time. */
  release(port: number): void {
    this.#draining.push({ port, readyMs: this.#clock.monotonic() + this.#drainMs });
  }

  /** Empties the pool of the resting and the rested. */
  drop(): number[] {
    const resting = this.#draining.slice(this.#drainingHead).map((entry) => entry.port);
    const ports = [...this.#free.slice(this.#freeHead), ...resting];
    this.#free = [];
    this.#draining = [];
    this.#freeHead = 0;
    this.#drainingHead = 0;
    return ports;
  }

  #collect(): void {
    const now = this.#clock.monotonic();
    for (;;) {
      const next = this.#draining[this.#drainingHead];
      if (next === undefined || next.readyMs > now) break;
      this.#free.push(next.port);
      this.#drainingHead += 1;
    }
    if (this.#drainingHead > 1024 && this.#drainingHead * 2 > this.#draining.length) {
      this.#draining = this.#draining.slice(this.#drainingHead);
      this.#drainingHead = 0;
    }
  }
}
