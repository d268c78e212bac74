import { ClipStore, type Half } from './clip-store.ts';
import { drawHalf } from './draw-sample.ts';
import { renderSample } from './render-sample.ts';
import type { Sample } from './sample.ts';

/** What a way of telling machines said about one call. */
export type Verdict = { readonly isMachine: boolean; readonly afterMs: number | null };

export type JudgedSample = { readonly sample: Sample; readonly verdict: Verdict };

/** How right a way of telling machines was, where a machine is what is looked for. */
export type MachineFigures = {
  readonly samples: number;
  readonly accuracy: number;
  /** Of those taken for machines, how many were. */
  readonly precision: number;
  /** Of the machines, how many were taken for one. */
  readonly recall: number;
  /** Of the persons, how many were taken for machines. */
  readonly personsTakenForMachines: number;
};

/** The audio of every sample of a half, one after another. */
export function* renderedHalf(half: Half): Generator<{ readonly sample: Sample; readonly pcm: Int16Array }> {
  const clips = new ClipStore(half);
  for (const sample of drawHalf(half)) yield { sample, pcm: renderSample(sample, clips) };
}

export function figuresOf(judged: readonly JudgedSample[]): MachineFigures {
  const count = (label: Sample['label'], isMachine: boolean): number =>
    judged.filter(({ sample, verdict }) => sample.label === label && verdict.isMachine === isMachine).length;
  const found = count('machine', true);
  const missed = count('machine', false);
  const wronged = count('person', true);
  const persons = wronged + count('person', false);
  return {
    samples: judged.length,
    accuracy: share(found + persons - wronged, judged.length),
    precision: share(found, found + wronged),
    recall: share(found, found + missed),
    personsTakenForMachines: share(wronged, persons),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
