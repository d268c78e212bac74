import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { pinProcess, shareCores } from './cores.ts';
import { startAsteriskPlayer } from './media-asterisk.ts';
import { startCarillonPlayer } from './media-carillon.ts';
import { benchCodec } from './media-codec.ts';
import type { MediaContender } from './media-contender.ts';
import { type MediaStep, measureStep, type StepPlan } from './media-step.ts';
import type { BenchResult } from './result.ts';

/** A contender whose number of calls goes up until it does not carry them. */
type Climber = {
  readonly contender: MediaContender;
  readonly ladder: readonly number[];
  readonly steps: MediaStep[];
};

/** Above the ports of tests; each side has its own, so that nobody binds what another one drains. */
const ownPorts = { firstPort: 33_000, ports: 8000 };
const peerPorts = { firstPort: 41_000, ports: 8000 };
const firstFarPort = 49_000;

/**
 * Concurrent full-duplex playback calls on one core: our engine with its SIP and one media thread, and beside it Asterisk, each of which calls SIPp and plays
 * the same prompt to calls whose audio SIPp sends back. The number goes up until the 99th percentile of send lateness passes 5 ms or loss passes 0.1 %, as
 * captured on the wire; a step that is not carried is tried once more. Step for step in turn, each with fresh calls. Options: `--calls` 100,200,… and, for
 * Asterisk, `--asterisk-calls` 50,100,…, `--seconds` 15 of each step, `--rate` 100 new calls/s, `--calls-per-sipp` 250, `--codec` PCMA, PCMU or G722, `--peer asterisk`.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      calls: { type: 'string', default: '100,200,400,600,800,1000,1100,1200,1300,1400,1600,1800,2000' },
      'asterisk-calls': { type: 'string', default: '50,100,150,200,250,300,350,400,450,500,600,700,800' },
      seconds: { type: 'string', default: '15' },
      rate: { type: 'string', default: '100' },
      'calls-per-sipp': { type: 'string', default: '250' },
      codec: { type: 'string', default: 'PCMA' },
      peer: { type: 'string' },
    },
  });
  if (values.peer !== undefined && values.peer !== 'asterisk') throw new Error('the peer is asterisk');
  const codec = benchCodec(values.codec);
  const cores = shareCores();
  // Before the run, whose own load would show otherwise.
  const load = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  pinProcess(process.pid, cores.others);
  const own = climber(await startCarillonPlayer({ core: cores.measured, ...ownPorts, codec }), values.calls);
  const peer =
    values.peer === undefined
      ? null
      : climber(await startAsteriskPlayer({ core: cores.measured, ...peerPorts, codec }), values['asterisk-calls']);
  const plan = {
    ...{ callsPerS: Number(values.rate), seconds: Number(values.seconds), cores, firstFarPort, codec },
    callsPerFarSide: Number(values['calls-per-sipp']),
  };
  try {
    await climbInTurn(peer === null ? [own] : [own, peer], plan);
    return { ...resultOf(own, peer, load), codec: codec.name };
  } finally {
    await own.contender.close();
    await peer?.contender.close();
  }
}

function climber(contender: MediaContender, ladder: string): Climber {
  return { contender, ladder: ladder.split(',').map(Number), steps: [] };
}

/** One step of each after the other, so that whatever else the machine does meets both. */
async function climbInTurn(climbers: readonly Climber[], plan: Omit<StepPlan, 'calls'>): Promise<void> {
  for (let index = 0; index < Math.max(...climbers.map(({ ladder }) => ladder.length)); index += 1) {
    for (const { contender, ladder, steps } of climbers) {
      const calls = ladder[index];
      const hasFailed = steps.length > 0 && steps.at(-1)?.isCarried === false;
      if (calls === undefined || hasFailed) continue;
      for (let tries = 0; tries < 2 && steps.at(-1)?.calls !== calls; tries += 1) {
        const step = await measureStep(contender, { ...plan, calls });
        process.stderr.write(`${JSON.stringify(step)}\n`);
        if (step.isCarried || tries === 1) steps.push(step);
      }
    }
  }
}

function resultOf(own: Climber, peer: Climber | null, load: number): BenchResult {
  const ownBest = best(own);
  const peerBest = peer && best(peer);
  const value = ownBest?.calls ?? 0;
  return {
    bench: 'media',
    value,
    unit: 'concurrent full-duplex playback calls per core',
    peer: peer?.contender.name ?? null,
    peerValue: peer && (peerBest?.calls ?? 0),
    ratio: peerBest ? Math.round((value / peerBest.calls) * 100) / 100 : null,
    load,
    cpuPerCallMs: ownBest?.cpuPerCallMs ?? null,
    peerCpuPerCallMs: peerBest?.cpuPerCallMs ?? null,
    latenessP99Ms: ownBest?.latenessP99Ms ?? null,
    peerLatenessP99Ms: peerBest?.latenessP99Ms ?? null,
    notCarried: own.steps.find(({ isCarried }) => !isCarried) ?? null,
    peerNotCarried: peer?.steps.find(({ isCarried }) => !isCarried) ?? null,
    steps: [...own.steps, ...(peer?.steps ?? [])].map(({ contender, calls, latenessP99Ms, loss, cpuPerCallMs }) => ({
      ...{ contender, calls, latenessP99Ms, loss, cpuPerCallMs },
    })),
  };
}

function best({ steps }: Climber): MediaStep | null {
  return steps.findLast(({ isCarried }) => isCarried) ?? null;
}

if (import.meta.main) {
  console.log(JSON.stringify(await run(process.argv.slice(2)), null, 2));
  process.exit(0);
}
