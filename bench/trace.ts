import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { TraceMemory, TraceRecorder } from '../src/domain/trace/trace-recorder.ts';
import { tapOf } from '../src/engine/embedded/leg-trace.ts';
import { systemClock } from '../src/lib/clock.ts';
import type { MessageTap } from '../src/telephony/sip/endpoint-types.ts';
import type { BenchResult } from './result.ts';
import { stepWithCarillon } from './sip-signalling-carillon.ts';

const bounds = { maxEvents: 400, maxBytes: 256 * 1024 };

function newTap(): MessageTap {
  return tapOf(new TraceRecorder(systemClock, bounds, new TraceMemory(bounds.maxBytes)));
}

/** Who is traced: nobody, one call in a hundred (so that every message is looked at), everybody. */
const ways: Readonly<Record<string, (call: number) => MessageTap | null>> = {
  none: () => null,
  some: (call) => (call % 100 === 1 ? newTap() : null),
  all: () => newTap(),
};

/**
 * CPU of the SIP side for a call of six messages against `sipp -sn uas`, with nobody, some and everybody traced (tap, masking, recorder; not
 * the writing to PostgreSQL). In turn, `--rounds` times (5); the medians count. Also `--rate` 400 calls/s, `--seconds` 4.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rate: { type: 'string', default: '400' },
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '5' },
    },
    strict: false,
  });
  const [rate, seconds, rounds] = [Number(values.rate), Number(values.seconds), Number(values.rounds)];
  const load = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  // The first calls pay for compiling.
  for (const way of Object.values(ways)) await stepWithCarillon(200, 2, way);
  const found: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const { cpuPerCallUs } = await stepWithCarillon(rate, seconds, way);
      found[name] = [...(found[name] ?? []), cpuPerCallUs];
      console.error(`${name}: ${cpuPerCallUs} us a call`);
    }
  }
  const [none, some, all] = ['none', 'some', 'all'].map((name) => median(found[name] ?? []));
  const value = (all ?? 0) - (none ?? 0);
  const ratio = Math.round(((all ?? 0) / (none ?? 1)) * 100) / 100;
  const figures = { noneCpuPerCallUs: none, someCpuPerCallUs: some, allCpuPerCallUs: all, rate, load };
  return { bench: 'trace', value, unit: 'us/traced call', peer: null, peerValue: null, ratio, ...figures };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
