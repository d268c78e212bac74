import { isIP, isIPv6 } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { MeasuredSipEndpoint } from './endpoint-types.ts';
import { Endpoint } from './sip-endpoint.ts';
import { defaultTiming, type SipTiming } from './transaction/timing.ts';
import type { PublicAddresses } from './transport/local-names.ts';
import { everybodyIsKnown, type IsKnownPeer } from './transport/peer-gate.ts';
import { bindUdpTransport } from './transport/udp-transport.ts';

export type SipEndpointOptions = {
  /** The IP address to bind. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Goes into User-Agent. */
  readonly userAgent: string;
  /** The IP address that others reach us at, where it is not `host`; needed when `host` is a wildcard. */
  readonly publicHost?: string;
  /** The base times of RFC 3261; other values are for tests. */
  readonly timing?: SipTiming;
  /**
   * Whether an IP address is a peer's. Others get no answer to what is not within a call, and are limited in how much they may send.
   * Asked for every datagram: it must be quick. Everybody is a peer unless given.
   */
  readonly isKnownPeer?: IsKnownPeer;
};

/**
 * Binds a UDP socket and makes a SIP endpoint of it. Rejects with an InfrastructureError when the address cannot be bound, or when
 * it is a wildcard and nothing says what to tell others.
 */
export async function createSipEndpoint(options: SipEndpointOptions): Promise<MeasuredSipEndpoint> {
  const publicHost = options.publicHost ?? options.host;
  if (isIP(publicHost) === 0 || publicHost === '0.0.0.0' || publicHost === '::') {
    const message = `SIP needs an IP address that others reach it at, not "${publicHost}"`;
    throw new InfrastructureError(message, { retryable: false });
  }
  const { host, port, clock, random, logger, userAgent } = options;
  const { timing = defaultTiming, isKnownPeer = everybodyIsKnown } = options;
  const transport = await bindUdpTransport({ host, port, logger });
  const own = { address: publicHost, port: transport.local.port };
  const publicAddresses: PublicAddresses = isIPv6(publicHost) ? { ipv4: null, ipv6: own } : { ipv4: own, ipv6: null };
  // Immediates run right after the sockets were looked at.
  const afterPoll = (callback: () => void): void => void setImmediate(callback);
  return new Endpoint({ transport, publicAddresses, clock, random, logger, userAgent, timing, isKnownPeer, afterPoll });
}
