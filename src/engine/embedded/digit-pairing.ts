/** Where a digit was heard. */
export type DigitSource = 'rfc4733' | 'sip-info';

/** Digits heard from one source that the other source may still report. */
export type DigitPairing = readonly UnpairedDigit[];

type UnpairedDigit = { readonly digit: string; readonly source: DigitSource; readonly atMs: number };

/** How long the second report of the same press may lag behind the first. */
const pairingWindowMs = 2000;

/**
 * Counts a key press once when the far side reports it both by RFC 4733 event and by SIP INFO.
 *
 * The rule: every digit heard stays unpaired for {@link pairingWindowMs}. A digit from the *other* source with the same key pairs with the oldest
 * such one and is dropped; a digit from the *same* source never pairs, so the same key pressed twice counts twice, also when both presses
 * are reported twice (`5 5` by event and `5 5` by INFO is two presses). Which source is first doesn't matter.
 */
export function pairDigit(
  pairing: DigitPairing,
  heard: UnpairedDigit,
): { readonly pairing: DigitPairing; readonly isNew: boolean } {
  const live = pairing.filter((other) => heard.atMs - other.atMs < pairingWindowMs);
  const index = live.findIndex((other) => other.digit === heard.digit && other.source !== heard.source);
  if (index === -1) return { pairing: [...live, heard], isNew: true };
  return { pairing: live.toSpliced(index, 1), isNew: false };
}
