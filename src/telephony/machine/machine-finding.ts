import type { Answerer, DetectorFinding } from './machine-detector.ts';
import type { ToneSignal } from './tone-signals.ts';

/** What was found out about who answered, in a form that goes from thread to thread and into a record. */
export type MachineFinding =
  /** Before the answer. */
  | { readonly type: 'early-tone'; readonly tone: NetworkTone }
  | {
      readonly type: 'answerer';
      readonly result: Answerer;
      /** A machine that may record. */
      readonly hasMailbox: boolean;
      /** What the result rests on; times in ms. */
      readonly evidence: MachineEvidence;
      /** From the answer. */
      readonly decidedAfterMs: number;
    }
  /** `evidence`: what is known in addition. */
  | { readonly type: 'records'; readonly after: 'beep' | 'silence'; readonly evidence: MachineEvidence };

export type MachineEvidence = Readonly<Record<string, string | number>>;

/** A tone of the network: special information tones by what they mean, and others by name. */
export type NetworkTone =
  | 'intercept'
  | 'vacant'
  | 'reorder'
  | 'no-circuit'
  | 'unavailable'
  | 'busy'
  | 'congestion'
  | 'fax';

/** Null: it is nothing to tell. */
export function machineFindingOf(finding: DetectorFinding): MachineFinding | null {
  switch (finding.type) {
    case 'early-tone': {
      const tone = networkToneOf(finding.signal);
      return tone === null ? null : { type: 'early-tone', tone };
    }
    case 'answerer': {
      const { result, rule, probability, timing, signal } = finding;
      const { firstMs, lastMs, voicedMs, words, longestPauseMs } = timing;
      return {
        type: 'answerer',
        result,
        hasMailbox: result === 'machine' && rule !== 'tones',
        evidence: {
          rule,
          ...(probability !== null && { probability: Number(probability.toFixed(3)) }),
          ...(firstMs !== null && {
            initialSilenceMs: firstMs,
            greetingMs: lastMs - firstMs,
            speechMs: voicedMs,
            longestPauseMs,
          }),
          words,
          ...evidenceOf(signal),
        },
        decidedAfterMs: timing.nowMs,
      };
    }
    case 'records': {
      const after = finding.signal === null ? 'silence' : 'beep';
      return { type: 'records', after, evidence: { recordsAfterMs: finding.atMs, ...evidenceOf(finding.signal) } };
    }
  }
}

function evidenceOf(signal: ToneSignal | null): MachineEvidence {
  if (signal === null) return {};
  if (signal.type === 'beep') return { beepHz: signal.hz, beepMs: signal.durationMs };
  return { tone: networkToneOf(signal) ?? signal.type };
}

function networkToneOf(signal: ToneSignal): NetworkTone | null {
  switch (signal.type) {
    case 'sit':
      return signal.kind === 'general' ? 'unavailable' : signal.kind;
    case 'busy':
    case 'congestion':
    case 'fax':
      return signal.type;
    case 'beep':
      return null;
  }
}
