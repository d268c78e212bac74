import { InfrastructureError } from '../../lib/errors.ts';
import type { CodecName } from '../audio/codec.ts';
import { siblingEntry, WorkerQueue } from '../audio/worker-queue.ts';
import type { PromptSource } from './encode-prompt.ts';
import type { PromptPcm } from './media-types.ts';
import type { EncodeRequest } from './prompt-encoder-thread.ts';
import { type PromptCodes, type PromptEncoding, usualEncoding } from './prompt-encoding.ts';
import type { EncodedPrompt } from './thread-protocol.ts';

/** Who is told of prompts that came and went: every media thread. */
export type PromptListener = {
  /** A prompt, or further encodings of one that was told before. */
  onLoaded(prompt: EncodedPrompt): void;
  onUnloaded(promptKey: string): void;
};

type Loaded = {
  codes: PromptCodes;
  readonly source: PromptSource;
  /** Encodings that are being made. */
  readonly making: Map<PromptEncoding, Promise<void>>;
};

/**
 * The loaded prompts of a service. Encoding happens on one worker thread, once per prompt and encoding: in G.711 always, in the other codecs that are expected before
 * the prompt counts as loaded, and in any other way when a session needs it. The samples are kept only while codecs are expected that are worth
 * it; else such an encoding is made of the A-law one.
 */
export class PromptStore {
  readonly #listener: PromptListener;
  readonly #encoder = new WorkerQueue<EncodeRequest, PromptCodes, string>({
    entry: siblingEntry(import.meta.url, 'prompt-encoder-thread'),
    capacity: 1000,
    timeoutMs: 120_000,
  });
  readonly #loaded = new Map<string, Loaded>();
  readonly #loading = new Map<string, Promise<void>>();
  #expected: readonly PromptEncoding[] = ['PCMA', 'PCMU'];

  constructor(listener: PromptListener) {
    this.#listener = listener;
  }

  get loaded(): Iterable<EncodedPrompt> {
    return Array.from(this.#loaded, ([promptKey, { codes }]) => ({ promptKey, codes }));
  }

  has(promptKey: string): boolean {
    return this.#loaded.has(promptKey);
  }

  /** Which codecs sessions may use; holds for prompts that are loaded from now on. */
  expect(codecs: readonly CodecName[]): void {
    this.#expected = [...new Set<PromptEncoding>(['PCMA', 'PCMU', ...codecs.map(usualEncoding)])];
  }

  /** Encodes a prompt unless it is there or on its way. An `unload` meanwhile wins. */
  load(prompt: PromptPcm): Promise<void> {
    const { promptKey } = prompt;
    if (this.#loaded.has(promptKey)) return Promise.resolve();
    const underWay = this.#loading.get(promptKey);
    if (underWay !== undefined) return underWay;
    const loading: Promise<void> = this.#encodeFirst(prompt).then(
      (loaded) => {
        if (this.#loading.get(promptKey) !== loading) return;
        this.#loading.delete(promptKey);
        this.#loaded.set(promptKey, loaded);
        this.#listener.onLoaded({ promptKey, codes: loaded.codes });
      },
      (error: unknown) => {
        if (this.#loading.get(promptKey) === loading) this.#loading.delete(promptKey);
        throw error;
      },
    );
    this.#loading.set(promptKey, loading);
    return loading;
  }

  /**
   * Makes sure that a loaded prompt has an encoding; the media threads are told as soon as it has. null: it has it, or there is no such prompt. Rejects
   * with an InfrastructureError when encoding fails.
   */
  want(promptKey: string, encoding: PromptEncoding): Promise<void> | null {
    const loaded = this.#loaded.get(promptKey);
    if (loaded === undefined || loaded.codes[encoding] !== undefined) return null;
    const making = loaded.making.get(encoding) ?? this.#encodeMore(promptKey, loaded, encoding);
    loaded.making.set(encoding, making);
    return making;
  }

  /** Sessions that play it, or wait for an encoding to do so, go on to its end. */
  unload(promptKey: string): void {
    this.#loading.delete(promptKey);
    const loaded = this.#loaded.get(promptKey);
    if (loaded === undefined) return;
    this.#loaded.delete(promptKey);
    if (loaded.making.size === 0) this.#listener.onUnloaded(promptKey);
  }

  async close(): Promise<void> {
    await this.#encoder.close();
  }

  async #encodeFirst(prompt: PromptPcm): Promise<Loaded> {
    const { sampleRate } = prompt;
    const isUsable = Number.isInteger(sampleRate) && sampleRate >= 4000 && sampleRate <= 192_000;
    if (prompt.pcm.length === 0 || !isUsable) {
      throw new InfrastructureError('prompt has no samples or an unusable sample rate', { retryable: false });
    }
    const encodings = this.#expected;
    // Exactly the samples: a view would take all of the memory below it along.
    const pcm = new Int16Array(new SharedArrayBuffer(prompt.pcm.length * 2));
    pcm.set(prompt.pcm);
    const source: PromptSource = { type: 'pcm', pcm, sampleRate };
    const codes = await this.#encode({ source, encodings });
    const isKept = encodings.length > 2 || codes.PCMA === undefined;
    return { codes, source: isKept ? source : { type: 'PCMA', codes: codes.PCMA.bytes }, making: new Map() };
  }

  async #encodeMore(promptKey: string, loaded: Loaded, encoding: PromptEncoding): Promise<void> {
    try {
      const codes = await this.#encode({ source: loaded.source, encodings: [encoding] });
      loaded.codes = { ...loaded.codes, ...codes };
      this.#listener.onLoaded({ promptKey, codes });
    } finally {
      loaded.making.delete(encoding);
      if (!this.#loaded.has(promptKey) && loaded.making.size === 0) this.#listener.onUnloaded(promptKey);
    }
  }

  async #encode(request: EncodeRequest): Promise<PromptCodes> {
    const reply = await this.#encoder.run(request, [], null);
    if (reply.ok) return reply.value;
    throw new InfrastructureError(`prompt could not be encoded: ${reply.failure}`, { retryable: false });
  }
}
