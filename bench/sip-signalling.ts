import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchResult } from './result.ts';
import { startAsteriskCaller } from './sip-signalling-asterisk.ts';
import { type SignallingStep, stepWithCarillon } from './sip-signalling-carillon.ts';
import { stepWithSipp } from './sip-signalling-sipp.ts';

export type SignallingPeer = 'sipp' | 'asterisk';

export type SignallingBenchResult = BenchResult & {
  readonly bench: 'sip-signalling';
  /** The highest rate that was carried clean. */
  readonly value: number;
  readonly unit: 'calls/s';
  /** Load average before the run. */
  readonly load: number;
  /** Of our process, at that rate. */
  readonly cpuPerCallUs: number | null;
  readonly peerCpuPerCallUs: number | null;
  /** The first rate that was not carried clean; null: all were. */
  readonly notCarried: SignallingStep | null;
  readonly peerNotCarried: SignallingStep | null;
  /** SIPp's own caller beside it; null: not measured. `--peer asterisk` measures it too. */
  readonly sippValue: number | null;
  readonly sippRatio: number | null;
  readonly sippCpuPerCallUs: number | null;
};

/** A caller whose rate goes up until it does not carry it clean. */
type Climber = {
  readonly rates: readonly number[];
  readonly step: (rate: number, seconds: number) => Promise<SignallingStep>;
  readonly steps: SignallingStep[];
};

/**
 * Bare signalling: INVITE, 180, 200, ACK, BYE, 200 against `sipp -sn uas` on loopback. The rate goes up until a call fails, more than
 * 0.5 % of the requests are sent again, or the rate itself is not kept; each step has a UAS of its own. `--peer sipp` measures SIPp's own
 * caller the same way, step for step in turn; `--peer asterisk` measures Asterisk's `Originate` and SIPp. Options: `--rates` 400,800,… and, for Asterisk,
 * `--asterisk-rates` 100,200,… calls/s, `--seconds` 4 per step.
 */
export async function run(args: readonly string[]): Promise<SignallingBenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rates: { type: 'string', default: '400,800,1200,1600,2000,2400,2800,3200,3600,4000,4400,4800' },
      'asterisk-rates': { type: 'string', default: '100,200,300,400,500,600,700,800,900,1000,1100,1200' },
      seconds: { type: 'string', default: '4' },
      peer: { type: 'string' },
    },
    strict: false,
  });
  const peer = peerOf(values.peer);
  const load = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const asteriskCaller = peer === 'asterisk' ? await startAsteriskCaller() : null;
  try {
    // The first calls pay for compiling.
    await stepWithCarillon(200, 1);
    const own = climber(values.rates, (rate, seconds) => stepWithCarillon(rate, seconds));
    const sipp = peer === null ? null : climber(values.rates, stepWithSipp);
    const asterisk = asteriskCaller && climber(values['asterisk-rates'], asteriskCaller.step);
    await climbInTurn(
      [own, sipp, asterisk].filter((each) => each !== null),
      Number(values.seconds),
    );
    return resultOf({ own, sipp, asterisk }, peer, load);
  } finally {
    await asteriskCaller?.close();
  }
}

function peerOf(value: string | boolean | undefined): SignallingPeer | null {
  if (value === undefined) return null;
  if (value === 'sipp' || value === 'asterisk') return value;
  throw new Error('the peers are sipp and asterisk');
}

function climber(rates: string | boolean | undefined, step: Climber['step']): Climber {
  return { rates: String(rates).split(',').map(Number), step, steps: [] };
}

/** One step of each after the other, so that whatever else the machine does meets all of them. */
async function climbInTurn(climbers: readonly Climber[], seconds: number): Promise<void> {
  for (let index = 0; index < Math.max(...climbers.map(({ rates }) => rates.length)); index += 1) {
    for (const { rates, step, steps } of climbers) {
      const rate = rates[index];
      if (rate === undefined || steps.some(({ isClean }) => !isClean)) continue;
      const reached = await step(rate, seconds);
      steps.push(reached);
      process.stderr.write(`${JSON.stringify(reached)}\n`);
    }
  }
}

function best({ steps }: Climber): SignallingStep | null {
  return steps.findLast(({ isClean }) => isClean) ?? null;
}

type Climbers = { readonly own: Climber; readonly sipp: Climber | null; readonly asterisk: Climber | null };

function resultOf({ own, sipp, asterisk }: Climbers, peer: SignallingPeer | null, load: number): SignallingBenchResult {
  const other = asterisk ?? sipp;
  const ownBest = best(own);
  const peerBest = other && best(other);
  const sippBest = sipp && best(sipp);
  const value = ownBest?.rate ?? 0;
  const ratioTo = (step: SignallingStep | null): number | null =>
    step === null ? null : Math.round((value / step.rate) * 100) / 100;
  const notCarried = (climbing: Climber | null): SignallingStep | null =>
    climbing?.steps.find(({ isClean }) => !isClean) ?? null;
  return {
    bench: 'sip-signalling',
    value,
    unit: 'calls/s',
    peer,
    load,
    peerValue: peerBest?.rate ?? null,
    ratio: ratioTo(peerBest),
    cpuPerCallUs: ownBest?.cpuPerCallUs ?? null,
    peerCpuPerCallUs: peerBest?.cpuPerCallUs ?? null,
    notCarried: notCarried(own),
    peerNotCarried: notCarried(other),
    sippValue: sippBest?.rate ?? null,
    sippRatio: ratioTo(sippBest),
    sippCpuPerCallUs: sippBest?.cpuPerCallUs ?? null,
  };
}

if (import.meta.main) console.log(JSON.stringify(await run(process.argv.slice(2)), null, 2));
