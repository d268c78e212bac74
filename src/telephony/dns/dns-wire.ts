import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { AddressAndPort } from '../../lib/address-and-port.ts';

/** Where a DNS server listens. */
export type DnsServer = AddressAndPort;

/** Told what comes back, until the exchange is closed. Never from inside `open`. */
export type DnsWireListener = {
  /** One whole message of that server. */
  readonly onMessage: (message: Buffer) => void;
  /** Nothing more will come. */
  readonly onError: (error: Error) => void;
};

/** How questions get to a server: sockets, or a script in tests. */
export interface DnsWire {
  /** Sends one message, from a port that nobody can guess, and listens. `close` is idempotent. */
  open(protocol: 'udp' | 'tcp', server: DnsServer, message: Buffer, listener: DnsWireListener): { close(): void };
}

/**
 * Each question has a socket of its own, which the system binds to a random port. It is connected: the system then drops what other
 * addresses send, and tells when nobody listens there.
 */
export const socketWire: DnsWire = {
  open: (protocol, server, message, listener) =>
    protocol === 'udp' ? openUdp(server, message, listener) : openTcp(server, message, listener),
};

function openUdp(server: DnsServer, message: Buffer, listener: DnsWireListener): { close(): void } {
  const family = isIPv6(server.address) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (host, _options, done) => done(null, host, family),
  });
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    socket.close();
  };
  const fail = (error: Error): void => {
    if (isOpen) listener.onError(error);
  };
  socket.on('message', (datagram) => {
    if (isOpen) listener.onMessage(datagram);
  });
  socket.on('error', fail);
  socket.once('connect', () => {
    if (isOpen) socket.send(message, (error) => error !== null && fail(error));
  });
  socket.connect(server.port, server.address);
  return { close };
}

/** RFC 1035 section 4.2.2: each message has its length before it. */
function openTcp(server: DnsServer, message: Buffer, listener: DnsWireListener): { close(): void } {
  const socket = connect(server.port, server.address);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  socket.write(Buffer.concat([length, message]));
  let received = Buffer.alloc(0);
  socket.on('data', (piece: Buffer) => {
    received = Buffer.concat([received, piece]);
    const end = received.length < 2 ? 0 : 2 + received.readUInt16BE(0);
    if (end === 0 || received.length < end) return;
    // One question, one answer.
    listener.onMessage(received.subarray(2, end));
    socket.destroy();
  });
  socket.on('error', (error) => listener.onError(error));
  socket.on('end', () => listener.onError(new Error('the server closed the connection')));
  return { close: () => void socket.removeAllListeners('end').destroy() };
}
