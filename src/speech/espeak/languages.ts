/** How espeak-ng speaks one language of the dialect. */
export type EspeakLanguage = {
  /** The voice when no accent, or one that is not here, is asked for: a file below espeak-ng's `lang` folder. */
  readonly voice: string;
  /** Country calling code -> voice. */
  readonly accents: Readonly<Record<string, string>>;
  /** What the voice cannot do, in English; shown in the task detail. */
  readonly limitation?: string;
};

const latinAmericanSpanish = Object.fromEntries(
  ['51', '52', '53', '54', '56', '57', '58', '502', '503', '504', '505', '506', '507', '591', '593', '595', '598'].map(
    (code) => [code, 'roa/es-419'],
  ),
);
const caribbeanEnglish = Object.fromEntries(
  ['1242', '1246', '1473', '1758', '1784', '1868', '1876'].map((code) => [code, 'gmw/en-029']),
);

/**
 * The language codes of contract 13.3 and 15.13 that espeak-ng 1.52 (package 0.3.5) has a voice for. PH is missing: the data hold
 * neither Tagalog nor Filipino.
 */
export const espeakLanguages: Readonly<Record<string, EspeakLanguage>> = {
  VN: { voice: 'aav/vi', accents: { '84': 'aav/vi' } },
  EN: {
    voice: 'gmw/en-US',
    accents: { '1': 'gmw/en-US', '44': 'gmw/en', ...caribbeanEnglish },
  },
  JP: {
    voice: 'jpx/ja',
    accents: { '81': 'jpx/ja' },
    limitation: 'espeak-ng reads Japanese in kana only; a kanji is announced instead of read',
  },
  ARB: { voice: 'sem/ar', accents: {} },
  DE: { voice: 'gmw/de', accents: { '49': 'gmw/de' } },
  IN: { voice: 'inc/hi', accents: { '91': 'inc/hi' } },
  IT: { voice: 'roa/it', accents: { '39': 'roa/it' } },
  KR: { voice: 'ko', accents: { '82': 'ko' } },
  RU: { voice: 'zle/ru', accents: { '7': 'zle/ru', '371': 'zle/ru-LV' } },
  ES: { voice: 'roa/es', accents: { '34': 'roa/es', ...latinAmericanSpanish } },
  PT: { voice: 'roa/pt', accents: { '351': 'roa/pt', '55': 'roa/pt-BR' } },
  IDN: { voice: 'poz/id', accents: { '62': 'poz/id' } },
  BD: { voice: 'inc/bn', accents: { '880': 'inc/bn' } },
  TH: {
    voice: 'tai/th',
    accents: { '66': 'tai/th' },
    limitation: "espeak-ng's Thai is a draft: it reads letter by letter and is hard to understand",
  },
  CN: { voice: 'sit/cmn', accents: { '86': 'sit/cmn' } },
  TW: { voice: 'sit/cmn', accents: {} },
  HK: { voice: 'sit/yue', accents: { '852': 'sit/yue' } },
  FR: { voice: 'roa/fr', accents: { '33': 'roa/fr', '32': 'roa/fr-BE', '41': 'roa/fr-CH' } },
  TR: { voice: 'trk/tr', accents: { '90': 'trk/tr' } },
  MY: { voice: 'poz/ms', accents: { '60': 'poz/ms' } },
  PK: { voice: 'inc/ur', accents: { '92': 'inc/ur' } },
  IR: { voice: 'ira/fa', accents: { '98': 'ira/fa' } },
  PL: { voice: 'zlw/pl', accents: { '48': 'zlw/pl' } },
  NL: { voice: 'gmw/nl', accents: { '31': 'gmw/nl' } },
  UA: { voice: 'zle/uk', accents: { '380': 'zle/uk' } },
  RO: { voice: 'roa/ro', accents: { '40': 'roa/ro' } },
  GR: { voice: 'grk/el', accents: { '30': 'grk/el' } },
  SE: { voice: 'gmq/sv', accents: { '46': 'gmq/sv' } },
  HU: { voice: 'urj/hu', accents: { '36': 'urj/hu' } },
  CZ: { voice: 'zlw/cs', accents: { '420': 'zlw/cs' } },
  KE: { voice: 'bnt/sw', accents: { '254': 'bnt/sw', '255': 'bnt/sw' } },
  IL: {
    voice: 'sem/he',
    accents: { '972': 'sem/he' },
    limitation: 'espeak-ng guesses no vowels: Hebrew without points is hard to understand',
  },
};
