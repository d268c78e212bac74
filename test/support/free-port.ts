import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const host = '127.0.0.1';

/** A TCP port that was free a moment ago. */
export function freeTcpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP port'));
        else resolve(address.port);
      });
    });
  });
}

/** A UDP port that was free a moment ago. */
export function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, host, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/**
 * A port that was free for TCP and UDP a moment ago, for a program that binds it in a while: from below what the system hands out by itself, so that no
 * connection that is made meanwhile is given it.
 */
export async function freeServerPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(3000, 10_000);
    if ((await isFree(port)) && (await isFreeForTcp(port))) return port;
  }
  throw new Error('no port that is free for TCP and UDP');
}

/**
 * The start of `length` UDP ports in a row, for RTP. Drawn by process id below the range that the system hands out by itself (from 32768 on
 * Linux), so that test files side by side do not meet.
 */
export async function freeUdpRange(length: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const start = 10_000 + 2 * Math.floor((process.pid * 997 + attempt * 1_409) % ((32_000 - 10_000 - length) / 2));
    if ((await isFree(start)) && (await isFree(start + length - 1)) && (await isFree(start + (length >> 1))))
      return start;
  }
  throw new Error(`no ${length} UDP ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, host, () => socket.close(() => resolve(true)));
  });
}

function isFreeForTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
