import { errors } from '../../domain/error/registry.ts';
import { readSpeechText } from '../../speech/ssml/read-speech-text.ts';
import { SpeechTextError } from '../../speech/ssml/speech-part.ts';
import type { SpeechProvider, Synthesizer } from '../../speech/synthesizer.ts';
import { text as words } from './rule.ts';
import { speechTextRule } from './speech-text-rule.ts';

/** The synthesizers as the dialect needs them; null: not set up here. */
export type Voices = Readonly<Record<SpeechProvider, Pick<Synthesizer, 'name' | 'voiceFor' | 'synthesize'> | null>>;

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

/** Refuses what an account's synthesizer does not speak. */
export class VoiceCheck {
  readonly #known: readonly string[] | null;

  constructor(voices: Voices, provider: SpeechProvider) {
    const spoken = voices[provider];
    this.#known =
      spoken && languageCodes.filter((lan) => spoken.voiceFor({ lan, ssmlGender: null, accent: null }) !== null);
  }

  /**
   * Throws `unknownLanguage`, which names those that are known (contract 15.13), and `badParameter` for SSML that is not spoken.
   *
   * @param at the name of a field in the request
   */
  check(speech: { readonly lan: string; readonly text: string }, at: (name: string) => string): void {
    if (this.#known === null) throw notSetUp();
    const lan = speech.lan.toUpperCase();
    if (!this.#known.includes(lan)) throw errors.unknownLanguage(at('lan'), speech.lan, this.#known);
    try {
      readSpeechText(speech.text);
    } catch (error) {
      if (!(error instanceof SpeechTextError)) throw error;
      throw errors.badParameter(at('text'), speechTextRule(error.problem));
    }
  }
}

function notSetUp(): Error {
  return errors.notOffered(
    words('text to speech by the speech provider of your account', '本账号的语音合成服务'),
    words('ask the operator to set it up, or upload a voice file', '请联系运营方开通，或上传语音文件'),
  );
}
