import { InfrastructureError } from '../../lib/errors.ts';
import { readSpeechText } from './read-speech-text.ts';
import { type SpeechPart, SpeechTextError } from './speech-part.ts';

/** Reads a text for a synthesizer: what is wrong with it is a failure of the synthesis, and would be again. */
export function readOrRefuse(text: string): readonly SpeechPart[] {
  try {
    return readSpeechText(text);
  } catch (error) {
    if (!(error instanceof SpeechTextError)) throw error;
    throw new InfrastructureError(error.message, { retryable: false, cause: error });
  }
}
