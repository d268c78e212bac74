import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { ByteStream, ByteStreamObserver } from '../../../lib/byte-stream.ts';
import { InfrastructureError, messageOf } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import { connectStream, minTlsVersion, SocketStream, type StreamTls } from '../../../lib/socket-stream.ts';
import type { Hop, SipTransport, SocketAddress, TlsTarget } from '../endpoint-types.ts';
import { hostPort } from '../message/sip-uri.ts';
import type { IncomingStream, StreamNetwork } from './stream-network.ts';
import { checkPeerName, explainConnectionError } from './tls-peer.ts';

/** What the TLS listener shows. PEM text. */
export type ServerCertificate = { readonly certificate: string; readonly privateKey: string };

export type NodeStreamsOptions = {
  /** The addresses of this machine to listen on and to connect from, one for each family at most. */
  readonly hosts: readonly string[];
  readonly tcpPort: number;
  /** null: no TLS listener. Connections out may be TLS all the same. */
  readonly tls: { readonly port: number; readonly certificate: ServerCertificate } | null;
  readonly logger: Logger;
};

type IncomingHandler = (incoming: IncomingStream) => void;

/** Listens for TCP, and for TLS. Rejects with an InfrastructureError when an address cannot be bound or the certificate is no good. */
export async function openNodeStreams(options: NodeStreamsOptions): Promise<NodeStreams> {
  const { hosts, tcpPort, tls, logger } = options;
  const context = tls === null ? null : serverContext(tls.certificate);
  const streams = new NodeStreams(hosts);
  try {
    for (const host of hosts) {
      await streams.listen({ address: host, port: tcpPort }, 'tcp', null);
      if (tls !== null) await streams.listen({ address: host, port: streams.tlsPort ?? tls.port }, 'tls', context);
    }
  } catch (error) {
    await streams.close();
    throw error;
  }
  streams.onError((error) => logger.warn({ err: error }, 'sip listener error'));
  return streams;
}

function serverContext({ certificate, privateKey }: ServerCertificate): SecureContext {
  try {
    return createSecureContext({ cert: certificate, key: privateKey, minVersion: minTlsVersion });
  } catch (cause) {
    const message = `the SIP TLS certificate and its key cannot be used together: ${messageOf(cause)}`;
    throw new InfrastructureError(message, { retryable: false, cause });
  }
}

/** TCP and TLS by `node:net` and `node:tls`. */
export class NodeStreams implements StreamNetwork {
  readonly #hosts: readonly string[];
  readonly #servers: Server[] = [];
  #handler: IncomingHandler | null = null;
  #tlsPort: number | null = null;

  constructor(hosts: readonly string[]) {
    this.#hosts = hosts;
  }

  async listen(local: SocketAddress, transport: 'tcp' | 'tls', context: SecureContext | null): Promise<void> {
    // Nothing is read, and no TLS answered, before it is known whose connection it is.
    const server = createServer({ pauseOnConnect: true, noDelay: true });
    server.on('connection', (socket) => this.#onConnection(socket, transport, context));
    try {
      const listening = once(server, 'listening');
      server.listen({ host: local.address, port: local.port, ipv6Only: true });
      await listening;
      const bound = server.address();
      if (transport === 'tls' && typeof bound === 'object') this.#tlsPort = bound?.port ?? null;
    } catch (cause) {
      const message = `cannot bind SIP over ${transport.toUpperCase()} to ${hostPort(local)}: ${messageOf(cause)}`;
      throw new InfrastructureError(message, { retryable: true, cause });
    }
    this.#servers.push(server);
  }

  /** Where TLS is listened for; null: nowhere. */
  get tlsPort(): number | null {
    return this.#tlsPort;
  }

  onError(handler: (error: Error) => void): void {
    for (const server of this.#servers) server.on('error', handler);
  }

  onIncoming(handler: IncomingHandler): void {
    this.#handler = handler;
  }

  connect(hop: Hop, observer: ByteStreamObserver): ByteStream {
    const isVersion6 = hop.address.includes(':');
    // The far side knows us by the address that we call ourselves.
    const localAddress = this.#hosts.find((host) => host.includes(':') === isVersion6);
    const target = { host: hop.address, port: hop.port, localAddress };
    return connectStream(target, hop.tls === null ? null : tlsOf(hop.tls), {
      onConnected: () => observer.onConnected(),
      onBytes: (bytes) => observer.onBytes(bytes),
      onClosed: (error) => observer.onClosed(error === null ? null : explainConnectionError(hop, error)),
    });
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => once(server, 'close'));
    for (const server of this.#servers) server.close();
    await Promise.all(closed);
  }

  #onConnection(socket: Socket, transport: Exclude<SipTransport, 'udp'>, context: SecureContext | null): void {
    const { remoteAddress, remotePort } = socket;
    const refuse = (): void => {
      // It is dropped at once, with no state left behind that a flood could fill up.
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
    };
    if (this.#handler === null || remoteAddress === undefined || remotePort === undefined) {
      refuse();
      return;
    }
    const accept = (observer: ByteStreamObserver): ByteStream => {
      const plain = context === null ? socket : new TLSSocket(socket, { isServer: true, secureContext: context });
      const stream = new SocketStream(plain, observer);
      socket.resume();
      return stream;
    };
    this.#handler({ remote: { address: remoteAddress, port: remotePort }, transport, accept, refuse });
  }
}

function tlsOf({ serverName, profile }: TlsTarget): StreamTls {
  const { caCertificates, certificate, privateKey, isVerified } = profile;
  return {
    serverName,
    isVerified,
    caCertificates,
    identity: certificate === null || privateKey === null ? null : { certificate, privateKey },
    checkPeer: (shown) => checkPeerName(serverName, shown),
  };
}
