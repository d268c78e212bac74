/** A prompt in the codec of one session. */
export type PlayoutSource = {
  readonly promptKey: string;
  /** G.711 codes, shared between threads; never written after encoding. */
  readonly codes: Uint8Array;
};

/** How a playback ended. */
export type PlayoutEnd = { readonly promptKey: string; readonly isComplete: boolean };

/**
 * Where a session stands in what it plays. Loops follow each other without a gap, also inside one packet; only the very last packet is
 * filled up with silence. A playback counts as ended when its last packet has been played out, one packet time after it was sent.
 */
export class Playout {
  readonly #onEnd: (end: PlayoutEnd) => void;
  #source: PlayoutSource | null = null;
  #position = 0;
  #loopsLeft = 0;
  #isFresh = false;

  constructor(onEnd: (end: PlayoutEnd) => void) {
    this.#onEnd = onEnd;
  }

  /** Begins a playback; one that runs ends incomplete. */
  play(source: PlayoutSource, loopCount: number): void {
    this.stop();
    this.#source = source;
    this.#position = 0;
    this.#loopsLeft = loopCount;
    this.#isFresh = true;
  }

  /** Ends what is playing, incomplete; nothing playing: nothing happens. */
  stop(): void {
    this.#finish(false);
  }

  /** Goes on in another encoding of the same prompt (a re-offer changed the codec). */
  recode(codes: Uint8Array): void {
    if (this.#source !== null) this.#source = { promptKey: this.#source.promptKey, codes };
  }

  get promptKey(): string | null {
    return this.#source?.promptKey ?? null;
  }

  /**
   * Fills `out` from `start` to its end. `silent`: nothing is playing, `out` was filled with `silence`; `first`: the first packet of a playback;
   * `audio`: a further one.
   */
  fill(out: Uint8Array, start: number, silence: number): 'silent' | 'first' | 'audio' {
    const codes = this.#source?.codes;
    if (codes === undefined || codes.length === 0 || this.#loopsLeft <= 0) {
      this.#finish(true);
      out.fill(silence, start);
      return 'silent';
    }
    let offset = start;
    while (offset < out.length && this.#loopsLeft > 0) {
      const count = Math.min(out.length - offset, codes.length - this.#position);
      // A plain loop: for 160 bytes cheaper than making a view to copy from.
      for (let index = 0; index < count; index += 1) out[offset + index] = codes[this.#position + index] ?? silence;
      offset += count;
      this.#position += count;
      if (this.#position === codes.length) {
        this.#position = 0;
        this.#loopsLeft -= 1;
      }
    }
    out.fill(silence, offset);
    const isFirst = this.#isFresh;
    this.#isFresh = false;
    return isFirst ? 'first' : 'audio';
  }

  #finish(isComplete: boolean): void {
    if (this.#source === null) return;
    const { promptKey } = this.#source;
    this.#source = null;
    this.#onEnd({ promptKey, isComplete });
  }
}
