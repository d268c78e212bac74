import { speechCacheKey } from './cache-key.ts';
import { orAborted } from './or-aborted.ts';
import type { SpeechAudio, SynthesisRequest, Synthesizer } from './synthesizer.ts';

/** Where spoken sentences are kept; the table `prompt`, injected so that speech knows no SQL. */
export interface SpeechPromptStore {
  /** The id of the prompt with this key; null: none. */
  findByKey(cacheKey: string): Promise<number | null>;
  /** Stores the audio unless its key is there already; returns the id either way. */
  store(prompt: SpeechAudio & { readonly cacheKey: string }): Promise<number>;
}

/** A stored prompt: `promptKey` is what the call engine knows it by, `promptId` its row. */
export type SpokenPrompt = { readonly promptKey: string; readonly promptId: number };

/** Texts as prompts: spoken once, stored, then found. */
export interface PromptSource {
  /**
   * The prompt for a text. Callers that ask for the same text at the same time share one synthesis, which is given up when all of them
   * aborted. Rejects with what the synthesizer or the store threw, or with the signal's reason; a failure is not remembered.
   */
  promptFor(request: SynthesisRequest, signal: AbortSignal): Promise<SpokenPrompt>;
}

export type PromptSourceOptions = {
  readonly store: SpeechPromptStore;
  readonly synthesizer: Pick<Synthesizer, 'name' | 'synthesize'>;
  /** Prompts whose ids are remembered, the least recently asked for forgotten first. */
  readonly maxRemembered?: number;
};

type Flight = { readonly result: Promise<SpokenPrompt>; readonly abort: AbortController; waiters: number };

/** Creates a source; audio itself is never kept in memory, only which text is which prompt. */
export function createPromptSource(options: PromptSourceOptions): PromptSource {
  const { store, synthesizer, maxRemembered = 10_000 } = options;
  // A Map iterates in insertion order: the first key is the least recently used.
  const remembered = new Map<string, SpokenPrompt>();
  const flights = new Map<string, Flight>();

  function remember(cacheKey: string, prompt: SpokenPrompt): void {
    remembered.delete(cacheKey);
    remembered.set(cacheKey, prompt);
    const [oldest] = remembered.keys();
    if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
  }

  async function make(cacheKey: string, request: SynthesisRequest, signal: AbortSignal): Promise<SpokenPrompt> {
    const found = await store.findByKey(cacheKey);
    signal.throwIfAborted();
    const promptId = found ?? (await store.store({ cacheKey, ...(await synthesizer.synthesize(request, signal)) }));
    return { promptKey: String(promptId), promptId };
  }

  function takeOff(cacheKey: string, request: SynthesisRequest): Flight {
    const abort = new AbortController();
    const result = make(cacheKey, request, abort.signal);
    const flight: Flight = { result, abort, waiters: 0 };
    flights.set(cacheKey, flight);
    const land = (): void => {
      if (flights.get(cacheKey) === flight) flights.delete(cacheKey);
    };
    result.then((prompt) => {
      remember(cacheKey, prompt);
      land();
    }, land);
    return flight;
  }

  return {
    async promptFor(request, signal) {
      signal.throwIfAborted();
      const cacheKey = speechCacheKey(synthesizer.name, request);
      const known = remembered.get(cacheKey);
      if (known !== undefined) {
        remember(cacheKey, known);
        return known;
      }
      const flight = flights.get(cacheKey) ?? takeOff(cacheKey, request);
      flight.waiters += 1;
      try {
        return await orAborted(flight.result, signal);
      } finally {
        flight.waiters -= 1;
        if (flight.waiters === 0 && flights.get(cacheKey) === flight) {
          // Nobody waits any more: the next caller must not join a flight that is being given up.
          flights.delete(cacheKey);
          flight.abort.abort(signal.reason);
        }
      }
    },
  };
}
