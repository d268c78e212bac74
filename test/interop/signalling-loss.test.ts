import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import type { Behaviour } from '../support/far-side-call.ts';
import { type Json, textAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { type LossyRelay, startLossyRelay } from '../support/lossy-relay.ts';
import { runSeed, seeded } from '../support/seeded.ts';
import { numbersFrom, outcomeFacts, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';

const callsPerLoss = 120;

/** The last digit of a number says what comes of a call to it, loss or no loss. */
type Fate = { readonly behaviour: Behaviour; readonly end: string; readonly outcome: Json };

const answered: Fate = {
  behaviour: { kind: 'answer', ringMs: 300, talkMs: null },
  end: 'caller-bye',
  outcome: { callStatus: 50, sipCode: '200', terminationCode: '0' },
};
const busy: Fate = {
  behaviour: { kind: 'reject', ringMs: 300, status: 486, reason: 'Busy Here' },
  end: 'rejected',
  outcome: { callStatus: 10, sipCode: '486', terminationCode: '486' },
};
const unknown: Fate = {
  behaviour: { kind: 'reject', ringMs: null, status: 404, reason: 'Not Found' },
  end: 'rejected',
  outcome: { callStatus: 60, sipCode: '404', terminationCode: '404' },
};
const unanswered: Fate = {
  behaviour: { kind: 'ring' },
  end: 'cancelled',
  outcome: { callStatus: 20, sipCode: '487', terminationCode: '1001' },
};

const fates: Readonly<Record<string, Fate>> = { 6: busy, 7: busy, 8: unknown, 9: unanswered };

function fateOf(number: string): Fate {
  return fates[number.at(-1) ?? ''] ?? answered;
}

/** A trunk that loses a share of all packets, both ways. */
type Lossy = {
  readonly percent: number;
  readonly numbers: readonly string[];
  readonly farSide: FarSide;
  readonly relay: LossyRelay;
};

async function startLossy(percent: number, seed: number): Promise<Lossy> {
  const random = seeded(seed + percent);
  // What comes after the answer must meet the relay too.
  const contactPort = (): number => relay.port;
  const farSide = await startFarSide({ behave: (number) => fateOf(number).behaviour, contactPort });
  const relay: LossyRelay = await startLossyRelay({ targetPort: farSide.port, isLost: () => random() < percent / 100 });
  return { percent, farSide, relay, numbers: numbersFrom(86200000000 + percent * 100_000, callsPerLoss) };
}

describe('signalling packets lost between the platform and the carrier', () => {
  const seed = runSeed();
  const trunks: Lossy[] = [];
  let carillon: Carillon;
  let records: readonly Json[] = [];
  before(async () => {
    carillon = await startCarillon({ legs: 200 });
    const voiceFileId = await uploadVoice(carillon, 'loss.wav');
    for (const percent of [1, 5, 10]) trunks.push(await startLossy(percent, seed));
    for (const { numbers, relay } of trunks) {
      const prefix = (numbers[0] ?? '').slice(0, 6);
      await carillon.addTrunk(relay.port, { prefixes: [prefix], maxCps: 20, maxChannels: 60 });
    }
    const numberList = trunks.flatMap(({ numbers }) => numbers);
    const taskId = await sendTask(carillon, { taskName: 'loss', voiceFileId, numberList, maxRingingTime: 20 });
    await waitForTask(carillon, taskId, 2, 120_000);
    records = await taskRecords(carillon, taskId);
    assert.equal(records.length, numberList.length);
    for (const { farSide } of trunks) await farSide.settled(40_000);
  });
  after(async () => {
    for (const { relay, farSide } of trunks) {
      await relay.close();
      await farSide.close();
    }
    await carillon?.stop();
  });

  for (const [index, percent] of [1, 5, 10].entries()) {
    test(`${percent} % lost: each callee is called once, has one record, and it says what happened`, (context) => {
      const trunk = trunks[index];
      assert.ok(trunk?.percent === percent);
      const { lost, passed } = trunk.relay.figures();
      context.diagnostic(`seed ${seed} (CARILLON_TEST_SEED repeats it): ${lost} packets lost, ${passed} passed on`);
      assert.ok(lost > 0);
      const own = records.filter((record) => trunk.numbers.includes(textAt(record, 'callee')));
      assert.deepEqual(
        own.map((record) => [textAt(record, 'callee'), outcomeFacts(record)]).sort(),
        trunk.numbers.map((number) => [number, fateOf(number).outcome]),
      );
      const entries = trunk.farSide.entries();
      assert.deepEqual(
        entries.map(({ number, end, isAcknowledged }) => [number, end, isAcknowledged]).sort(),
        trunk.numbers.map((number) => [number, fateOf(number).end, true]),
        'by the far side: every number once',
      );
      assert.equal(new Set(entries.map(({ sipCallId }) => sipCallId)).size, callsPerLoss, 'a Call-ID each');
    });
  }
});
