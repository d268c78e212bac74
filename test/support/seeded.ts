/** A repeatable generator (xorshift32) of floats in [0, 1), so that a failing run can be run again from its printed seed. */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** The seed of this run: `CARILLON_TEST_SEED`, or a new one. */
export function runSeed(): number {
  const given = Number(process.env.CARILLON_TEST_SEED ?? Number.NaN);
  return Number.isInteger(given) ? given : Date.now() & 0x7fffffff || 1;
}
