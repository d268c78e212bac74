import { generateDtmf, sentDtmf } from '../../telephony/audio/dtmf-tones.ts';
import type { MediaService } from '../../telephony/rtp/media-types.ts';

const sampleRate = 8000;
const keys = '0123456789*#ABCD';
/** After each key: with the packet that ends a piece, 60 ms. */
const pauseMs = 40;

/** The prompt that is a key's two tones. */
export function keyTonePrompt(key: string): string {
  return `key-tones:${key.toUpperCase()}`;
}

/** The tones of all keys as prompts of a media service, loaded when the first of them is needed: most processes never send one. */
export class KeyTones {
  readonly #media: MediaService;
  #loaded: Promise<void> | null = null;

  constructor(media: MediaService) {
    this.#media = media;
  }

  /** Resolves when they can be played, for everybody in the order of asking. Rejects with an InfrastructureError when encoding fails; the next one tries again. */
  load(): Promise<void> {
    this.#loaded ??= this.#loadAll().catch((error: unknown) => {
      this.#loaded = null;
      throw error;
    });
    return this.#loaded;
  }

  async #loadAll(): Promise<void> {
    await Promise.all(
      Array.from(keys, (key) => {
        const tones = generateDtmf(key, sentDtmf, sampleRate);
        const pcm = new Int16Array(tones.length + (pauseMs * sampleRate) / 1000);
        pcm.set(tones);
        return this.#media.loadPrompt({ promptKey: keyTonePrompt(key), pcm, sampleRate });
      }),
    );
  }
}
