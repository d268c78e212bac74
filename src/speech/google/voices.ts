import { chooseVoice } from '../choose-voice.ts';
import type { VoiceChoice, VoiceRequest } from '../synthesizer.ts';
import { googleLanguages } from './languages.ts';

export type GoogleGender = 'MALE' | 'FEMALE';

/** Contract 4.1: female where nothing else is asked for. */
const genders = { 1: 'MALE', 2: 'FEMALE' } as const;

/** The voice for a request, e.g. `en-GB/FEMALE`; which one of its voices that is, Google says. null: the language is not spoken. */
export function googleVoiceFor(request: VoiceRequest): VoiceChoice | null {
  const chosen = chooseVoice(googleLanguages, request);
  return chosen && { ...chosen, voice: `${chosen.voice}/${genders[request.ssmlGender ?? 2]}` };
}

/** What {@link googleVoiceFor} wrote. */
export function readGoogleVoice(voice: string): { readonly languageCode: string; readonly ssmlGender: GoogleGender } {
  const [languageCode = '', gender] = voice.split('/');
  return { languageCode, ssmlGender: gender === 'MALE' ? 'MALE' : 'FEMALE' };
}
