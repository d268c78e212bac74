import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { MediaPort } from './media-port.ts';

/** Binds a UDP socket to a literal address. Rejects with the system's error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export function bindStreamSocket({ host, port }: MediaPort): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const family = isIPv6(host) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // Addresses are always literal here, so nothing is to be looked up; the default would put every send through `dns.lookup` and a later tick.
      lookup: (address, _options, done) => done(null, address, family),
    });
    const fail = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
