import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type PeerCertificate } from 'node:tls';
import type { ByteStream, ByteStreamObserver } from './byte-stream.ts';

/** The oldest TLS that is spoken. */
export const minTlsVersion = 'TLSv1.2';

/** How long a far side may take over what was sent before we closed. */
const lastWordsMs = 2_000;

export type StreamTarget = {
  readonly host: string;
  readonly port: number;
  /** Of this machine; undefined: the system chooses. */
  readonly localAddress?: string | undefined;
};

/** TLS of a connection that we make. Certificates and keys are PEM. */
export type StreamTls = {
  /** Whom the far side's certificate must be for; where it is a name, it is also asked for by it (SNI). */
  readonly serverName: string;
  /** Whether that is checked. */
  readonly isVerified: boolean;
  /** Who may have signed it; null: whom the system trusts. */
  readonly caCertificates: string | null;
  /** What we show when the far side asks; absent: nothing. */
  readonly identity?: { readonly certificate: string; readonly privateKey: string } | null;
  /** Says whom the certificate is for, in another way than HTTPS does. */
  readonly checkPeer?: (certificate: PeerCertificate) => Error | undefined;
};

/** Connects by TCP, or by TLS over it, and tells the observer of it. */
export function connectStream(target: StreamTarget, tls: StreamTls | null, observer: ByteStreamObserver): ByteStream {
  const options = { ...target, noDelay: true };
  const socket = tls === null ? connectTcp(options) : connectTls({ ...options, ...tlsOptions(tls) });
  socket.once(tls === null ? 'connect' : 'secureConnect', () => observer.onConnected());
  return new SocketStream(socket, observer);
}

function tlsOptions({ serverName, isVerified, caCertificates, identity, checkPeer }: StreamTls): ConnectionOptions {
  return {
    minVersion: minTlsVersion,
    // An address is no server name (RFC 6066 section 3).
    servername: isIP(serverName) === 0 ? serverName : '',
    rejectUnauthorized: isVerified,
    ...(checkPeer !== undefined && { checkServerIdentity: (_host, shown) => checkPeer(shown) }),
    ...(caCertificates !== null && { ca: caCertificates }),
    ...(identity && { cert: identity.certificate, key: identity.privateKey }),
  };
}

/** A socket that is connected, or being connected, TLS or not. */
export class SocketStream implements ByteStream {
  readonly #socket: Socket;
  #isClosed = false;

  constructor(socket: Socket, observer: ByteStreamObserver) {
    this.#socket = socket;
    let failure: Error | null = null;
    socket.on('data', (bytes: Buffer) => {
      if (!this.#isClosed) observer.onBytes(bytes);
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      observer.onClosed(failure);
    });
  }

  get localPort(): number | null {
    return this.#socket.localPort ?? null;
  }

  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#socket.connecting) {
      this.#socket.destroy();
      return;
    }
    this.#socket.setTimeout(lastWordsMs, () => this.#socket.destroy());
    this.#socket.destroySoon();
  }
}
