import type { VoiceChoice, VoiceRequest } from '../synthesizer.ts';
import { espeakLanguages } from './languages.ts';

/** espeak-ng's voice variants; contract 4.1: female where nothing else is asked for. */
const variants = { 1: 'm3', 2: 'f3' } as const;

/** The language codes that espeak-ng speaks, sorted. */
export function espeakLanguageCodes(): string[] {
  return Object.keys(espeakLanguages).sort();
}

/** The espeak-ng voice for a request, e.g. `gmw/en-US+f3`; null: the language is not spoken. */
export function espeakVoiceFor(request: VoiceRequest): VoiceChoice | null {
  if (!Object.hasOwn(espeakLanguages, request.lan)) return null;
  const language = espeakLanguages[request.lan];
  if (language === undefined) return null;
  const { accent } = request;
  const accented = accent !== null && Object.hasOwn(language.accents, accent) ? language.accents[accent] : undefined;
  const notes = [language.limitation];
  if (accent !== null && accented === undefined) {
    notes.push(`no voice with accent ${accent} for ${request.lan}; the default voice speaks`);
  }
  const note = notes.filter((text) => text !== undefined).join('; ');
  const variant = variants[request.ssmlGender ?? 2];
  return { voice: `${accented ?? language.voice}+${variant}`, note: note === '' ? null : note };
}
