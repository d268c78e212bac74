import { escapeForSsml } from '../ssml/read-speech-text.ts';
import type { Manner } from '../ssml/speech-part.ts';

/** Words as espeak-ng reads them: SSML without a root, and `[[phonemes]]`, which no text of ours means. */
export function espeakMarkup(words: string, { emphasis, isSpelled }: Manner): string {
  const text = escapeForSsml(words).replaceAll(/\[\[|\]\]/g, ' ');
  const said = isSpelled ? `<say-as interpret-as="characters">${text}</say-as>` : text;
  return emphasis === 'none' ? said : `<emphasis level="${emphasis}">${said}</emphasis>`;
}
