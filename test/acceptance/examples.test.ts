import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { type Child, startChild } from '../support/child.ts';
import type { Behaviour } from '../support/far-side-call.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { toneSequence } from '../support/tone.ts';
import { encodeWav } from '../support/wav.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

/** How each example is started, without its arguments; the row's place is in the numbers that it calls. */
const programs: readonly (readonly [language: string, command: string, file: string])[] = [
  ['curl', 'sh', 'curl/group-call.sh'],
  ['Python', 'python3', 'python/group_call.py'],
  ['PHP', 'php', 'php/group-call.php'],
  ['Java', 'java', 'java/GroupCall.java'],
  ['TypeScript', process.execPath, 'typescript/group-call.ts'],
];

/** The example in Java is compiled each time. */
const longMs = 120_000;

/** By the last digit: 1 answers, 2 is busy once, 3 is always busy. */
function behave(number: string, nth: number): Behaviour {
  const isBusy = number.endsWith('3') || (number.endsWith('2') && nth === 1);
  return isBusy
    ? { kind: 'reject', ringMs: 50, status: 486, reason: 'Busy Here' }
    : { kind: 'answer', ringMs: 50, talkMs: null };
}

let carillon: Carillon;
let farSide: FarSide;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-examples-'));
  await writeFile(join(folder, 'hello.wav'), encodeWav(toneSequence([440], 1, 0), 2));
  farSide = await startFarSide({ behave });
  carillon = await startCarillon({ env: { CARILLON_RECALL_MINUTE_MS: '1000' } });
  await carillon.addTrunk(farSide.port);
});
after(async () => {
  await carillon?.stop();
  await farSide?.close();
  await rm(folder, { recursive: true, force: true });
});

function run(command: string, file: string, numbers: readonly string[]): Promise<Child> {
  return startChild({
    command,
    args: [join(examples, file), join(folder, 'hello.wav'), ...numbers],
    env: {
      BASE_URL: `${carillon.baseUrl}/v3`,
      API_KEY: carillon.credentials.apiKey,
      API_SECRET: carillon.credentials.apiSecret,
      APP_ID: carillon.appId,
    },
    install: 'npm test -- acceptance (as root), or apt-get install curl python3 php-cli default-jdk-headless',
  });
}

for (const [index, [language, command, file]] of programs.entries()) {
  test(`the example in ${language} uploads, calls, calls again, and reads what came of it`, async () => {
    const numbers = [1, 2, 3].map((digit) => `86139000000${index}${digit}`);
    const [answers, busyOnce, busy] = numbers;
    const child = await run(command, file, numbers);
    try {
      assert.equal(await child.waitForExit(longMs), 0, child.output());
      const lines = child.output().trim().split('\n');
      const results = lines.filter((line) => line.startsWith('round '));
      assert.deepEqual(
        results.toSorted(),
        [
          `round 1: ${answers} callStatus 50`,
          `round 1: ${busyOnce} callStatus 10`,
          `round 1: ${busy} callStatus 10`,
          `round 2: ${busyOnce} callStatus 50`,
          `round 2: ${busy} callStatus 10`,
        ],
        child.output(),
      );
      assert.match(child.output(), /^file \w+\.wav\ntask \d+\n(numbers 3\n)?flow (\d+)\nflow \2 status 2\n/);
      assert.equal(lines.length, results.length + (lines.includes('numbers 3') ? 5 : 4), 'and says nothing else');
    } finally {
      await child.stop();
    }
  });

  test(`the example in ${language} fails with what the platform says of a wrong number`, async () => {
    const child = await run(command, file, ['12']);
    try {
      assert.notEqual(await child.waitForExit(longMs), 0, child.output());
      assert.match(child.output(), /-21/);
      assert.match(child.output(), /row 1 .*12.* must have 6 to 18 digits/);
    } finally {
      await child.stop();
    }
  });
}
