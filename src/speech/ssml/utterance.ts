import type { Manner, SpeechPart } from './speech-part.ts';

/** What is said in one go: words in markup at one pace, or a pause. */
export type Utterance =
  | { readonly type: 'speech'; readonly markup: string; readonly rate: number }
  | { readonly type: 'pause'; readonly ms: number };

/** Bounds of every synthesizer's pace, and of the contract's `speakingRate`. */
const slowest = 0.25;
const fastest = 4;

/**
 * Groups the parts of a text by their pace, which is the text's own times the part's, 0.25 to 4. `mark` writes the words of one part in the
 * synthesizer's markup.
 */
export function utterancesOf(
  parts: readonly SpeechPart[],
  speakingRate: number,
  mark: (words: string, manner: Manner) => string,
): readonly Utterance[] {
  const utterances: Utterance[] = [];
  for (const part of parts) {
    if (part.type === 'pause') {
      utterances.push({ type: 'pause', ms: part.ms });
      continue;
    }
    const rate = Math.min(fastest, Math.max(slowest, part.manner.rate * speakingRate));
    const markup = mark(part.words, part.manner);
    const last = utterances.at(-1);
    if (last?.type === 'speech' && (last.rate === rate || part.words.trim() === '')) {
      utterances[utterances.length - 1] = { ...last, markup: last.markup + markup };
    } else if (part.words.trim() !== '') {
      utterances.push({ type: 'speech', markup, rate });
    }
  }
  return utterances;
}

/** Puts what was spoken together; `sampleRate` is that of all pieces. */
export function joinAudio(pieces: readonly Int16Array[]): Int16Array {
  const pcm = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    pcm.set(piece, at);
    at += piece.length;
  }
  return pcm;
}
