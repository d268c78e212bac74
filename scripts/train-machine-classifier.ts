// Finds the coefficients of machine detection anew, on the tuning half of the set: node_modules/.bin/node scripts/train-machine-classifier.ts
// Writes src/telephony/machine/machine-coefficients.ts. Takes a minute; the same set gives the same coefficients.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Checkpoint, checkpointOf } from '../src/telephony/machine/checkpoint.ts';
import { FrameAnalyzer, frameSamples } from '../src/telephony/machine/frame-analyzer.ts';
import { featureNames, featuresOf } from '../src/telephony/machine/greeting-features.ts';
import { initialTiming, type SpeechTiming, stepTiming } from '../src/telephony/machine/speech-timing.ts';
import { VoiceActivity } from '../src/telephony/machine/voice-activity.ts';
import { ClipStore } from '../test/support/machine-set/clip-store.ts';
import { drawHalf } from '../test/support/machine-set/draw-sample.ts';
import { renderSample } from '../test/support/machine-set/render-sample.ts';

type Row = { readonly features: readonly number[]; readonly isMachine: boolean; readonly weight: number };

/** What the detector would have seen after this long does not matter any more. */
const untilMs = 15_000;
/** The same call spoken slower and quicker, so that the few sentences of the set are not learnt by heart. */
const tempos = [0.8, 1, 1.25];
/** Keeps coefficients of features that say nearly the same small. */
const ridge = 0.3;
const rounds = 30;

const rows: Record<Checkpoint, Row[]> = { speech: [], pause: [] };
const clips = new ClipStore('tuning');
for (const sample of drawHalf('tuning')) {
  const pcm = renderSample(sample, clips);
  const found = checkpointsOf(pcm);
  for (const kind of ['speech', 'pause'] as const) {
    const ofKind = found.filter((row) => row.kind === kind);
    // Each call counts the same, however long it is.
    const weight = 1 / Math.sqrt(ofKind.length) / tempos.length;
    for (const { timing } of ofKind) {
      for (const tempo of tempos)
        rows[kind].push({ features: featuresOf(at(timing, tempo)), isMachine: sample.label === 'machine', weight });
    }
  }
}
const text = [
  '// Written by scripts/train-machine-classifier.ts; the order is that of featureNames.',
  `export const speechCoefficients: readonly number[] = ${listOf(fit(rows.speech))};`,
  `export const pauseCoefficients: readonly number[] = ${listOf(fit(rows.pause))};`,
];
const file = fileURLToPath(new URL('../src/telephony/machine/machine-coefficients.ts', import.meta.url));
writeFileSync(file, `${text.join('\n')}\n`);

function checkpointsOf(pcm: Int16Array): { readonly kind: Checkpoint; readonly timing: SpeechTiming }[] {
  const analyzer = new FrameAnalyzer();
  const voice = new VoiceActivity();
  const found: { kind: Checkpoint; timing: SpeechTiming }[] = [];
  let timing = initialTiming;
  for (let from = 0; from + frameSamples <= pcm.length && timing.nowMs < untilMs; from += frameSamples) {
    timing = stepTiming(timing, voice.hears(analyzer.analyze(pcm.subarray(from, from + frameSamples))));
    const kind = checkpointOf(timing);
    if (kind !== null) found.push({ kind, timing });
  }
  return found;
}

/** The times of a call that lasted `tempo` times as long. */
function at(timing: SpeechTiming, tempo: number): SpeechTiming {
  const { nowMs, firstMs, lastMs, runMs, voicedMs, longestPauseMs } = timing;
  return {
    ...timing,
    nowMs: nowMs * tempo,
    firstMs: firstMs === null ? null : firstMs * tempo,
    lastMs: lastMs * tempo,
    runMs: runMs * tempo,
    voicedMs: voicedMs * tempo,
    longestPauseMs: longestPauseMs * tempo,
  };
}

/** The coefficients of the likeliest logistic regression: Newton's method. */
function fit(all: readonly Row[]): number[] {
  const size = featureNames.length;
  let coefficients = Array.from({ length: size }, () => 0);
  for (let round = 0; round < rounds; round += 1) {
    const gradient = coefficients.map((coefficient) => -ridge * coefficient);
    const curvature = coefficients.map((_, row) =>
      coefficients.map((__, column): number => (row === column ? ridge : 0)),
    );
    for (const { features, isMachine, weight } of all) {
      const sum = features.reduce((total, feature, index) => total + feature * (coefficients[index] ?? 0), 0);
      const probability = 1 / (1 + Math.exp(-sum));
      const steepness = weight * probability * (1 - probability);
      for (const [index, feature] of features.entries()) {
        gradient[index] = (gradient[index] ?? 0) + weight * ((isMachine ? 1 : 0) - probability) * feature;
        const line = curvature[index] ?? [];
        for (const [column, other] of features.entries())
          line[column] = (line[column] ?? 0) + steepness * feature * other;
      }
    }
    const step = solve(curvature, gradient);
    coefficients = coefficients.map((coefficient, index) => coefficient + (step[index] ?? 0));
  }
  return coefficients;
}

/** Gauss's elimination; the matrix is positive definite. */
function solve(matrix: number[][], right: number[]): number[] {
  const rowsLeft = matrix.map((line, index) => [...line, right[index] ?? 0]);
  for (const [pivot, line] of rowsLeft.entries()) {
    for (const [index, other] of rowsLeft.entries()) {
      if (index === pivot) continue;
      const factor = (other[pivot] ?? 0) / (line[pivot] ?? 1);
      for (let column = pivot; column < other.length; column += 1)
        other[column] = (other[column] ?? 0) - factor * (line[column] ?? 0);
    }
  }
  return rowsLeft.map((line, index) => (line.at(-1) ?? 0) / (line[index] ?? 1));
}

function listOf(coefficients: readonly number[]): string {
  return `[${coefficients.map((coefficient) => Number(coefficient.toFixed(2))).join(', ')}]`;
}
