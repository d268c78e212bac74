import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ClipStore, halves, machineFixture } from './clip-store.ts';
import { drawHalf } from './draw-sample.ts';
import { judge } from './judge-sample.ts';
import { figuresOf, type JudgedSample, renderedHalf } from './measure-half.ts';
import { renderSample } from './render-sample.ts';

test('machine set: the half that nothing was tuned on is judged as well as is claimed', () => {
  const judged: JudgedSample[] = [];
  for (const { sample, pcm } of renderedHalf('held-apart')) {
    const { result, firstAfterMs, lastAfterMs } = judge(pcm);
    judged.push({ sample, verdict: { isMachine: result === 'machine', afterMs: lastAfterMs } });
    assert.ok((firstAfterMs ?? 0) <= 2500, `seed ${sample.seed} waits ${firstAfterMs} ms`);
  }
  const { accuracy, personsTakenForMachines } = figuresOf(judged);
  assert.ok(accuracy >= 0.95, `accuracy ${accuracy}`);
  assert.ok(personsTakenForMachines <= 0.01, `persons taken for machines ${personsTakenForMachines}`);
});

test('machine set: both halves have both kinds in ten languages, and share no audio', () => {
  for (const half of halves) {
    const samples = drawHalf(half);
    for (const label of ['person', 'machine']) {
      const languages = new Set(samples.filter((sample) => sample.label === label).map(({ language }) => language));
      assert.equal(languages.size, 10, `${label} in ${half}`);
    }
  }
  const [tuning, heldApart] = halves.map((half) => drawHalf(half));
  const seeds = new Set(tuning?.map(({ seed }) => seed));
  assert.ok(heldApart?.every(({ seed }) => !seeds.has(seed)));
  const [clips, otherClips] = halves.map((half) => new ClipStore(half));
  for (const name of clips?.names ?? []) assert.notDeepEqual(clips?.pcm(name), otherClips?.pcm(name), name);
});

test('machine set: the lines that are published are the calls that are measured', () => {
  for (const half of halves) {
    const lines = readFileSync(machineFixture(`samples-${half}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      drawHalf(half),
    );
  }
});

test('machine set: a seed is a call', () => {
  const clips = new ClipStore('tuning');
  const [first, second] = [drawHalf('tuning')[6], drawHalf('tuning')[6]];
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(first, second);
  assert.deepEqual(renderSample(first, clips), renderSample(second, clips));
});
