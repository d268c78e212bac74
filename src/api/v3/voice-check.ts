import { errors } from '../../domain/error/registry.ts';
import type { Synthesizer } from '../../speech/synthesizer.ts';

/** The part of a synthesizer that says what it can speak. */
export type Voices = Pick<Synthesizer, 'voiceFor'>;

/** The language codes of contract 13.3 and 15.13. */
const languageCodes = [
  'VN',
  'EN',
  'JP',
  'ARB',
  'DE',
  'IN',
  'IT',
  'KR',
  'RU',
  'ES',
  'PT',
  'IDN',
  'BD',
  'TH',
  'CN',
  'TW',
  'HK',
  'FR',
  'TR',
  'MY',
  'PH',
  'PK',
  'IR',
  'PL',
  'NL',
  'UA',
  'RO',
  'GR',
  'SE',
  'HU',
  'CZ',
  'KE',
  'IL',
] as const;

/** Refuses the languages that the synthesizer does not speak, naming those that it does (contract 15.13). */
export class VoiceCheck {
  readonly #known: readonly string[];

  constructor(voices: Voices) {
    this.#known = languageCodes.filter((lan) => voices.voiceFor({ lan, ssmlGender: null, accent: null }) !== null);
  }

  check(speech: { readonly lan: string }, field: string): void {
    if (!this.#known.includes(speech.lan.toUpperCase())) throw errors.unknownLanguage(field, speech.lan, this.#known);
  }
}
