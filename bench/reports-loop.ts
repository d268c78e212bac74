import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Pool } from 'undici';
import { sampleReport } from '../src/domain/report/sample-report.ts';
import { signatureHeader } from '../src/webhook/signature.ts';

/** What a plain sender is started with. */
export type LoopSettings = {
  readonly url: string;
  readonly posts: number;
  readonly connections: number;
  readonly by: 'undici' | 'fetch';
};

/**
 * The entry of a thread that posts signed reports in plain loops, one for each connection, without a ledger, a lease or a schedule: nothing is known of what came of
 * them. Says how many milliseconds it took.
 */
if (!isMainThread && parentPort !== null) {
  const { url, posts, connections, by } = workerData as LoopSettings;
  const target = new URL(url);
  const pool = new Pool(target.origin, { connections, pipelining: 1 });
  const post = async (body: string, headers: Record<string, string>): Promise<void> => {
    if (by === 'fetch') {
      await (await fetch(url, { method: 'POST', headers, body })).arrayBuffer();
      return;
    }
    const answer = await pool.request({ path: target.pathname, method: 'POST', headers, body });
    await answer.body.dump();
  };
  let left = posts;
  const startedAt = performance.now();
  const loop = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const now = new Date();
      const body = JSON.stringify(sampleReport('abcd1234', now));
      const signature = signatureHeader('a secret', body, Math.floor(now.getTime() / 1000));
      await post(body, { 'content-type': 'application/json;charset=UTF-8', 'carillon-signature': signature });
    }
  };
  await Promise.all(Array.from({ length: connections }, loop));
  parentPort.postMessage(performance.now() - startedAt);
  parentPort.close();
  await pool.close();
}
