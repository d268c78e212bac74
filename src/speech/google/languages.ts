import type { AccentedLanguage } from '../choose-voice.ts';

const americanSpanish = Object.fromEntries(
  [
    '1',
    '51',
    '52',
    '53',
    '54',
    '56',
    '57',
    '58',
    '502',
    '503',
    '504',
    '505',
    '506',
    '507',
    '591',
    '593',
    '595',
    '598',
  ].map((code) => [code, 'es-US']),
);

/**
 * The language codes of contract 13.3 and 15.13 that Google has voices for which take SSML and a speaking rate, as BCP-47 tags. Missing: IR (none), and KE, whose voices take
 * neither.
 */
export const googleLanguages: Readonly<Record<string, AccentedLanguage>> = {
  VN: { standard: 'vi-VN', accents: { '84': 'vi-VN' } },
  EN: { standard: 'en-US', accents: { '1': 'en-US', '44': 'en-GB', '61': 'en-AU', '91': 'en-IN' } },
  JP: { standard: 'ja-JP', accents: { '81': 'ja-JP' } },
  ARB: { standard: 'ar-XA', accents: {} },
  DE: { standard: 'de-DE', accents: { '49': 'de-DE' } },
  IN: { standard: 'hi-IN', accents: { '91': 'hi-IN' } },
  IT: { standard: 'it-IT', accents: { '39': 'it-IT' } },
  KR: { standard: 'ko-KR', accents: { '82': 'ko-KR' } },
  RU: { standard: 'ru-RU', accents: { '7': 'ru-RU' } },
  ES: { standard: 'es-ES', accents: { '34': 'es-ES', ...americanSpanish } },
  PT: { standard: 'pt-PT', accents: { '351': 'pt-PT', '55': 'pt-BR' } },
  IDN: { standard: 'id-ID', accents: { '62': 'id-ID' } },
  BD: { standard: 'bn-IN', accents: {}, limitation: "Google's Bengali is that of India" },
  TH: { standard: 'th-TH', accents: { '66': 'th-TH' } },
  CN: { standard: 'cmn-CN', accents: { '86': 'cmn-CN' } },
  TW: { standard: 'cmn-TW', accents: { '886': 'cmn-TW' } },
  HK: { standard: 'yue-HK', accents: { '852': 'yue-HK' } },
  FR: { standard: 'fr-FR', accents: { '33': 'fr-FR', '1': 'fr-CA' } },
  TR: { standard: 'tr-TR', accents: { '90': 'tr-TR' } },
  MY: { standard: 'ms-MY', accents: { '60': 'ms-MY' } },
  PH: { standard: 'fil-PH', accents: { '63': 'fil-PH' } },
  PK: { standard: 'ur-IN', accents: {}, limitation: "Google's Urdu is that of India" },
  PL: { standard: 'pl-PL', accents: { '48': 'pl-PL' } },
  NL: { standard: 'nl-NL', accents: { '31': 'nl-NL', '32': 'nl-BE' } },
  UA: { standard: 'uk-UA', accents: { '380': 'uk-UA' } },
  RO: { standard: 'ro-RO', accents: { '40': 'ro-RO' } },
  GR: { standard: 'el-GR', accents: { '30': 'el-GR' } },
  SE: { standard: 'sv-SE', accents: { '46': 'sv-SE' } },
  HU: { standard: 'hu-HU', accents: { '36': 'hu-HU' } },
  CZ: { standard: 'cs-CZ', accents: { '420': 'cs-CZ' } },
  IL: { standard: 'he-IL', accents: { '972': 'he-IL' } },
};
