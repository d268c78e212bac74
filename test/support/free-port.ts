import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const host = '127.0.0.1';

/** Below what Linux hands out by itself (from 32768 on), so that no socket of anybody gets a port between its being found and its being bound. */
const single = { first: 3000, count: 7000, step: 4 };
const inRows = { first: 10_000, count: 22_000 };

/** What this process was given so far, so that it is given nothing twice; test files side by side start elsewhere, by process id. */
const drawn = { single: process.pid * 61 * single.step, inRows: process.pid * 998 };

/** A port that was free for TCP and UDP a moment ago, for a program that binds it in a while. The next three are given to nobody: baresip takes one for TLS. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = single.first + (drawn.single % single.count);
    drawn.single += single.step;
    if ((await isFreeForUdp(port)) && (await isFreeForTcp(port))) return port;
  }
  throw new Error('no port that is free for TCP and UDP');
}

/** The start, which is even, of `length` UDP ports in a row, for RTP. */
export async function freeUdpRange(length: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const offset = drawn.inRows % inRows.count;
    const hasRoom = offset + length <= inRows.count;
    drawn.inRows += hasRoom ? length + (length % 2) : inRows.count - offset;
    const start = inRows.first + offset;
    if (!hasRoom) continue;
    const looks = await Promise.all([start, start + (length >> 1), start + length - 1].map(isFreeForUdp));
    if (looks.every(Boolean)) return start;
  }
  throw new Error(`no ${length} UDP ports in a row`);
}

function isFreeForUdp(port: number): Promise<boolean> {
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
