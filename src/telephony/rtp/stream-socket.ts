import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { MediaPort } from './media-port.ts';

/** Addresses are always literal here, so nothing is to be looked up; the default would put every send through `dns.lookup` and a later tick. */
function literalLookup(
  hostname: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, hostname, isIPv6(hostname) ? 6 : 4);
}

/** Binds a UDP socket to a literal address. Rejects with the system's error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export function bindStreamSocket({ host, port }: MediaPort): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', lookup: literalLookup });
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
