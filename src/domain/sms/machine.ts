import { type SmsState, smsStates } from './message.ts';

/**
 * The states of a message.
 *
 *   made --> queued --claimed--> sending --accepted--> sent --receipt--> delivered
 *              ^  |                | | |               ^ | \---receipt--> failed
 *              |  | validity over  | | +--refused------|-|--------------> failed
 *              |  +--> expired     | |                 | |                  ^
 *              +-------------------+ |   accepted      | | no receipt       |
 *                refused for now     |   after all     | v                  |
 *                                    +--------------> unknown --------------+
 *                                       in doubt         refused after all, or a part's receipt says that it failed
 *
 * queued: it waits for its time and for its channel. The process that holds the channel claims it; when its validity ends before that, it expires.
 * sending: a process has claimed it, which was committed before anything left. Only what that process hears of the channel leads on; when the process dies,
 *   or loses the channel, nobody knows whether it left, so it is in doubt. It never goes back to the queue but by the channel's own refusal.
 * sent: the channel has accepted it. Its receipts, one for each part, lead on; when they stay away, it is in doubt what became of it.
 * unknown: it may have left, or may have arrived. It is never sent again. An answer that was late still says what it came to. So does the receipt of a part that
 *   failed; but that parts have arrived does not make a message whole of which another part was refused, or may not have left.
 * delivered, failed, expired: final.
 */
export type SmsInput =
  | { readonly type: 'claimed' }
  | { readonly type: 'accepted' }
  /** The channel does not have it; final: and would not take it. */
  | { readonly type: 'refused'; readonly isFinal: boolean }
  /** Something was written, or may have been, and what came of it is not known: also when the process died. */
  | { readonly type: 'in-doubt' }
  /** All parts have arrived, or one of them will not. */
  | { readonly type: 'receipt'; readonly isDelivered: boolean }
  /** Receipts have not come for so long that they will not. */
  | { readonly type: 'no-receipt' }
  | { readonly type: 'validity-over' };

/** The state after `input`; null: it does not apply in this state, and nothing is to be done. */
export function stepSms(state: SmsState, input: SmsInput): SmsState | null {
  const isFrom = (...from: readonly SmsState[]): boolean => from.includes(state);
  switch (input.type) {
    case 'claimed':
      return isFrom('queued') ? 'sending' : null;
    case 'accepted':
      // Also of one that was given up meanwhile: the process was slow, not dead.
      return isFrom('sending', 'unknown') ? 'sent' : null;
    case 'refused':
      if (isFrom('sending')) return input.isFinal ? 'failed' : 'queued';
      // Given up, it is not taken back into the queue: whoever asked was told that it is not known.
      return isFrom('unknown') && input.isFinal ? 'failed' : null;
    case 'in-doubt':
      return isFrom('sending') ? 'unknown' : null;
    case 'receipt':
      if (input.isDelivered) return isFrom('sent') ? 'delivered' : null;
      return isFrom('sent', 'unknown') ? 'failed' : null;
    case 'no-receipt':
      return isFrom('sent') ? 'unknown' : null;
    case 'validity-over':
      return isFrom('queued') ? 'expired' : null;
  }
}

/** The states from which the input leads on, and where to: the guard of the SQL update, and its value. All of them lead to the same. */
export function smsChange(input: SmsInput): { readonly from: readonly SmsState[]; readonly to: SmsState } {
  const from = smsStates.filter((state) => stepSms(state, input) !== null);
  const to = from[0] === undefined ? null : stepSms(from[0], input);
  if (to === null) throw new Error(`no state of a message takes ${input.type}`);
  return { from, to };
}
