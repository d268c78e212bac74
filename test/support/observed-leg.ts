import type { CallEngine, DialRequest, Leg, LegEnd, LegEvent } from '../../src/call/engine.ts';

/** A leg whose events can be waited for. */
export class ObservedLeg {
  readonly leg: Leg;
  readonly events: LegEvent[] = [];
  #wake: (() => void)[] = [];

  constructor(engine: CallEngine, request: DialRequest) {
    this.leg = engine.dial(request, (event) => {
      this.events.push(event);
      for (const resolve of this.#wake.splice(0)) resolve();
    });
  }

  /** The types of what was observed so far. */
  get types(): string[] {
    return this.events.map((event) => event.type);
  }

  /** Resolves with the first event of the type, from now on or before. */
  async until<T extends LegEvent['type']>(type: T): Promise<Extract<LegEvent, { type: T }>> {
    for (;;) {
      const found = this.events.find((event): event is Extract<LegEvent, { type: T }> => event.type === type);
      if (found !== undefined) return found;
      if (this.types.includes('ended')) throw new Error(`the leg ended without ${type}: ${this.#story()}`);
      await this.#next(type);
    }
  }

  #story(): string {
    return JSON.stringify(this.events);
  }

  /** The next event of any type; rejects when none comes for a minute, which nothing here takes. */
  #next(type: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no ${type} for a minute: ${this.#story()}`)), 60_000);
      this.#wake.push(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  async end(): Promise<LegEnd> {
    return (await this.until('ended')).end;
  }
}
