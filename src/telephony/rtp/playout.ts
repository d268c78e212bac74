import type { EncodedAudio, PromptCodes, PromptEncoding } from './prompt-encoding.ts';

/** A prompt, with what is known of its encodings now and later. */
export type PlayoutSource = {
  readonly promptKey: string;
  /** Of the encoding that is played at this time; undefined: it is not there yet, and the prompt waits. */
  codes(encoding: PromptEncoding): EncodedAudio | undefined;
};

/** How a playback ended. */
export type PlayoutEnd = { readonly promptKey: string; readonly isComplete: boolean };

/** A prompt whose encodings come one by one. */
export class LoadedPrompt implements PlayoutSource {
  readonly promptKey: string;
  #codes: PromptCodes;

  constructor(promptKey: string, codes: PromptCodes) {
    this.promptKey = promptKey;
    this.#codes = codes;
  }

  add(codes: PromptCodes): void {
    this.#codes = { ...this.#codes, ...codes };
  }

  codes(encoding: PromptEncoding): EncodedAudio | undefined {
    return this.#codes[encoding];
  }
}

/**
 * Where a session stands in what it plays. Loops follow each other as they are encoded: within a packet where the codec has a byte for each moment, with the next packet
 * where it has frames. The very last packet is filled up with silence. A playback counts as ended when its last packet has been played
 * out, one packet time after it was sent.
 */
export class Playout {
  readonly #onEnd: (end: PlayoutEnd) => void;
  #encoding: PromptEncoding = 'PCMA';
  #source: PlayoutSource | null = null;
  #audio: EncodedAudio | null = null;
  /** In samples of 8 kHz. */
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
    this.#audio = source.codes(this.#encoding) ?? null;
    this.#position = 0;
    this.#loopsLeft = loopCount;
    this.#isFresh = true;
  }

  /** Ends what is playing, incomplete; nothing playing: nothing happens. */
  stop(): void {
    this.#finish(false);
  }

  /** Goes on in another encoding (a re-offer changed the codec). */
  encodeAs(encoding: PromptEncoding): void {
    if (encoding === this.#encoding) return;
    this.#encoding = encoding;
    this.#audio = this.#source?.codes(encoding) ?? null;
  }

  get promptKey(): string | null {
    return this.#source?.promptKey ?? null;
  }

  /**
   * Writes the next payload into `out` from `start`: to its end, or a frame. Returns where it ends; `silence` is what is written where nothing plays. Whether
   * it is the first one of a playback, {@link isBeginning} says before.
   */
  fill(out: Uint8Array, start: number, silence: Uint8Array): number {
    const audio = this.#audio ?? this.#await();
    if (this.#source === null || (audio !== null && (this.#loopsLeft <= 0 || audio.bytes.length === 0))) {
      this.#finish(true);
      return copy(silence, out, start);
    }
    if (audio === null) return copy(silence, out, start);
    this.#isFresh = false;
    if (audio.frames !== null) return this.#fillFrame(audio, out, start);
    const end = this.#fillBytes(audio.bytes, out, start);
    return end === out.length ? end : copy(silence, out, end);
  }

  /** Whether the next payload is the first one of a playback. */
  get isBeginning(): boolean {
    return this.#isFresh && (this.#audio ?? this.#await()) !== null;
  }

  #await(): EncodedAudio | null {
    this.#audio = this.#source?.codes(this.#encoding) ?? null;
    return this.#audio;
  }

  #fillBytes(codes: Uint8Array, out: Uint8Array, start: number): number {
    let offset = start;
    while (offset < out.length && this.#loopsLeft > 0) {
      const from = Math.min(this.#position, codes.length);
      const end = Math.min(out.length, offset + codes.length - from);
      // A plain loop: for 160 bytes cheaper than making a view to copy from.
      for (let index = offset; index < end; index += 1) out[index] = codes[from + index - offset] ?? 0;
      this.#position = from + end - offset;
      offset = end;
      if (this.#position === codes.length) this.#nextLoop();
    }
    return offset;
  }

  #fillFrame({ bytes, frames }: EncodedAudio, out: Uint8Array, start: number): number {
    if (frames === null) return start;
    const { offsets, samples } = frames;
    const frame = Math.min(Math.floor(this.#position / samples), offsets.length - 2);
    const from = offsets[frame] ?? 0;
    const end = start + (offsets[frame + 1] ?? from) - from;
    for (let index = start; index < end; index += 1) out[index] = bytes[from + index - start] ?? 0;
    this.#position = (frame + 1) * samples;
    if (frame === offsets.length - 2) this.#nextLoop();
    return end;
  }

  #nextLoop(): void {
    this.#position = 0;
    this.#loopsLeft -= 1;
  }

  #finish(isComplete: boolean): void {
    if (this.#source === null) return;
    const { promptKey } = this.#source;
    this.#source = null;
    this.#audio = null;
    this.#isFresh = false;
    this.#onEnd({ promptKey, isComplete });
  }
}

/** As much as there is, or as `out` holds. Returns where it ends. */
function copy(from: Uint8Array, out: Uint8Array, start: number): number {
  const end = Math.min(out.length, start + from.length);
  for (let index = start; index < end; index += 1) out[index] = from[index - start] ?? 0;
  return end;
}
