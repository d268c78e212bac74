import { isIP } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { MeasuredSipEndpoint } from './endpoint-types.ts';
import { Endpoint } from './sip-endpoint.ts';
import { defaultTiming, type SipTiming } from './transaction/timing.ts';
import { type NodeStreams, openNodeStreams, type ServerCertificate } from './transport/node-streams.ts';
import { everybodyIsKnown, type IsKnownPeer } from './transport/peer-gate.ts';
import { StreamTransport } from './transport/stream-transport.ts';
import type { DatagramTransport } from './transport/transport.ts';
import { Transports } from './transport/transports.ts';
import { bindUdpTransport } from './transport/udp-transport.ts';

export type SipEndpointOptions = {
  /** The IP address to bind, or one of each family. */
  readonly host: string | readonly string[];
  /** For UDP and TCP. 0: any that is free for both. */
  readonly port: number;
  /** Where TLS is listened for, and what is shown there; absent: nowhere. Connections out may be TLS all the same. */
  readonly tls?: { readonly port: number; readonly certificate: ServerCertificate };
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Goes into User-Agent. */
  readonly userAgent: string;
  /** The IP address that others reach us at, where it is not `host`, or one of each family; needed when `host` is a wildcard. */
  readonly publicHost?: string | readonly string[];
  /** The base times of RFC 3261; other values are for tests. */
  readonly timing?: SipTiming;
  /**
   * Whether an IP address is a peer's. Others get no answer to what is not within a call, are limited in how much they may send, and may not
   * connect. Asked for every datagram: it must be quick. Everybody is a peer unless given.
   */
  readonly isKnownPeer?: IsKnownPeer;
};

/**
 * Binds UDP sockets and listeners for TCP and TLS, and makes a SIP endpoint of them. Rejects with an InfrastructureError when an address cannot be
 * bound, when the certificate is no good, or when an address is a wildcard and nothing says what to tell others.
 */
export async function createSipEndpoint(options: SipEndpointOptions): Promise<MeasuredSipEndpoint> {
  const hosts = listOf(options.host);
  const told = [...listOf(options.publicHost ?? []), ...hosts];
  const publicHosts = [4, 6].flatMap((family) => {
    const isBound = hosts.some((host) => isIP(host) === family);
    return isBound ? (told.find((host) => isIP(host) === family) ?? []) : [];
  });
  for (const host of hosts) requireFamily(host);
  for (const host of publicHosts) requireReachable(host);
  const { clock, random, logger, userAgent } = options;
  const { timing = defaultTiming, isKnownPeer = everybodyIsKnown } = options;
  const { datagrams, network, port, tlsPort } = await bindAll(options, hosts);
  const streams = new StreamTransport({ network, clock, random, logger, isKnownPeer });
  const publicAddressOf = (family: 4 | 6) => {
    const address = publicHosts.find((host) => isIP(host) === family);
    return address === undefined ? null : { address, port };
  };
  // Immediates run right after the sockets were looked at.
  const afterPoll = (callback: () => void): void => void setImmediate(callback);
  return new Endpoint({
    transport: new Transports({ datagrams, streams }),
    local: { address: hosts[0] ?? '', port },
    publicAddresses: { ipv4: publicAddressOf(4), ipv6: publicAddressOf(6), tlsPort },
    ...{ clock, random, logger, userAgent, timing, isKnownPeer, afterPoll },
  });
}

function listOf(hosts: string | readonly string[]): readonly string[] {
  return typeof hosts === 'string' ? [hosts] : hosts;
}

function requireFamily(host: string): void {
  if (isIP(host) === 0) refuse(host);
}

function requireReachable(host: string): void {
  if (host === '0.0.0.0' || host === '::') refuse(host);
}

function refuse(host: string): never {
  const message = `SIP needs an IP address that others reach it at, not "${host}"`;
  throw new InfrastructureError(message, { retryable: false });
}

type Bound = {
  readonly datagrams: readonly DatagramTransport[];
  readonly network: NodeStreams;
  readonly port: number;
  /** null: TLS is not listened for. */
  readonly tlsPort: number | null;
};

/** How often another port is tried where any will do: one that is free for UDP may be taken for TCP. */
const maxTries = 20;

async function bindAll(options: SipEndpointOptions, hosts: readonly string[]): Promise<Bound> {
  for (let tries = 1; ; tries++) {
    try {
      return await bindOnce(options, hosts);
    } catch (error) {
      const isWorthATry = options.port === 0 && error instanceof InfrastructureError && error.retryable;
      if (!isWorthATry || tries === maxTries) throw error;
    }
  }
}

async function bindOnce({ port, tls, logger }: SipEndpointOptions, hosts: readonly string[]): Promise<Bound> {
  const datagrams: DatagramTransport[] = [];
  try {
    for (const host of hosts) {
      datagrams.push(await bindUdpTransport({ host, port: datagrams[0]?.local.port ?? port, logger }));
    }
    const bound = datagrams[0]?.local.port ?? port;
    const network = await openNodeStreams({ hosts, tcpPort: bound, tls: tls ?? null, logger });
    return { datagrams, network, port: bound, tlsPort: network.tlsPort };
  } catch (error) {
    await Promise.all(datagrams.map((socket) => socket.close()));
    throw error;
  }
}
