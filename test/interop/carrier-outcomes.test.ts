import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { at, type Json } from '../support/json.ts';
import { startFarSide } from '../support/ledger.ts';
import { type LossyRelay, startLossyRelay } from '../support/lossy-relay.ts';
import { runSeed, seeded } from '../support/seeded.ts';
import { type Sipp, startSippServer } from '../support/sipp.ts';
import { numbersFrom, outcomeFacts, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';

const scenario = (name: string): string => fileURLToPath(new URL(`./carrier/${name}.xml`, import.meta.url));
const rightPassword = { username: 'carillon', password: 's3cret trunk' };

type Case = {
  readonly title: string;
  readonly scenario: string;
  /** The carrier serves these numbers only, so that each case has its own. */
  readonly prefix: string;
  readonly trunk?: { readonly [key: string]: Json };
  readonly expected: Json;
};

const cases: readonly Case[] = [
  {
    title: 'an answered call',
    scenario: 'uas-answer',
    prefix: '86110',
    expected: { callStatus: 50, sipCode: '200', terminationCode: '0' },
  },
  {
    title: 'a call that the far end hangs up',
    scenario: 'uas-bye-first',
    prefix: '86111',
    expected: { callStatus: 50, sipCode: '200', terminationCode: '0' },
  },
  {
    title: 'busy after ringing',
    scenario: 'uas-busy',
    prefix: '86112',
    expected: { callStatus: 10, sipCode: '486', terminationCode: '486' },
  },
  {
    title: 'an unknown number, refused before ringing',
    scenario: 'uas-unavailable',
    prefix: '86113',
    expected: { callStatus: 60, sipCode: '404', terminationCode: '404' },
  },
  {
    title: 'no answer: our CANCEL after maxRingingTime',
    scenario: 'uas-expect-cancel',
    prefix: '86114',
    expected: { callStatus: 20, sipCode: '487', terminationCode: '1001' },
  },
  {
    title: 'an answer that crosses our CANCEL: ACK and BYE, and still no answer',
    scenario: 'uas-answer-after-cancel',
    prefix: '86115',
    expected: { callStatus: 20, sipCode: '200', terminationCode: '1001' },
  },
  {
    title: 'a trunk that challenges with 401',
    scenario: 'uas-challenge-401',
    prefix: '86116',
    trunk: rightPassword,
    expected: { callStatus: 50, sipCode: '200', terminationCode: '0' },
  },
  {
    title: 'a trunk that challenges with 407',
    scenario: 'uas-challenge-407',
    prefix: '86117',
    trunk: rightPassword,
    expected: { callStatus: 50, sipCode: '200', terminationCode: '0' },
  },
  {
    title: 'a trunk for which the password is wrong',
    scenario: 'uas-challenge-401',
    prefix: '86118',
    trunk: { username: 'carillon', password: 'guessed' },
    expected: { callStatus: 60, sipCode: '403', terminationCode: '403' },
  },
];

describe('SIPp as the carrier', () => {
  let carillon: Carillon;
  let voiceFileId: string;
  before(async () => {
    carillon = await startCarillon();
    voiceFileId = await uploadVoice(carillon, 'prompt.wav');
  });
  after(() => carillon?.stop());

  describe('one task over nine carriers', () => {
    const carriers: Sipp[] = [];
    let records: readonly Json[] = [];
    before(async () => {
      for (const { scenario: name, prefix, trunk } of cases) {
        const carrier = await startSippServer({ scenario: scenario(name), calls: 1 });
        carriers.push(carrier);
        await carillon.addTrunk(carrier.port, { prefixes: [prefix], ...trunk });
      }
      const taskId = await sendTask(carillon, {
        taskName: 'nine carriers',
        voiceFileId,
        numberList: cases.map(({ prefix }) => `${prefix}000001`),
      });
      await waitForTask(carillon, taskId, 2, 60_000);
      records = await taskRecords(carillon, taskId);
    });
    after(() => Promise.all(carriers.map((carrier) => carrier.stop())));

    cases.forEach(({ title, prefix, expected }, index) => {
      test(title, async () => {
        const carrier = carriers[index];
        assert.ok(carrier);
        const { exitCode, errors } = await carrier.finished(20_000);
        assert.equal(exitCode, 0, `SIPp is not content: ${errors}`);
        const own = records.filter((record) => at(record, 'callee') === `${prefix}000001`);
        assert.deepEqual(own.map(outcomeFacts), [expected]);
      });
    });
  });

  test('a fifth of all signalling packets lost: every call is carried, and none made twice', async (context) => {
    const seed = runSeed();
    context.diagnostic(`seed ${seed} (CARILLON_TEST_SEED repeats it)`);
    const random = seeded(seed);
    const numbers = numbersFrom(86120000000, 40);
    // Not SIPp: it aborts a call when an INVITE comes again after two provisional responses.
    const contactPort = (): number => relay.port;
    const farSide = await startFarSide({ behave: () => ({ kind: 'answer', ringMs: 500, talkMs: null }), contactPort });
    const relay: LossyRelay = await startLossyRelay({ targetPort: farSide.port, isLost: () => random() < 0.2 });
    try {
      await carillon.addTrunk(relay.port, { prefixes: ['86120'] });
      const taskId = await sendTask(carillon, { taskName: 'lossy', voiceFileId, numberList: numbers });
      await waitForTask(carillon, taskId, 2, 60_000);
      assert.deepEqual(
        (await taskRecords(carillon, taskId)).map(outcomeFacts),
        numbers.map(() => ({ callStatus: 50, sipCode: '200', terminationCode: '0' })),
      );
      assert.deepEqual(
        farSide
          .entries()
          .map(({ number }) => number)
          .sort(),
        numbers,
      );
      await farSide.settled(40_000);
      assert.ok(farSide.entries().every(({ isAcknowledged, end }) => isAcknowledged && end === 'caller-bye'));
      const { lost, passed } = relay.figures();
      const again = farSide.entries().reduce((sum, { retransmissions }) => sum + retransmissions, 0);
      context.diagnostic(`${lost} packets lost, ${passed} passed on; ${again} INVITEs arrived more than once`);
      assert.ok(lost > 0);
    } finally {
      await relay.close();
      await farSide.close();
    }
  });
});
