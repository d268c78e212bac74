/** What a process holds, or may come to hold, of each limited resource, by {@link resourceKey}. */
export type Usage = Readonly<Record<string, number>>;

/** A live dialer process as the others see it: its usage is as old as its last heartbeat. */
export type Peer = { readonly processId: string; readonly usage: Usage };

export function resourceKey(kind: 'trunk' | 'account', id: number): string {
  return `${kind}:${id}`;
}

/**
 * One process's share of a limit: `limit / live`, the remainder to the first by rank (order of process id). Everybody computes it from the same
 * list, so the shares add up to the limit without anybody handing them out. 0 for a process that is not on the list.
 */
export function shareOf(limit: number, liveProcessIds: readonly string[], me: string): number {
  const rank = [...liveProcessIds].sort().indexOf(me);
  if (rank < 0) return 0;
  const base = Math.floor(limit / liveProcessIds.length);
  return base + (rank < limit % liveProcessIds.length ? 1 : 0);
}

/**
 * How much of a limit this process may hold now: its share, less what others still hold above theirs. Somebody whose share just shrank, because
 * this process came, cannot hang up his calls; until they have ended, the newcomer does without them. So the sum stays within the
 * limit: one above his share never grows, one below it is counted as if he had reached it.
 */
export function allowanceOf(limit: number, key: string, peers: readonly Peer[], me: string): number {
  const ids = peers.map((peer) => peer.processId);
  const share = shareOf(limit, ids, me);
  let heldByOthers = 0;
  for (const peer of peers) {
    if (peer.processId === me) continue;
    heldByOthers += Math.max(shareOf(limit, ids, peer.processId), peer.usage[key] ?? 0);
  }
  return Math.max(0, Math.min(share, limit - heldByOthers));
}
