import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import type { Behaviour, LedgerEntry } from '../support/far-side-call.ts';
import { at, type Json, numberAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { numbersFrom, outcomeFacts, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { toneSequence } from '../support/tone.ts';
import { until } from '../support/until.ts';

const callees = 300;
const channels = 60;
/** The prompt is played this many times a second each; then the caller hangs up. */
const playedS = 6;
const awayMs = 20_000;
/** What had left for the network before the database went, or was claimed and waited for its turn. */
const graceMs = 1500;

function behave(number: string): Behaviour {
  switch (Number(number.at(-1))) {
    case 8:
      return { kind: 'reject', ringMs: 2000, status: 486, reason: 'Busy Here' };
    case 9:
      return { kind: 'reject', ringMs: null, status: 404, reason: 'Not Found' };
    default:
      return { kind: 'answer', ringMs: 300, talkMs: null };
  }
}

function truthOf(number: string): Json {
  switch (Number(number.at(-1))) {
    case 8:
      return { callStatus: 10, sipCode: '486', terminationCode: '486' };
    case 9:
      return { callStatus: 60, sipCode: '404', terminationCode: '404' };
    default:
      return { callStatus: 50, sipCode: '200', terminationCode: '0' };
  }
}

/** Stops every process of the server where it is, as a hung disk or a suspended machine does: connections stay, nobody answers. */
async function freeze(carillon: Carillon): Promise<void> {
  const processes = await carillon.databaseProcesses();
  for (const { pid } of processes) process.kill(pid, 'SIGSTOP');
  await sleep(awayMs);
  for (const { pid } of processes) process.kill(pid, 'SIGCONT');
}

/** Kills the server; the supervisor starts it again. */
async function kill(carillon: Carillon): Promise<void> {
  const [postmaster] = await carillon.databaseProcesses();
  assert.ok(postmaster);
  process.kill(postmaster.pid, 'SIGKILL');
  await until(
    async () => {
      const [next] = await carillon.databaseProcesses();
      return next !== undefined && next.pid !== postmaster.pid;
    },
    { what: 'PostgreSQL to be started again', timeoutMs: 30_000, detail: () => carillon.log() },
  );
}

const absences: readonly (readonly [name: string, goAway: (carillon: Carillon) => Promise<void>, first: number])[] = [
  [`frozen for ${awayMs / 1000} s`, freeze, 8613800000000],
  ['killed', kill, 8613810000000],
];

describe('PostgreSQL away while calls are made', () => {
  let carillon: Carillon;
  let farSide: FarSide;
  let voiceFileId: string;
  before(async () => {
    farSide = await startFarSide({ behave });
    carillon = await startCarillon({ legs: 2 * channels });
    await carillon.addTrunk(farSide.port, { maxCps: 50, maxChannels: channels });
    voiceFileId = await uploadVoice(carillon, 'away.wav', toneSequence([440], 1, 0));
  });
  after(async () => {
    await carillon?.stop();
    await farSide?.close();
  });

  for (const [name, goAway, first] of absences) {
    test(`${name}: calls go on to their end, none begins, and afterwards everybody has one record with the truth`, async (context) => {
      const numbers = numbersFrom(first, callees);
      const isOurs = ({ number }: LedgerEntry): boolean => Number(number) >= first && Number(number) < first + callees;
      const calls = (): LedgerEntry[] => farSide.entries().filter(isOurs);
      const pids = [await carillon.pidOf('api'), await carillon.pidOf('dialer')];
      const taskId = await sendTask(carillon, {
        taskName: `database ${name}`,
        voiceFileId,
        loopCount: playedS,
        numberList: numbers,
      });
      await until(() => farSide.inFlight() >= 50, {
        what: '50 calls in flight',
        timeoutMs: 20_000,
        detail: () => carillon.log(),
      });
      const inProgress = new Set(calls().flatMap(({ end, sipCallId }) => (end === null ? [sipCallId] : [])));
      const goneAt = performance.now();
      await goAway(carillon);
      const backAt = performance.now();

      const awayS = (backAt - goneAt) / 1000;
      if (awayS > playedS + 4) {
        const open = calls().filter(({ sipCallId, end }) => inProgress.has(sipCallId) && end === null);
        assert.deepEqual(open, [], 'calls in progress came to their end while the database was away');
        const begun = calls().filter(({ atMs }) => atMs > goneAt + graceMs && atMs < backAt);
        assert.deepEqual(begun, [], 'calls were begun without a database');
      }
      const next = await until(() => calls().find(({ atMs }) => atMs > backAt) ?? null, {
        what: 'a call after the database is back',
        timeoutMs: 30_000,
        detail: () => carillon.log(),
      });
      const finished = await waitForTask(carillon, taskId, 2, 90_000);
      context.diagnostic(
        `away ${awayS.toFixed(1)} s, ${inProgress.size} calls in progress, next call ${Math.round(next.atMs - backAt)} ms after`,
      );

      assert.deepEqual(
        calls()
          .map(({ number }) => number)
          .sort(),
        numbers,
        'everybody was called once',
      );
      const records = await taskRecords(carillon, taskId);
      assert.deepEqual(records.map((record) => String(at(record, 'callee'))).sort(), numbers, 'one record a callee');
      for (const record of records) {
        assert.deepEqual(outcomeFacts(record), truthOf(String(at(record, 'callee'))), String(at(record, 'callee')));
      }
      assert.equal(numberAt(finished, 'numCnt'), callees);
      const unended = calls().filter(({ isAnswered, end }) => isAnswered && end !== 'caller-bye');
      assert.deepEqual(unended, [], 'every call that was answered had its BYE');
      const heard = farSide.rtp
        .streams()
        .filter(({ firstAtMs, packets }) => firstAtMs > 0 && packets >= playedS * 50 * 0.9);
      const answered = farSide.entries().filter(({ isAnswered }) => isAnswered);
      assert.equal(heard.length, answered.length, 'everybody who answered heard the whole prompt');
      assert.deepEqual([await carillon.pidOf('api'), await carillon.pidOf('dialer')], pids, 'no process ended');
    });
  }
});
