import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SmppSettings } from './smpp-settings.ts';

/** Told what a connection brings, in order; never from inside a call on the stream. Must not throw. */
export interface SmppStreamObserver {
  /** It can be written to; over TLS the far side has been checked. */
  onConnected(): void;
  onBytes(bytes: Buffer): void;
  /** The last there is: the far side closed it (null), it could not be made, or it broke. */
  onClosed(error: Error | null): void;
}

/** One connection. */
export interface SmppStream {
  write(bytes: Buffer): void;
  /** Sends what was written, for a short while, and closes it. Nothing is told any more. Idempotent. */
  close(): void;
}

export type SmppTarget = Pick<SmppSettings, 'host' | 'port' | 'tls'>;

export type OpenSmppStream = (target: SmppTarget, observer: SmppStreamObserver) => SmppStream;

/** How long a far side may take over what was sent before we closed. */
const lastWordsMs = 2_000;

/** TCP or TLS by `node:net` and `node:tls`. */
export function openSmppStream({ host, port, tls }: SmppTarget, observer: SmppStreamObserver): SmppStream {
  const target = { host, port, noDelay: true };
  const socket =
    tls === null
      ? connectTcp(target)
      : connectTls({
          ...target,
          minVersion: 'TLSv1.2',
          // An address is no server name (RFC 6066 section 3).
          servername: isIP(host) === 0 ? host : '',
          rejectUnauthorized: tls.isVerified,
          ...(tls.caCertificates === null ? {} : { ca: tls.caCertificates }),
        });
  socket.once(tls === null ? 'connect' : 'secureConnect', () => observer.onConnected());
  return new SocketStream(socket, observer);
}

class SocketStream implements SmppStream {
  readonly #socket: Socket;
  #isClosed = false;

  constructor(socket: Socket, observer: SmppStreamObserver) {
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
      if (!this.#isClosed) observer.onClosed(failure);
      this.#isClosed = true;
    });
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
