import type { Clock } from '../../../lib/clock.ts';
import type { SocketAddress } from '../endpoint-types.ts';
import { canonicalAddress } from './ip-address.ts';
import { SourceLimiter, type SourceLimits } from './source-limiter.ts';

/** Whether an IP address is a peer's: one that is answered outside of calls, and that is not limited. */
export type IsKnownPeer = (address: string) => boolean;

/** For those who answer everybody: a test's far side, a simulated carrier. */
export const everybodyIsKnown: IsKnownPeer = () => true;

/**
 * What a stranger's address may send. Gateways that a trunk sends our calls on to are strangers too, and answer for all those calls: the
 * rate is several hundred calls a second, and costs a few hundredths of a core.
 */
const strangerLimits: SourceLimits = { perSecond: 2_000, burst: 2_000, maxSources: 4_096 };

/** Bytes. Longer is no message of ours or of a carrier's: with 1500 bytes on the wire it came in more than ten pieces. */
const maxDatagramBytes = 16_384;

/** Bytes. Keep-alives (CRLF, a zero byte) are shorter than anything SIP. */
const minDatagramBytes = 32;

/** Decides by address and size, before a byte is read, which datagrams are taken. */
export class PeerGate {
  readonly #isKnownPeer: IsKnownPeer;
  readonly #limiter: SourceLimiter;

  constructor(isKnownPeer: IsKnownPeer, clock: Clock) {
    this.#isKnownPeer = isKnownPeer;
    this.#limiter = new SourceLimiter(strangerLimits, clock);
  }

  isKnown(remote: SocketAddress): boolean {
    return this.#isKnownPeer(canonicalAddress(remote.address));
  }

  /** Whether a datagram is worth reading. Nobody can be answered at port 0. */
  admits(length: number, remote: SocketAddress): boolean {
    if (length < minDatagramBytes || length > maxDatagramBytes || remote.port === 0) return false;
    return this.isKnown(remote) || this.#limiter.take(canonicalAddress(remote.address));
  }
}
