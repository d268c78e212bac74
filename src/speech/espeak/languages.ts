import type { AccentedLanguage } from '../choose-voice.ts';

const latinAmericanSpanish = Object.fromEntries(
  ['51', '52', '53', '54', '56', '57', '58', '502', '503', '504', '505', '506', '507', '591', '593', '595', '598'].map(
    (code) => [code, 'roa/es-419'],
  ),
);
const caribbeanEnglish = Object.fromEntries(
  ['1242', '1246', '1473', '1758', '1784', '1868', '1876'].map((code) => [code, 'gmw/en-029']),
);

/**
 * The language codes of contract 13.3 and 15.13 that espeak-ng 1.52 (package 0.3.5) has a voice for: files below its `lang` folder. PH is missing: the data hold
 * neither Tagalog nor Filipino.
 */
export const espeakLanguages: Readonly<Record<string, AccentedLanguage>> = {
  VN: { standard: 'aav/vi', accents: { '84': 'aav/vi' } },
  EN: {
    standard: 'gmw/en-US',
    accents: { '1': 'gmw/en-US', '44': 'gmw/en', ...caribbeanEnglish },
  },
  JP: {
    standard: 'jpx/ja',
    accents: { '81': 'jpx/ja' },
    limitation: 'espeak-ng reads Japanese in kana only; a kanji is announced instead of read',
  },
  ARB: { standard: 'sem/ar', accents: {} },
  DE: { standard: 'gmw/de', accents: { '49': 'gmw/de' } },
  IN: { standard: 'inc/hi', accents: { '91': 'inc/hi' } },
  IT: { standard: 'roa/it', accents: { '39': 'roa/it' } },
  KR: { standard: 'ko', accents: { '82': 'ko' } },
  RU: { standard: 'zle/ru', accents: { '7': 'zle/ru', '371': 'zle/ru-LV' } },
  ES: { standard: 'roa/es', accents: { '34': 'roa/es', ...latinAmericanSpanish } },
  PT: { standard: 'roa/pt', accents: { '351': 'roa/pt', '55': 'roa/pt-BR' } },
  IDN: { standard: 'poz/id', accents: { '62': 'poz/id' } },
  BD: { standard: 'inc/bn', accents: { '880': 'inc/bn' } },
  TH: {
    standard: 'tai/th',
    accents: { '66': 'tai/th' },
    limitation: "espeak-ng's Thai is a draft: it reads letter by letter and is hard to understand",
  },
  CN: { standard: 'sit/cmn', accents: { '86': 'sit/cmn' } },
  TW: { standard: 'sit/cmn', accents: {} },
  HK: { standard: 'sit/yue', accents: { '852': 'sit/yue' } },
  FR: { standard: 'roa/fr', accents: { '33': 'roa/fr', '32': 'roa/fr-BE', '41': 'roa/fr-CH' } },
  TR: { standard: 'trk/tr', accents: { '90': 'trk/tr' } },
  MY: { standard: 'poz/ms', accents: { '60': 'poz/ms' } },
  PK: { standard: 'inc/ur', accents: { '92': 'inc/ur' } },
  IR: { standard: 'ira/fa', accents: { '98': 'ira/fa' } },
  PL: { standard: 'zlw/pl', accents: { '48': 'zlw/pl' } },
  NL: { standard: 'gmw/nl', accents: { '31': 'gmw/nl' } },
  UA: { standard: 'zle/uk', accents: { '380': 'zle/uk' } },
  RO: { standard: 'roa/ro', accents: { '40': 'roa/ro' } },
  GR: { standard: 'grk/el', accents: { '30': 'grk/el' } },
  SE: { standard: 'gmq/sv', accents: { '46': 'gmq/sv' } },
  HU: { standard: 'urj/hu', accents: { '36': 'urj/hu' } },
  CZ: { standard: 'zlw/cs', accents: { '420': 'zlw/cs' } },
  KE: { standard: 'bnt/sw', accents: { '254': 'bnt/sw', '255': 'bnt/sw' } },
  IL: {
    standard: 'sem/he',
    accents: { '972': 'sem/he' },
    limitation: 'espeak-ng guesses no vowels: Hebrew without points is hard to understand',
  },
};
