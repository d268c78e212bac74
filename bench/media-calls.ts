import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { CallEngine, Leg, TrunkTarget } from '../src/call/engine.ts';
import { createEmbeddedEngine } from '../src/engine/embedded/embedded-engine.ts';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { systemRandom } from '../src/lib/random.ts';
import { generateTones } from '../src/telephony/audio/tones.ts';
import { createMediaService } from '../src/telephony/rtp/media-service.ts';
import { createSipEndpoint } from '../src/telephony/sip/create-sip-endpoint.ts';
import { trunkTarget } from '../test/support/trunk-target.ts';
import type { FarSidePorts } from './media-calls-far.ts';
import type { BenchResult } from './result.ts';

/** CPU of the engine's process for one call, in microseconds. */
export type CallCost = {
  readonly allUs: number;
  /** Of that, the main thread: legs, SIP, talking to the media threads. */
  readonly mainThreadUs: number;
  /** Calls that ended as they should. */
  readonly ended: number;
};

const host = '127.0.0.1';
const promptMs = 100;

/**
 * What a call costs the engine in CPU, the far side not counted: `busy` is refused with 486, `played` is answered, hears a prompt of 0.1 s (five packets)
 * and is hung up on. Options: `--calls` 2000 of each, `--rate` 200 calls/s.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { calls: { type: 'string', default: '2000' }, rate: { type: 'string', default: '200' } },
    strict: false,
  });
  const load = { calls: Number(values.calls), rate: Number(values.rate) };
  const loadAverage = loadavg()[0] ?? 0;
  const far = fork(new URL('./media-calls-far.ts', import.meta.url));
  const [ports] = (await once(far, 'message')) as [FarSidePorts];
  const trunk = trunkTarget({ host, port: ports.sipPort, codecs: ['PCMA'] });
  const engine = await openEngine();
  try {
    // The first calls pay for compiling.
    await measure(engine, trunk, { ...load, calls: 600 }, '1');
    await measure(engine, trunk, { ...load, calls: 600 }, '2');
    const busy = await measure(engine, trunk, load, '2');
    const played = await measure(engine, trunk, load, '1');
    return {
      bench: 'media-calls',
      value: busy.allUs,
      unit: 'us of CPU per call refused with 486',
      peer: null,
      peerValue: null,
      ratio: null,
      loadAverage,
      busy,
      played,
    };
  } finally {
    await engine.close();
    far.disconnect();
  }
}

async function openEngine(): Promise<CallEngine> {
  const shared = { clock: systemClock, random: systemRandom(), logger: silentLogger() };
  const endpoint = await createSipEndpoint({ ...shared, host, port: 0, userAgent: 'Carillon bench' });
  const portRange = { first: 20_000, last: 29_999 };
  const media = await createMediaService({ ...shared, hosts: [host], portRange, threads: 1 });
  const engine = createEmbeddedEngine({ ...shared, endpoint, media, rtpHosts: [host] });
  const pcm = generateTones([{ frequencyHz: 440, durationMs: promptMs }], 8000);
  await engine.loadPrompt({ promptKey: 'tone', pcm, sampleRate: 8000 });
  return engine;
}

/** Makes calls to a number in step with the time, and waits for their ends. */
async function measure(
  engine: CallEngine,
  trunk: TrunkTarget,
  load: { readonly calls: number; readonly rate: number },
  number: string,
): Promise<CallCost> {
  const startCpu = process.cpuUsage();
  const startMain = process.threadCpuUsage();
  const startMs = performance.now();
  const wanted = number === '1' ? 'local-hangup' : 'rejected';
  const prefix = systemRandom().hex(4);
  let over = 0;
  let ended = 0;
  const call = (index: number): void => {
    const request = { sipCallId: `${prefix}-${index}`, trunk, number, displayNum: '1008', ringTimeoutMs: 20_000 };
    const leg: Leg = engine.dial(request, (event) => {
      if (event.type === 'answered') leg.play('tone', 1);
      if (event.type === 'play-ended') leg.hangUp();
      if (event.type !== 'ended') return;
      over += 1;
      if (event.end.cause === wanted) ended += 1;
    });
  };
  for (let started = 0; started < load.calls; ) {
    const due = Math.min(load.calls, Math.ceil(((performance.now() - startMs) / 1000) * load.rate));
    for (; started < due; started += 1) call(started);
    await delay(5);
  }
  for (let tries = 0; tries < 500 && over < load.calls; tries += 1) await delay(20);
  const all = process.cpuUsage(startCpu);
  const main = process.threadCpuUsage(startMain);
  const perCall = (usage: { user: number; system: number }): number =>
    Math.round((usage.user + usage.system) / load.calls);
  return { allUs: perCall(all), mainThreadUs: perCall(main), ended };
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(process.argv.slice(2)), null, 2));
  process.exit(0);
}
