import type { VoiceRequest } from './synthesizer.ts';

/** A language with its accents, whatever a synthesizer calls its voices. */
export type AccentedLanguage = {
  /** Without an accent, or with one that is not here. */
  readonly standard: string;
  /** Country calling code -> voice. */
  readonly accents: Readonly<Record<string, string>>;
  /** What the voice cannot do, in English. */
  readonly limitation?: string;
};

/**
 * Picks the voice of a language: that of the accent, else the language's own with a note (contract 15.13). null: the language is not in the table.
 */
export function chooseVoice(
  languages: Readonly<Record<string, AccentedLanguage>>,
  { lan, accent }: VoiceRequest,
): { readonly voice: string; readonly note: string | null } | null {
  const language = Object.hasOwn(languages, lan) ? languages[lan] : undefined;
  if (language === undefined) return null;
  const accented = accent !== null && Object.hasOwn(language.accents, accent) ? language.accents[accent] : undefined;
  const notes = [language.limitation];
  if (accent !== null && accented === undefined) {
    notes.push(`no voice with accent ${accent} for ${lan}; the default voice speaks`);
  }
  const note = notes.filter((text) => text !== undefined).join('; ');
  return { voice: accented ?? language.standard, note: note === '' ? null : note };
}
