import { readFile } from 'node:fs/promises';

/** Datagrams that the kernel dropped because a socket on that port (IPv4) was full, since the socket was opened; by port (proc_net_udp(5)). */
export async function socketDrops(first: number, last: number): Promise<ReadonlyMap<number, number>> {
  const [, ...rows] = (await readFile('/proc/net/udp', 'latin1')).trimEnd().split('\n');
  const drops = new Map<number, number>();
  for (const row of rows) {
    const columns = row.trim().split(/\s+/);
    const port = Number.parseInt(columns[1]?.split(':')[1] ?? '', 16);
    if (port >= first && port <= last) drops.set(port, Number(columns.at(-1)));
  }
  return drops;
}

/** How many were dropped between two readings; sockets that came in between count from their start. */
export function droppedBetween(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let dropped = 0;
  for (const [port, drops] of after) dropped += Math.max(0, drops - (before.get(port) ?? 0));
  return dropped;
}
