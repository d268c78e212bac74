/** More are not asked at once: a probe is to tell whether a trunk is there, not to count its servers. */
const maxServers = 8;

/**
 * Asks all servers of a trunk at the same time: the trunk is there when one of them is, and a silent first one must not make it look
 * dead. Resolves with the first status that says so, else with what else was said once all have ended; null: nobody said anything.
 */
export function probeServers<H>(
  servers: readonly H[],
  ask: (server: H) => Promise<number | null>,
): Promise<number | null> {
  const asked = servers.slice(0, maxServers);
  return new Promise((resolve, reject) => {
    let left = asked.length;
    let refusal: number | null = null;
    const hear = (status: number | null): void => {
      left -= 1;
      // Who is overloaded, or heard from nobody behind him, takes no calls now; whoever else answers does.
      const isAlive = status !== null && status !== 503 && status !== 408;
      if (!isAlive) refusal ??= status;
      if (isAlive) resolve(status);
      else if (left === 0) resolve(refusal);
    };
    if (left === 0) resolve(null);
    for (const server of asked) ask(server).then(hear, reject);
  });
}
