import type { Logger } from '../../../lib/logger.ts';
import type { Random } from '../../../lib/random.ts';
import type { Hop } from '../endpoint-types.ts';
import type { HopHealth } from '../locate/hop-health.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';

/** Header lines that are the same in all our messages, each with its CRLF; built once. */
export type ConstantLines = {
  readonly agent: string;
  readonly allow: string;
  /** In our INVITEs and session refreshes. */
  readonly supported: string;
};

/** Who answers the requests that carry one of our tags. */
export interface TagOwner {
  onRequest(request: SipMessage, transaction: ServerTransaction): void;
  /** An ACK to a 2xx of ours. */
  onAck(ack: SipMessage): void;
  /** The endpoint is closing: hang up in an orderly way. */
  hangUp(): void;
  /** The endpoint is closed: no more can be sent. */
  dropped(): void;
}

/** What a call needs of the endpoint that owns it. */
export interface CallContext {
  readonly layer: TransactionLayer;
  readonly random: Random;
  readonly logger: Logger;
  readonly lines: ConstantLines;
  /** What the requests of all calls have learnt about hops. */
  readonly health: HopHealth;
  /** Our Contact line towards a hop, with its CRLF. */
  contactFor(hop: Hop): string;
  /** A branch that no other request has (RFC 3261 section 8.1.1.7). */
  newBranch(): string;
  /** A tag with 64 random bits (section 19.3). */
  newTag(): string;
  /** Leads the requests that name the tag to its owner. */
  ownTag(tag: string, owner: TagOwner): void;
  disownTag(tag: string): void;
}

/** The methods that are answered with something better than 405. */
export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE';

/** The SDP of a message; null when it has none. */
export function sessionDescriptionOf(message: SipMessage): string | null {
  if (message.body === '') return null;
  const type = message.header('content-type');
  if (type !== null && !type.toLowerCase().startsWith('application/sdp')) return null;
  return message.body;
}
