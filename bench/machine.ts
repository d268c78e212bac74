import { type Half, halves } from '../test/support/machine-set/clip-store.ts';
import { type Judgement, judge } from '../test/support/machine-set/judge-sample.ts';
import {
  figuresOf,
  type JudgedSample,
  type MachineFigures,
  renderedHalf,
} from '../test/support/machine-set/measure-half.ts';
import type { Sample } from '../test/support/machine-set/sample.ts';
import type { BenchResult } from './result.ts';
import { judgeByTimingRule } from './timing-rule.ts';

type HalfFigures = MachineFigures & {
  /** When persons could be spoken to: the first result, from the answer. */
  readonly personFirstMs: Quantiles;
  /** When machines were known to be some. */
  readonly machineKnownMs: Quantiles;
  /** Calls judged wrong, by kind. */
  readonly missed: Readonly<Record<string, number>>;
  /** The timing rule on the same calls. */
  readonly peer: MachineFigures;
};

type Quantiles = { readonly p50: number; readonly p90: number; readonly p99: number };

/**
 * How well machines are told from people, on both halves of `test/fixtures/machine`, beside the timing rule of Asterisk's AMD. `value` is the accuracy on the half that nothing
 * was tuned on, in percent.
 */
export async function run(): Promise<BenchResult> {
  const [tuning, heldApart] = halves.map((half) => measure(half));
  if (tuning === undefined || heldApart === undefined) throw new Error('two halves are measured');
  const value = heldApart.accuracy * 100;
  const peerValue = heldApart.peer.accuracy * 100;
  return {
    ...{ bench: 'machine', value, unit: '% of calls judged right', peer: 'timing rule of Asterisk AMD', peerValue },
    ratio: Number((value / peerValue).toFixed(3)),
    ...{ tuning, heldApart },
  };
}

function measure(half: Half): HalfFigures {
  console.error(`${half}: listening to its calls ...`);
  const judged: (JudgedSample & { readonly judgement: Judgement })[] = [];
  const byRule: JudgedSample[] = [];
  for (const { sample, pcm } of renderedHalf(half)) {
    const judgement = judge(pcm);
    const verdict = { isMachine: judgement.result === 'machine', afterMs: judgement.lastAfterMs };
    judged.push({ sample, verdict, judgement });
    byRule.push({ sample, verdict: judgeByTimingRule(pcm) });
  }
  const persons = judged.filter(({ sample }) => sample.label === 'person');
  const found = judged.filter(({ sample, verdict }) => sample.label === 'machine' && verdict.isMachine);
  return {
    ...figuresOf(judged),
    personFirstMs: quantiles(persons.map(({ judgement }) => judgement.firstAfterMs ?? Number.NaN)),
    machineKnownMs: quantiles(found.map(({ judgement }) => judgement.lastAfterMs ?? Number.NaN)),
    missed: countsOf(judged.filter(({ sample, verdict }) => (sample.label === 'machine') !== verdict.isMachine)),
    peer: figuresOf(byRule),
  };
}

function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** How many were judged wrong, by what they are. */
function countsOf(judged: readonly { readonly sample: Sample }[]): Record<string, number> {
  const groups = Map.groupBy(judged, ({ sample }) => `${sample.label} ${sample.kind}`);
  return Object.fromEntries([...groups].map(([kind, members]) => [kind, members.length]));
}
