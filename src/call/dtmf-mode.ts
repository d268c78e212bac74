/**
 * How keys travel over a trunk, by the names that Asterisk has for it (`dtmf_mode`). Keys by SIP INFO are heard in each of them, whatever the far side agreed to: an INFO
 * is a key or it is not.
 *
 * | mode | telephone-event (RFC 4733) | tones are listened for | digits of ours |
 * |---|---|---|---|
 * | auto | offered | where the far side did not agree to events | events, else tones |
 * | auto_info | offered | never | events, else INFO |
 * | rfc4733 | offered | never | events; without them, none |
 * | info | not offered | never | INFO |
 * | inband | not offered | always | tones |
 * | all | offered | always: the far side agrees to events and sends tones all the same | events, else tones |
 *
 * A press that is heard in more than one way counts once.
 */
export const dtmfModes = ['auto', 'auto_info', 'rfc4733', 'info', 'inband', 'all'] as const;

export type DtmfMode = (typeof dtmfModes)[number];

/** A way for digits of ours. */
export type DigitWay = 'event' | 'info' | 'tones';

/** Whether our descriptions offer telephone-event, and take it. */
export function offersEvents(mode: DtmfMode): boolean {
  return mode !== 'info' && mode !== 'inband';
}

/** Whether keys are looked for in the audio. `hasEvents`: telephone-event was agreed on. */
export function hearsTones(mode: DtmfMode, hasEvents: boolean): boolean {
  return mode === 'inband' || mode === 'all' || (mode === 'auto' && !hasEvents);
}

/** How digits of ours leave; null: they cannot. */
export function digitWay(mode: DtmfMode, hasEvents: boolean): DigitWay | null {
  switch (mode) {
    case 'auto':
    case 'all':
      return hasEvents ? 'event' : 'tones';
    case 'auto_info':
      return hasEvents ? 'event' : 'info';
    case 'rfc4733':
      return hasEvents ? 'event' : null;
    case 'info':
      return 'info';
    case 'inband':
      return 'tones';
  }
}
