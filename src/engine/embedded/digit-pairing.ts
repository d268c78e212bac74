import type { DigitSource } from '../../call/engine.ts';

/** Presses that another source may still report. */
export type DigitPairing = readonly HeardPress[];

type HeardPress = { readonly digit: string; readonly sources: readonly DigitSource[]; readonly atMs: number };

/** How long the second report of the same press may lag behind the first. */
const pairingWindowMs = 2000;

/**
 * Counts a key press once when the far side reports it in several ways: by RFC 4733 event, by SIP INFO, as tones.
 *
 * The rule: every press heard stays open for {@link pairingWindowMs} to the sources that have not reported it. A report of the same key goes to the oldest press that is open to its
 * source and is dropped; a source never reports a press twice, so the same key pressed twice counts twice, also when both presses are reported twice (`5 5` by event and
 * `5 5` by INFO is two presses). Which source is first doesn't matter.
 */
export function pairDigit(
  pairing: DigitPairing,
  heard: { readonly digit: string; readonly source: DigitSource; readonly atMs: number },
): { readonly pairing: DigitPairing; readonly isNew: boolean } {
  const { digit, source, atMs } = heard;
  const live = pairing.filter((press) => atMs - press.atMs < pairingWindowMs);
  const index = live.findIndex((press) => press.digit === digit && !press.sources.includes(source));
  const press = live[index];
  if (press === undefined) return { pairing: [...live, { digit, sources: [source], atMs }], isNew: true };
  return { pairing: live.with(index, { ...press, sources: [...press.sources, source] }), isNew: false };
}
