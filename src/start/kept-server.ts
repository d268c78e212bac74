import type { EmbeddedServer } from '../db/embedded/server.ts';
import { createBackoff } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { delay } from '../lib/delay.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';

/** An embedded PostgreSQL that is started again when it dies. */
export type KeptServer = { readonly url: string; readonly stop: () => Promise<void> };

export type KeptServerOptions = {
  readonly start: () => Promise<EmbeddedServer>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
};

/** Starts it once, rejecting if that fails, and then keeps it running, on the same port and with the same password, until `stop`. */
export async function keepServerRunning({ start, clock, random, logger }: KeptServerOptions): Promise<KeptServer> {
  let server = await start();
  const { url } = server;
  const stopped = new AbortController();
  const watch = async (): Promise<void> => {
    const backoff = createBackoff({ firstMs: 200, maxMs: 10_000, random });
    while (!stopped.signal.aborted) {
      await server.exited;
      if (stopped.signal.aborted) return;
      logger.error('embedded PostgreSQL ended unexpectedly, starting it again');
      while (!stopped.signal.aborted) {
        try {
          await delay(clock, backoff.next(), stopped.signal);
          server = await start();
          backoff.reset();
          if (server.url !== url) logger.error('embedded PostgreSQL could not get its port back: restart Carillon');
          break;
        } catch (error) {
          if (!stopped.signal.aborted) logger.error({ err: error }, 'embedded PostgreSQL did not start, retrying');
        }
      }
    }
  };
  const watching = watch();
  return {
    url,
    async stop() {
      stopped.abort();
      await server.stop();
      await watching;
    },
  };
}
