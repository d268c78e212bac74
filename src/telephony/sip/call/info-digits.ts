import type { Dialog } from '../dialog/dialog.ts';
import { endsDialog } from '../dialog/ends-dialog.ts';
import type { DigestClient } from '../digest/digest-client.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { CallContext } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import { dtmfRelayType, writeInfoDigit } from './info-digit.ts';

export type InfoDigitsOptions = {
  readonly context: CallContext;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  /** The far side has no such dialog any more; `reason` in our words. */
  readonly lost: (reason: string) => void;
};

/**
 * Sends digits by INFO, each when the one before was answered: of two that are on the way together, the network may bring the second first, and then the
 * first is out of order and refused (RFC 3261 section 12.2.2). A digit that is refused is not sent again, and those behind it go on.
 */
export class InfoDigits {
  readonly #options: InfoDigitsOptions;
  readonly #bodies: string[] = [];
  #isWaiting = false;

  constructor(options: InfoDigitsOptions) {
    this.#options = options;
  }

  send(digit: string, durationMs: number): void {
    this.#bodies.push(writeInfoDigit(digit, durationMs));
    if (!this.#isWaiting) this.#sendNext();
  }

  /** Forgets what was not sent. */
  stop(): void {
    this.#bodies.length = 0;
  }

  #sendNext(): void {
    const body = this.#bodies.shift();
    this.#isWaiting = body !== undefined;
    if (body === undefined) return;
    const { context, dialog, digest } = this.#options;
    const done = (response: SipMessage | null): void => this.#onAnswer(response);
    new DialogRequest({ context, dialog, digest, method: 'INFO', contentType: dtmfRelayType, body, done });
  }

  #onAnswer(response: SipMessage | null): void {
    if (endsDialog(response?.status ?? null)) {
      this.stop();
      this.#options.lost(response === null ? 'no answer to INFO' : `SIP ${response.status} to INFO`);
    }
    this.#sendNext();
  }
}
