import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createG711Codec } from '../../../src/telephony/audio/g711.ts';

/** The halves of the set: one that detection was tuned on, and one that it is only measured with. */
export type Half = 'tuning' | 'held-apart';

export const halves: readonly Half[] = ['tuning', 'held-apart'];

/** Where one clip lies in its half's audio. `clip` is `LANGUAGE/SPEAKER/ROLE`, e.g. `EN/0/hello-3`. */
export type ClipPlace = { readonly clip: string; readonly at: number; readonly samples: number };

/** `test/fixtures/machine/NAME`. */
export function machineFixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/machine/${name}`, import.meta.url));
}

/** The sentences of one half, 8 kHz, without silence at their ends, all of the same loudness. */
export class ClipStore {
  readonly #pcm: Int16Array;
  readonly #places: ReadonlyMap<string, ClipPlace>;

  constructor(half: Half) {
    const places = JSON.parse(readFileSync(machineFixture(`clips-${half}.json`), 'utf8')) as ClipPlace[];
    const codes = readFileSync(machineFixture(`clips-${half}.ulaw`));
    this.#pcm = new Int16Array(codes.length);
    createG711Codec('PCMU').decode(codes, this.#pcm);
    this.#places = new Map(places.map((place) => [place.clip, place]));
  }

  /** Throws for a clip that is not there. */
  pcm(clip: string): Int16Array {
    const place = this.#places.get(clip);
    if (place === undefined) throw new Error(`no clip ${clip}`);
    return this.#pcm.subarray(place.at, place.at + place.samples);
  }

  /** All clips' names, in the order in which they lie in the file. */
  get names(): readonly string[] {
    return [...this.#places.keys()];
  }
}
