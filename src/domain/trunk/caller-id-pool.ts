import type { Trunk } from './trunk.ts';

type Settings = Pick<Trunk, 'callerIds' | 'callerIdChoice'>;

/**
 * Which of a trunk's caller ids a call shows, when its task does not say.
 *
 * fixed: the first.
 * round_robin: one after the other, in order, by process.
 * by_callee: the same for the same callee on every recall, by rendezvous hashing: each id gets a score with the number, and the best one is shown. So every
 *   process agrees and nothing is stored; an id that is added takes over only the callees that it scores best with (one in n), one that is taken away
 *   gives up only its own. The trunk has no part in the score: trunks that share a pool show a callee the same id, also when
 *   a recall or a failover goes over another one.
 */
export class CallerIdPool {
  readonly #callerIds: readonly string[];
  readonly #choice: Settings['callerIdChoice'];
  /** By position in the pool; the score of a call is one multiplication away. */
  readonly #hashes: Int32Array;
  #next = 0;

  constructor({ callerIds, callerIdChoice }: Settings) {
    this.#callerIds = callerIds;
    this.#choice = callerIdChoice;
    this.#hashes = Int32Array.from(callerIds, hashOf);
  }

  /** Whether it chooses as these settings say; where not, it has to be made anew. */
  isOf({ callerIds, callerIdChoice }: Settings): boolean {
    if (callerIdChoice !== this.#choice || callerIds.length !== this.#callerIds.length) return false;
    return callerIds.every((callerId, index) => callerId === this.#callerIds[index]);
  }

  /** null: the pool is empty. */
  choose(number: string): string | null {
    const count = this.#callerIds.length;
    if (count <= 1) return this.#callerIds[0] ?? null;
    switch (this.#choice) {
      case 'fixed':
        return this.#callerIds[0] ?? null;
      case 'round_robin': {
        const at = this.#next;
        this.#next = (at + 1) % count;
        return this.#callerIds[at] ?? null;
      }
      case 'by_callee':
        return this.#callerIds[this.#bestFor(number)] ?? null;
    }
  }

  #bestFor(number: string): number {
    const seed = hashOf(number);
    const hashes = this.#hashes;
    let best = 0;
    let bestScore = mixed(seed ^ (hashes[0] ?? 0));
    for (let at = 1; at < hashes.length; at++) {
      const score = mixed(seed ^ (hashes[at] ?? 0));
      if (score <= bestScore) continue;
      best = at;
      bestScore = score;
    }
    return best;
  }
}

/** FNV-1a over the characters, then mixed, so that neighbouring numbers have nothing in common. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** MurmurHash3's finalizer: each bit of the input changes half of the output's. Signed, which costs no conversion. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
