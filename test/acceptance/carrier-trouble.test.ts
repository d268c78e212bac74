import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, afterEach, before, describe, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import type { Behaviour } from '../support/far-side-call.ts';
import { at, type Json, numberAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { numbersFrom, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const answer: Behaviour = { kind: 'answer', ringMs: 100, talkMs: 300 };
const unavailable: Behaviour = { kind: 'reject', ringMs: null, status: 503, reason: 'Service Unavailable' };

/** A trunk whose packets go nowhere: no answer, and no ICMP error either. */
type SilentTrunk = { readonly port: number; readonly invites: () => number; readonly close: () => Promise<void> };

async function startSilentTrunk(): Promise<SilentTrunk> {
  const socket = createSocket('udp4');
  const calls = new Set<string>();
  socket.on('message', (packet) => {
    const text = packet.toString('latin1');
    if (text.startsWith('INVITE')) calls.add(/^Call-ID:\s*(.*)$/im.exec(text)?.[1] ?? '');
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    invites: () => calls.size,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

describe('a carrier in trouble', () => {
  let carillon: Carillon;
  let voiceFileId: string;
  const trunks: number[] = [];
  const closers: (() => Promise<void>)[] = [];
  before(async () => {
    // Four ports a leg: a port rests for seconds after each of these short calls.
    carillon = await startCarillon({ legs: 200 });
    voiceFileId = await uploadVoice(carillon, 'trouble.wav');
  });
  afterEach(async () => {
    for (const trunkId of trunks.splice(0)) await carillon.admin('DELETE', `/trunks/${trunkId}`);
    for (const close of closers.splice(0)) await close();
  });
  after(() => carillon?.stop());

  async function farSide(behave: (number: string, nth: number) => Behaviour): Promise<FarSide> {
    const side = await startFarSide({ behave });
    closers.push(() => side.close());
    return side;
  }

  async function trunk(port: number, priority = 10): Promise<void> {
    trunks.push(await carillon.addTrunk(port, { maxCps: 40, maxChannels: 50, priority }));
  }

  const send = (taskName: string, numberList: readonly string[]): Promise<number> =>
    sendTask(carillon, { taskName, voiceFileId, numberList: [...numberList] });

  async function waitingReason(taskId: number, pattern: RegExp): Promise<void> {
    let last: Json = null;
    await until(
      async () => {
        last = (await carillon.get(`/group/call/detail/${taskId}`)).data;
        return pattern.test(String(at(last, 'waitingReason')));
      },
      { what: `${pattern} in the detail`, timeoutMs: 60_000, detail: () => JSON.stringify(last) + carillon.log() },
    );
  }

  /** One record a callee; how many there are of each call status and code. */
  async function outcomesOf(taskId: number, numbers: readonly string[]): Promise<Record<string, number>> {
    const records = await taskRecords(carillon, taskId);
    assert.deepEqual(records.map((record) => String(at(record, 'callee'))).sort(), numbers);
    const outcomes: Record<string, number> = {};
    for (const record of records) {
      const name = `${at(record, 'callStatus')} ${at(record, 'terminationCode')}`;
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    return outcomes;
  }

  test('503 to everything, one trunk: the list is kept, the detail says why, and it goes on when the carrier does', async (context) => {
    let isDown = true;
    const side = await farSide(() => (isDown ? unavailable : answer));
    await trunk(side.port);
    const numbers = numbersFrom(8613500000000, 100);
    const taskId = await send('503', numbers);
    await waitingReason(taskId, /all trunks are down: .*503/);
    const called = side.entries().length;
    assert.ok(called < 20, `${called} of 100 were burnt before the circuit opened`);
    isDown = false;
    await waitForTask(carillon, taskId, 2, 120_000);
    const outcomes = await outcomesOf(taskId, numbers);
    const reached = outcomes['50 0'] ?? 0;
    context.diagnostic(`${called} INVITEs against the dead carrier, ${reached} of 100 reached in the end`);
    assert.ok(reached >= 90, `${reached} of 100 were reached`);
    const answered = side.entries().filter(({ isAnswered }) => isAnswered);
    assert.equal(new Set(answered.map(({ number }) => number)).size, answered.length, 'nobody got two rings');
    assert.equal(answered.length, reached);
  });

  test('503 to everything, two trunks: the other takes over and nobody gets two rings', async () => {
    const broken = await farSide(() => unavailable);
    const sound = await farSide(() => answer);
    await trunk(broken.port, 1);
    await trunk(sound.port, 2);
    const numbers = numbersFrom(8613510000000, 100);
    const taskId = await send('503 and another', numbers);
    const finished = await waitForTask(carillon, taskId, 2, 60_000);
    assert.equal(numberAt(finished, 'numCnt'), 100);
    assert.deepEqual(await outcomesOf(taskId, numbers), { '50 0': 100 });
    const rung = sound.entries().map(({ number }) => number);
    assert.deepEqual(rung.sort(), numbers);
    assert.ok(broken.entries().length < 30, `${broken.entries().length} calls went to the broken trunk first`);
  });

  test('a trunk that never answers, one trunk: the list is kept and the detail says why', async () => {
    const silent = await startSilentTrunk();
    closers.push(() => silent.close());
    await trunk(silent.port);
    const taskId = await send('silence', numbersFrom(8613520000000, 200));
    await waitingReason(taskId, /all trunks are down: .*(no response|not reachable)/);
    const called = silent.invites();
    assert.ok(called <= 50, `${called} of 200 were called into the silence: more than there are channels`);
    assert.equal((await carillon.post('/group/call/cancel', { taskIdList: [taskId] })).status, '0');
  });

  test('a trunk that never answers, two trunks: the other takes over and nobody gets two rings', async () => {
    const silent = await startSilentTrunk();
    closers.push(() => silent.close());
    const sound = await farSide(() => answer);
    await trunk(silent.port, 1);
    await trunk(sound.port, 2);
    const numbers = numbersFrom(8613530000000, 120);
    const taskId = await send('silence and another', numbers);
    await waitForTask(carillon, taskId, 2, 120_000);
    assert.deepEqual(await outcomesOf(taskId, numbers), { '50 0': 120 });
    const rung = sound.entries().map(({ number }) => number);
    assert.deepEqual(rung.sort(), numbers, 'everybody rang once, and nobody of the task that was cancelled');
  });
});
