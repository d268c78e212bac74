import type { FastifyInstance } from 'fastify';
import type { Logger } from '../lib/logger.ts';

/** One thing that must hold before requests are sent here. Resolves to null when it does, else to what is wrong; may reject. */
export type ReadinessCheck = { readonly part: string; readonly check: () => Promise<string | null> };

/** `/healthz`: the process is up. `/readyz`: it can do its work; else 503 that says which part cannot. */
export function mountHealth(instance: FastifyInstance, checks: readonly ReadinessCheck[], logger: Logger): void {
  instance.get('/healthz', () => ({ status: 'up' }));
  instance.get('/readyz', async (_request, reply) => {
    const results = await Promise.all(
      checks.map(async ({ part, check }) => ({ part, problem: await problemOf(part, check, logger) })),
    );
    const parts = Object.fromEntries(results.map(({ part, problem }) => [part, problem ?? 'ready']));
    const isReady = results.every(({ problem }) => problem === null);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', parts });
  });
}

/** What the driver says goes to the log: it may name hosts. */
async function problemOf(part: string, check: () => Promise<string | null>, logger: Logger): Promise<string | null> {
  try {
    return await check();
  } catch (error) {
    logger.warn({ err: error, part }, 'readiness check failed');
    return 'does not answer';
  }
}
