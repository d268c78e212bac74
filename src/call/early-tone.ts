/**
 * What the network said with tones before a call was answered. The first four are special information tones with their meaning, `unavailable` is those of ITU-T E.180, which all
 * mean the same; `busy` and `congestion` are told by their rhythm; `fax`: a fax machine answers.
 */
export type EarlyTone =
  | 'intercept'
  | 'vacant'
  | 'reorder'
  | 'no-circuit'
  | 'unavailable'
  | 'busy'
  | 'congestion'
  | 'fax';

/** The SIP status that would have said the same, and the words for it. */
const meanings: Readonly<Record<EarlyTone, { readonly status: number; readonly words: string }>> = {
  intercept: { status: 404, words: 'tones before an announcement: number changed or not in service' },
  vacant: { status: 404, words: 'tones before an announcement: number not assigned' },
  reorder: { status: 503, words: 'tones before an announcement: the network could not connect the call' },
  'no-circuit': { status: 503, words: 'tones before an announcement: no circuit free' },
  unavailable: { status: 480, words: 'tones before an announcement: not available' },
  busy: { status: 486, words: 'busy tone' },
  congestion: { status: 503, words: 'congestion tone' },
  fax: { status: 488, words: 'fax tone' },
};

export function statusOfTone(tone: EarlyTone): number {
  return meanings[tone].status;
}

export function wordsOfTone(tone: EarlyTone): string {
  return meanings[tone].words;
}
