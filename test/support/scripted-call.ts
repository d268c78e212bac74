import type { CallEngine, DialRequest, Leg, LegEnd, LegEvent } from '../../src/call/engine.ts';
import { type ScriptInput, type ScriptPlan, type ScriptState, startScript, stepScript } from '../../src/call/script.ts';

export type ScriptedCallOptions = {
  readonly engine: CallEngine;
  readonly request: DialRequest;
  readonly plan: ScriptPlan;
  readonly promptKey: string;
};

/** A call over a real engine that does what its script says, and what came of it. */
export class ScriptedCall {
  /** Since when each event came, ms from the answer. */
  readonly events: { readonly event: LegEvent; readonly afterMs: number }[] = [];
  readonly #options: ScriptedCallOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #ended = Promise.withResolvers<LegEnd>();
  readonly #leg: Leg;
  #script: ScriptState;
  #answeredMs = 0;
  /** When the prompt began, each time, ms from the answer. */
  readonly playedMs: number[] = [];

  constructor(options: ScriptedCallOptions) {
    this.#options = options;
    this.#script = startScript(options.plan);
    this.#leg = options.engine.dial(options.request, (event) => this.#onEvent(event));
  }

  get script(): ScriptState {
    return this.#script;
  }

  end(): Promise<LegEnd> {
    return this.#ended.promise;
  }

  #onEvent(event: LegEvent): void {
    if (event.type === 'answered') this.#answeredMs = performance.now();
    this.events.push({ event, afterMs: this.#afterMs });
    switch (event.type) {
      case 'answered':
      case 'digit':
      case 'answerer':
      case 'machine-records':
      case 'play-ended':
        this.#step(event);
        return;
      case 'ended':
        this.#step(event);
        this.#ended.resolve(event.end);
        return;
      case 'ringing':
      case 'media-started':
        return;
    }
  }

  #step(input: ScriptInput): void {
    const { state, actions } = stepScript(this.#script, input);
    this.#script = state;
    for (const action of actions) {
      switch (action.type) {
        case 'set-timer': {
          const { timer, afterMs } = action;
          clearTimeout(this.#timers.get(timer));
          this.#timers.set(
            timer,
            setTimeout(() => this.#step({ type: 'timer', timer }), afterMs),
          );
          break;
        }
        case 'play':
          this.playedMs.push(this.#afterMs);
          this.#leg.play(this.#options.promptKey, action.loopCount);
          break;
        case 'stop-play':
          this.#leg.stopPlay();
          break;
        case 'hang-up':
          this.#leg.hangUp();
          break;
        case 'cancel-timers':
          for (const timer of this.#timers.values()) clearTimeout(timer);
          this.#timers.clear();
          break;
      }
    }
  }

  get #afterMs(): number {
    return performance.now() - this.#answeredMs;
  }
}
