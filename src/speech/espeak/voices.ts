import { chooseVoice } from '../choose-voice.ts';
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
  const chosen = chooseVoice(espeakLanguages, request);
  return chosen && { ...chosen, voice: `${chosen.voice}+${variants[request.ssmlGender ?? 2]}` };
}
