import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type SignallingStep, stepWithCarillon } from './sip-signalling-carillon.ts';
import { stepWithSipp } from './sip-signalling-sipp.ts';

export type SignallingBenchResult = {
  readonly bench: 'sip-signalling';
  /** The highest rate that was carried clean. */
  readonly value: number;
  readonly unit: 'calls/s';
  readonly peer: string | null;
  readonly peerValue: number | null;
  readonly ratio: number | null;
  readonly cores: number;
  /** Load average before the run. */
  readonly load: number;
  readonly date: string;
  /** Of our process, at that rate. */
  readonly cpuPerCallUs: number | null;
  readonly peerCpuPerCallUs: number | null;
  /** The first rate that was not carried clean; null: all were. */
  readonly notCarried: SignallingStep | null;
  readonly peerNotCarried: SignallingStep | null;
};

/**
 * Bare signalling: INVITE, 180, 200, ACK, BYE, 200 against `sipp -sn uas` on loopback. The rate goes up until a call fails, more than
 * 0.5 % of the requests are sent again, or the rate itself is not kept; each step has a UAS of its own. `--peer sipp` measures
 * SIPp's own caller the same way, step for step in turn. Options: `--rates` 400,800,… calls/s, `--seconds` 4 per step.
 */
export async function run(args: readonly string[]): Promise<SignallingBenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rates: { type: 'string', default: '400,800,1200,1600,2000,2400,2800,3200,3600,4000,4400,4800' },
      seconds: { type: 'string', default: '4' },
      peer: { type: 'string' },
    },
    strict: false,
  });
  if (values.peer !== undefined && values.peer !== 'sipp') throw new Error('the only peer is sipp');
  const rates = String(values.rates).split(',').map(Number);
  const seconds = Number(values.seconds);
  const load = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  // The first calls pay for compiling.
  await stepWithCarillon(200, 1);
  const own: SignallingStep[] = [];
  const peer: SignallingStep[] = [];
  for (const rate of rates) {
    if (own.every((step) => step.isClean)) own.push(await stepWithCarillon(rate, seconds));
    if (values.peer === 'sipp' && peer.every((step) => step.isClean)) peer.push(await stepWithSipp(rate, seconds));
  }
  const best = own.findLast((step) => step.isClean) ?? null;
  const peerBest = peer.findLast((step) => step.isClean) ?? null;
  const value = best?.rate ?? 0;
  return {
    bench: 'sip-signalling',
    value,
    unit: 'calls/s',
    peer: values.peer === 'sipp' ? 'sipp' : null,
    peerValue: peerBest?.rate ?? null,
    ratio: peerBest === null ? null : Math.round((value / peerBest.rate) * 100) / 100,
    cores: availableParallelism(),
    load,
    date: new Date().toISOString(),
    cpuPerCallUs: best?.cpuPerCallUs ?? null,
    peerCpuPerCallUs: peerBest?.cpuPerCallUs ?? null,
    notCarried: own.find((step) => !step.isClean) ?? null,
    peerNotCarried: peer.find((step) => !step.isClean) ?? null,
  };
}

if (import.meta.main) console.log(JSON.stringify(await run(process.argv.slice(2)), null, 2));
