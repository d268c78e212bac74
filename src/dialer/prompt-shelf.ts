import type { CallEngine, PromptAudio } from '../call/engine.ts';
import type { Clock, Timer } from '../lib/clock.ts';

/** A prompt that the engine can play for as long as it is held. */
export interface PromptLease {
  readonly promptKey: string;
  /** Idempotent. */
  release(): void;
}

export type PromptShelfOptions = {
  readonly engine: Pick<CallEngine, 'loadPrompt' | 'unloadPrompt'>;
  readonly clock: Clock;
  /** Reads a prompt's audio; rejects when there is none. */
  readonly read: (promptId: number) => Promise<PromptAudio>;
  /** How long an unused prompt stays loaded, ms: the next recall round often plays the same. */
  readonly idleMs?: number;
};

type Shelved = { readonly loaded: Promise<string>; users: number; timer: Timer | null };

/** The prompts that this process's engine has loaded: each once, however many calls and tasks play it. */
export class PromptShelf {
  readonly #options: PromptShelfOptions;
  readonly #shelved = new Map<number, Shelved>();
  #isClosed = false;

  constructor(options: PromptShelfOptions) {
    this.#options = options;
  }

  /** Resolves when every media thread can play it. Rejects with what reading or loading threw; the next try starts anew. */
  async acquire(promptId: number): Promise<PromptLease> {
    const entry = this.#shelved.get(promptId) ?? this.#load(promptId);
    entry.users += 1;
    entry.timer?.cancel();
    entry.timer = null;
    try {
      return this.#leaseOf(promptId, entry, await entry.loaded);
    } catch (error) {
      if (this.#shelved.get(promptId) === entry) this.#shelved.delete(promptId);
      throw error;
    }
  }

  /** Forgets the timers; the engine forgets the prompts when it closes. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#shelved.values()) entry.timer?.cancel();
  }

  #load(promptId: number): Shelved {
    const load = async (): Promise<string> => {
      const audio = await this.#options.read(promptId);
      await this.#options.engine.loadPrompt(audio);
      return audio.promptKey;
    };
    const entry: Shelved = { loaded: load(), users: 0, timer: null };
    this.#shelved.set(promptId, entry);
    return entry;
  }

  #leaseOf(promptId: number, entry: Shelved, promptKey: string): PromptLease {
    let isHeld = true;
    return {
      promptKey,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        entry.users -= 1;
        if (entry.users > 0 || this.#isClosed) return;
        entry.timer = this.#options.clock.setTimer(() => {
          this.#shelved.delete(promptId);
          this.#options.engine.unloadPrompt(promptKey);
        }, this.#options.idleMs ?? 60_000);
      },
    };
  }
}
