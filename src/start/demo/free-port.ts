import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** A port that was free a moment ago, and whether it is the one that was wanted. */
export type FoundPort = { readonly port: number; readonly isWanted: boolean };

/** The wanted TCP port, or another where it is taken. */
export async function freeTcpPort(host: string, wanted: number): Promise<FoundPort> {
  return choose(wanted, (port) => tryTcp(host, port));
}

/** The wanted UDP port, or another where it is taken. */
export async function freeUdpPort(host: string, wanted: number): Promise<FoundPort> {
  return choose(wanted, (port) => tryUdp(host, port));
}

async function choose(wanted: number, bind: (port: number) => Promise<number | null>): Promise<FoundPort> {
  const got = await bind(wanted);
  if (got !== null) return { port: got, isWanted: true };
  const other = await bind(0);
  if (other === null) throw new Error('this machine has no free port');
  return { port: other, isWanted: false };
}

function tryTcp(host: string, port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ host, port }, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : null));
    });
  });
}

function tryUdp(host: string, port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind(port, host, () => {
      const bound = socket.address().port;
      socket.close(() => resolve(bound));
    });
  });
}
