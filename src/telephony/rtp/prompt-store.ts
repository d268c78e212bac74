import { InfrastructureError } from '../../lib/errors.ts';
import { siblingEntry, WorkerQueue } from '../audio/worker-queue.ts';
import type { PromptPcm } from './media-types.ts';
import type { EncodedPrompt } from './thread-protocol.ts';

/** Who is told of prompts that came and went: every media thread. */
export type PromptListener = {
  onLoaded(prompt: EncodedPrompt): void;
  onUnloaded(promptKey: string): void;
};

/** The loaded prompts of a service. Encoding happens on one worker thread, once per prompt. */
export class PromptStore {
  readonly #listener: PromptListener;
  readonly #encoder = new WorkerQueue<PromptPcm, EncodedPrompt, string>({
    entry: siblingEntry(import.meta.url, 'prompt-encoder-thread'),
    capacity: 1000,
    timeoutMs: 120_000,
  });
  readonly #loaded = new Map<string, EncodedPrompt>();
  readonly #loading = new Map<string, Promise<void>>();

  constructor(listener: PromptListener) {
    this.#listener = listener;
  }

  get loaded(): Iterable<EncodedPrompt> {
    return this.#loaded.values();
  }

  has(promptKey: string): boolean {
    return this.#loaded.has(promptKey);
  }

  /** Encodes a prompt unless it is there or on its way. An `unload` meanwhile wins. */
  load(prompt: PromptPcm): Promise<void> {
    const { promptKey } = prompt;
    if (this.#loaded.has(promptKey)) return Promise.resolve();
    const underWay = this.#loading.get(promptKey);
    if (underWay !== undefined) return underWay;
    const loading: Promise<void> = this.#encode(prompt).then(
      (encoded) => {
        if (this.#loading.get(promptKey) !== loading) return;
        this.#loading.delete(promptKey);
        this.#loaded.set(promptKey, encoded);
        this.#listener.onLoaded(encoded);
      },
      (error: unknown) => {
        if (this.#loading.get(promptKey) === loading) this.#loading.delete(promptKey);
        throw error;
      },
    );
    this.#loading.set(promptKey, loading);
    return loading;
  }

  unload(promptKey: string): void {
    this.#loading.delete(promptKey);
    if (this.#loaded.delete(promptKey)) this.#listener.onUnloaded(promptKey);
  }

  async close(): Promise<void> {
    await this.#encoder.close();
  }

  async #encode(prompt: PromptPcm): Promise<EncodedPrompt> {
    const isUsable = Number.isInteger(prompt.sampleRate) && prompt.sampleRate >= 4000 && prompt.sampleRate <= 192_000;
    if (prompt.pcm.length === 0 || !isUsable) {
      throw new InfrastructureError('prompt has no samples or an unusable sample rate', { retryable: false });
    }
    // Exactly the samples: a view would take all of the memory below it along.
    const pcm = new Int16Array(prompt.pcm);
    const reply = await this.#encoder.run({ ...prompt, pcm }, [pcm.buffer], null);
    if (reply.ok) return reply.value;
    throw new InfrastructureError(`prompt could not be encoded: ${reply.failure}`, { retryable: false });
  }
}
