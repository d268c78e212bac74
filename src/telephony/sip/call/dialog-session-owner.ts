import type { SipMessage } from '../message/sip-message.ts';

/** The call that a dialog carries. */
export interface DialogSessionOwner {
  /** The SDP we sent last: what we offer when a re-INVITE asks us to. Wire text. */
  readonly localDescription: string;
  remoteBye(bye: SipMessage): void;
  digit(digit: string): void;
  /** An offer of theirs; null refuses it. `answer` works once, at any time; gives wire text. */
  reoffer(sdp: string, answer: (sdp: string | null) => void): void;
  /** Their answer to an offer of ours in a dialog that was agreed on before. */
  reanswer(sdp: string): void;
  /** The dialog is beyond repair; `reason` in our words. */
  lost(reason: string): void;
}
