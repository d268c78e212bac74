import type { G711Law } from '../../../src/telephony/audio/g711.ts';
import type { Half } from './clip-store.ts';

/** A stretch of what is heard after the answer. */
export type SamplePart =
  | { readonly silenceMs: number }
  /** A sentence of the {@link ClipStore}. */
  | { readonly clip: string }
  /** One or two tones at the same time, at a share of full scale. */
  | { readonly tonesHz: readonly number[]; readonly durationMs: number; readonly level: number }
  /** Chords of an invented tune, which changes its notes every 250 ms. */
  | { readonly musicMs: number };

/** How one call of the set sounds, completely: the same sample always gives the same audio. */
export type Sample = {
  readonly half: Half;
  readonly seed: number;
  readonly label: 'person' | 'machine';
  /** What happens, in a word: `hello`, `voicemail` and so on. */
  readonly kind: string;
  readonly language: string;
  readonly parts: readonly SamplePart[];
  /** Louder or quieter than the clips are, decibels. */
  readonly gainDb: number;
  readonly noise: { readonly kind: 'none' | 'white' | 'hum' | 'babble'; readonly snrDb: number };
  readonly law: G711Law;
  /** Packets of 20 ms that are lost, percent. */
  readonly lossPercent: number;
  /** The band of a mobile phone: 300 to 3,400 Hz. */
  readonly isNarrow: boolean;
  /** The far side sends no noise in pauses. */
  readonly isGated: boolean;
};
