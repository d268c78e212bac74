import type { SipMessage } from '../message/sip-message.ts';

/** The call that a dialog carries. */
export interface DialogSessionOwner {
  /** The SDP we sent last: what we offer when a re-INVITE asks us to. Wire text. */
  readonly localDescription: string;
  remoteBye(bye: SipMessage): void;
  digit(digit: string): void;
  /** A new offer; null refuses it. `answer` works once, at any time. */
  reoffer(sdp: string, answer: (sdp: string | null) => void): void;
  /** A 2xx of ours to a re-INVITE was never ACKed: the dialog is beyond repair. */
  lost(): void;
}
