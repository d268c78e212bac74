import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type MemorySample, trendOf } from './memory-trend.ts';
import type { BenchResult } from './result.ts';
import { run as measureSignalling } from './sip-signalling.ts';
import { CallLoad, openBenchEndpoint } from './sip-signalling-carillon.ts';
import { startUas, stopSipp } from './sip-signalling-uas.ts';

const sampleEveryMs = 10_000;
/** Ended calls linger for 32 s (timers D and K of RFC 3261, H of the 2xx); until twice that has passed the heap grows as it should. */
const warmUpS = 64;

/**
 * Whether memory stays flat under bare signalling: calls against `sipp -sn uas` at half the rate that `sip-signalling` finds to be clean, or at `--rate`, for `--minutes` 10.
 * Every 10 s the heap is collected and measured, and the resident size with it; a line through the samples after the first minute tells. `value` is what that line
 * gains in heap, MB a minute.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string' }, peer: { type: 'string' } },
  });
  if (values.peer !== undefined) throw new Error('bench soak has no peer to measure beside');
  const load = loadavg()[0] ?? 0;
  const rate = values.rate === undefined ? Math.round((await measureSignalling([])).value / 2) : Number(values.rate);
  const seconds = Number(values.minutes) * 60;
  if (seconds < 2 * warmUpS) throw new Error('--minutes must be 3 at least');
  const { samples, failed, calls, reached, retransmissions } = await soak(rate, seconds);
  const heap = trendOf(samples, 'heapMb', warmUpS);
  const rss = trendOf(samples, 'rssMb', warmUpS);
  return {
    bench: 'soak',
    value: heap.slopeMbPerMinute,
    unit: 'MB of heap a minute',
    peer: null,
    peerValue: null,
    ratio: null,
    isFlat: heap.isFlat && rss.isFlat,
    load,
    rate,
    reached,
    calls,
    failed,
    retransmissions,
    heap,
    rss,
    samples,
  };
}

async function soak(rate: number, seconds: number) {
  const collect = garbageCollector();
  const uas = await startUas(seconds + 60);
  const endpoint = await openBenchEndpoint();
  const samples: MemorySample[] = [];
  const startMs = performance.now();
  const sample = (): void => {
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    const toMb = (bytes: number): number => Math.round((bytes / 1e6) * 10) / 10;
    samples.push({ atS: Math.round((performance.now() - startMs) / 1000), rssMb: toMb(rss), heapMb: toMb(heapUsed) });
    process.stderr.write(`${JSON.stringify(samples.at(-1))}\n`);
  };
  const sampling = setInterval(sample, sampleEveryMs);
  try {
    const calls = new CallLoad(endpoint, uas.port, { total: rate * seconds, tapOf: () => null });
    const elapsedS = await calls.start(rate);
    clearInterval(sampling);
    await calls.settle();
    return {
      samples,
      calls: calls.total,
      failed: calls.total - calls.succeeded,
      reached: Math.round(calls.total / elapsedS),
      retransmissions: endpoint.figures().requestsRetransmitted,
    };
  } finally {
    clearInterval(sampling);
    await endpoint.close(0);
    await stopSipp(uas);
  }
}

/** A full collection on demand, without a flag on the command line. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(process.argv.slice(2))));
  process.exit(0);
}
