import { frameSamples } from '../../../src/telephony/machine/frame-analyzer.ts';
import { MachineEar } from '../../../src/telephony/machine/machine-ear.ts';
import type { MachineFinding } from '../../../src/telephony/machine/machine-finding.ts';

/** What came of listening to one call from the answer on; `unsure` counts as a person. Times from the answer, null: it did not happen. */
export type Judgement = {
  readonly result: 'person' | 'machine' | 'unsure';
  readonly rule: string;
  /** When the first result was told: the prompt waits until then. */
  readonly firstAfterMs: number | null;
  /** When the last one was. */
  readonly lastAfterMs: number | null;
  /** When a machine was taken to record. */
  readonly recordsAfterMs: number | null;
};

/** Plays a call to the detector as the media thread does. */
export function judge(pcm: Int16Array): Judgement {
  let nowMs = 0;
  let judgement: Judgement = {
    result: 'unsure',
    rule: 'none',
    firstAfterMs: null,
    lastAfterMs: null,
    recordsAfterMs: null,
  };
  const tell = (finding: MachineFinding): void => {
    judgement = withFinding(judgement, finding);
  };
  const ear = new MachineEar({ tell, now: () => nowMs });
  ear.answered();
  for (let from = 0; from < pcm.length && !ear.isDone; from += frameSamples) {
    ear.hear(pcm.subarray(from, from + frameSamples));
    nowMs += frameSamples / 8;
  }
  return judgement;
}

function withFinding(before: Judgement, finding: MachineFinding): Judgement {
  switch (finding.type) {
    case 'early-tone':
      return before;
    case 'answerer': {
      const { result, evidence, decidedAfterMs } = finding;
      const firstAfterMs = before.firstAfterMs ?? decidedAfterMs;
      return { ...before, result, rule: String(evidence.rule), firstAfterMs, lastAfterMs: decidedAfterMs };
    }
    case 'records':
      return { ...before, recordsAfterMs: Number(finding.evidence.recordsAfterMs) };
  }
}
