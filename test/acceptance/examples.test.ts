import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import type { Child } from '../support/child.ts';
import {
  type ExampleLanguage,
  type ExampleReceiver,
  exampleLanguages,
  receiverUrl,
  startExample,
  startReceiver,
} from '../support/example-programs.ts';
import type { Behaviour } from '../support/far-side-call.ts';
import { freePort } from '../support/free-port.ts';
import { textAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { toneSequence } from '../support/tone.ts';
import { until } from '../support/until.ts';
import { encodeWav } from '../support/wav.ts';

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
  carillon = await startCarillon({ env: { CARILLON_RECALL_MINUTE_MS: '1000', CARILLON_REPORT_NETWORKS: '127.0.0.1' } });
  await carillon.addTrunk(farSide.port);
});
after(async () => {
  await carillon?.stop();
  await farSide?.close();
  await rm(folder, { recursive: true, force: true });
});

/** An app whose reports go to the receiver of the language, where there is one. */
async function startLanguage({ language, command, receiver: file }: ExampleLanguage) {
  const { accountId } = carillon;
  const port = await freePort();
  const reportUrl = file === null ? null : receiverUrl(port);
  const app = await carillon.admin('POST', '/apps', { accountId, name: language, kind: 'voice', reportUrl });
  const appId = textAt(app, 'appId');
  if (file === null) return { appId, receiver: null };
  const secret = textAt(await carillon.admin('GET', `/apps/${appId}/report-secret`), 'reportSecret');
  const receiver = await startReceiver(command, file, { port, secret });
  return { appId, receiver };
}

function startGroupCall(program: ExampleLanguage, appId: string, numbers: readonly string[]): Promise<Child> {
  const { apiKey, apiSecret } = carillon.credentials;
  const env = { BASE_URL: `${carillon.baseUrl}/v3`, API_KEY: apiKey, API_SECRET: apiSecret, APP_ID: appId };
  return startExample(program.command, program.groupCall, [join(folder, 'hello.wav'), ...numbers], env);
}

for (const [index, program] of exampleLanguages.entries()) {
  describe(`the examples in ${program.language}`, () => {
    let appId: string;
    let receiver: ExampleReceiver | null = null;
    before(async () => {
      ({ appId, receiver } = await startLanguage(program));
    });
    after(() => receiver?.stop());

    test('upload, call, call again, read what came of it, and receive the reports', async () => {
      const numbers = [1, 2, 3].map((digit) => `86139000000${index}${digit}`);
      const [answers, busyOnce, busy] = numbers;
      const child = await startGroupCall(program, appId, numbers);
      try {
        assert.equal(await child.waitForExit(longMs), 0, child.output());
        const lines = child.output().trim().split('\n');
        const results = lines.filter((line) => line.startsWith('round '));
        const expected = [
          `round 1: ${answers} callStatus 50`,
          `round 1: ${busyOnce} callStatus 10`,
          `round 1: ${busy} callStatus 10`,
          `round 2: ${busyOnce} callStatus 50`,
          `round 2: ${busy} callStatus 10`,
        ];
        assert.deepEqual(results.toSorted(), expected, child.output());
        assert.match(child.output(), /^file \w+\.wav\ntask \d+\n(numbers 3\n)?flow (\d+)\nflow \2 status 2\n/);
        assert.equal(lines.length, results.length + (lines.includes('numbers 3') ? 5 : 4), 'and says nothing else');
        await assertReported(receiver, expected);
      } finally {
        await child.stop();
      }
    });

    test('fail with what the platform says of a wrong number', async () => {
      const child = await startGroupCall(program, appId, ['12']);
      try {
        assert.notEqual(await child.waitForExit(longMs), 0, child.output());
        assert.match(child.output(), /-21/);
        assert.match(child.output(), /row 1 .*12.* must have 6 to 18 digits/);
      } finally {
        await child.stop();
      }
    });
  });
}

/** One signed report of every call has come. */
async function assertReported(receiver: ExampleReceiver | null, results: readonly string[]): Promise<void> {
  if (receiver === null) return;
  await until(() => receiver.shown().length >= results.length, {
    what: 'a report of every call',
    timeoutMs: 60_000,
    detail: () => `${receiver.shown().join('\n')}\n${carillon.log()}`,
  });
  const reported = receiver.shown().map((line) => line.replace(/^report \w+ /, ''));
  assert.deepEqual(reported.toSorted(), results.map((line) => line.replace(/^round \d: /, '')).toSorted());
}
