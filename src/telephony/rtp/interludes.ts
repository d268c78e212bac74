import { Playout, type PlayoutSource } from './playout.ts';
import type { PromptEncoding } from './prompt-encoding.ts';

/** Short pieces that go before whatever plays, one after another: keys as tones. What plays waits for them, as it does for keys as events. */
export class Interludes {
  readonly playout = new Playout(() => this.#next());
  readonly #queue: PlayoutSource[] = [];
  #isPlaying = false;

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  add(prompt: PlayoutSource): void {
    this.#queue.push(prompt);
    if (!this.#isPlaying) this.#next();
  }

  /** Goes on in another encoding. */
  encodeAs(encoding: PromptEncoding): void {
    this.playout.encodeAs(encoding);
  }

  #next(): void {
    const prompt = this.#queue.shift();
    this.#isPlaying = prompt !== undefined;
    if (prompt !== undefined) this.playout.play(prompt, 1);
  }
}
