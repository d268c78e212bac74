// Writes the calls of the machine detection set, one a line: node_modules/.bin/node scripts/write-machine-samples.ts
import { writeFileSync } from 'node:fs';
import { halves, machineFixture } from '../test/support/machine-set/clip-store.ts';
import { drawHalf } from '../test/support/machine-set/draw-sample.ts';

for (const half of halves) {
  const lines = drawHalf(half).map((sample) => `${JSON.stringify(sample)}\n`);
  writeFileSync(machineFixture(`samples-${half}.jsonl`), lines.join(''));
}
