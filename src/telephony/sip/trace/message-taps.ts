import type { Hop, MessageTap, TappedMessage } from '../endpoint-types.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { LocalName } from '../transport/local-names.ts';
import { maskSecrets } from './mask-secrets.ts';

const callIdLine = Buffer.from('\r\nCall-ID: ', 'latin1');

/**
 * The taps of all calls that have one, by Call-ID. The transaction layer asks `isEmpty` before each message and nothing else: without a tap
 * that is all that tracing costs.
 */
export class MessageTaps {
  readonly #nameFor: (hop: Hop) => LocalName;
  readonly #taps = new Map<string, MessageTap>();
  isEmpty = true;

  /** `nameFor`: what we call ourselves to whom is there. */
  constructor(nameFor: (hop: Hop) => LocalName) {
    this.#nameFor = nameFor;
  }

  /** `callId` is wire text. */
  add(callId: string, tap: MessageTap): void {
    this.#taps.set(callId, tap);
    this.isEmpty = false;
  }

  remove(callId: string): void {
    this.#taps.delete(callId);
    this.isEmpty = this.#taps.size === 0;
  }

  /** A message of ours is about to leave. Ours always name their Call-ID in full. */
  sent(message: Buffer, hop: Hop): void {
    const start = message.indexOf(callIdLine) + callIdLine.length;
    const callId = message.toString('latin1', start, message.indexOf('\r', start));
    const tap = this.#taps.get(callId);
    if (tap !== undefined) this.#pass(tap, 'sent', message, hop);
  }

  /** A message came, and nothing has been done with it. */
  received(message: SipMessage, bytes: Buffer, hop: Hop): void {
    const tap = this.#taps.get(message.callId);
    if (tap !== undefined) this.#pass(tap, 'received', bytes, hop);
  }

  ignored(message: SipMessage, reason: string): void {
    this.#taps.get(message.callId)?.ignored(reason);
  }

  #pass(tap: MessageTap, direction: TappedMessage['direction'], bytes: Buffer, hop: Hop): void {
    tap.message({
      direction,
      transport: hop.transport,
      local: this.#nameFor(hop).address,
      remote: { address: hop.address, port: hop.port },
      text: maskSecrets(bytes.toString('latin1')),
    });
  }
}
