import { randomBytes } from 'node:crypto';

/** Randomness as a dependency: seeded in tests and in the simulator, the system's otherwise. */
export interface Random {
  /** A uniform float in [0, 1). */
  float(): number;
  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string;
}

/** Backed by the operating system's generator. Hex is drawn from a pool, so that a token costs no system call. */
export function systemRandom(): Random {
  const pool = { buffer: randomBytes(4096), offset: 0 };
  return {
    float: () => Math.random(),
    hex(bytes) {
      if (pool.offset + bytes > pool.buffer.length) {
        pool.buffer = randomBytes(4096);
        pool.offset = 0;
      }
      const start = pool.offset;
      pool.offset += bytes;
      return pool.buffer.toString('hex', start, pool.offset);
    },
  };
}

/** A small, fast, repeatable generator (mulberry32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const float = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    float,
    hex: (bytes) => Array.from({ length: bytes }, () => ((float() * 256) | 0).toString(16).padStart(2, '0')).join(''),
  };
}
