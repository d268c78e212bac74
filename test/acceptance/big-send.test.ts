import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { requestDialect, signedHeaders } from '../support/dialect-client.ts';
import { at, numberAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { peakMemoryMb } from '../support/process-tree.ts';
import { numbersFrom, sendTask, taskBody, uploadVoice, waitForTask } from '../support/task-client.ts';
import { toneSequence } from '../support/tone.ts';
import { until } from '../support/until.ts';

const talking = 20;
const count = 200_000;

let carillon: Carillon;
let farSide: FarSide;
before(async () => {
  farSide = await startFarSide({
    behave: (number) =>
      number.startsWith('861350')
        ? { kind: 'answer', ringMs: 100, talkMs: null }
        : { kind: 'reject', ringMs: null, status: 404, reason: 'Not Found' },
  });
  carillon = await startCarillon();
  await carillon.addTrunk(farSide.port, { maxCps: 50, maxChannels: 60 });
});
after(async () => {
  await carillon?.stop();
  await farSide?.close();
});

test('200,000 numbers are accepted and called while calls in progress go on', async (context) => {
  const voiceFileId = await uploadVoice(carillon, 'long.wav', toneSequence([440], 4, 0));
  const talkTask = await sendTask(carillon, {
    taskName: 'talking',
    voiceFileId,
    loopCount: 9,
    numberList: numbersFrom(8613500000000, talking),
  });
  const streams = () => farSide.rtp.streams().filter(({ packets }) => packets > 10);
  await until(() => streams().length === talking, {
    what: `${talking} calls to be talking`,
    timeoutMs: 30_000,
    detail: () => carillon.log(),
  });

  const body = JSON.stringify(
    taskBody(carillon, {
      taskName: 'two hundred thousand',
      voiceFileId,
      numberInfoList: numbersFrom(8613400000000, count).map((calleeNumber) => ({ calleeNumber, text1: 'Tom' })),
    }),
  );
  const longestGap = (): string => Math.max(...streams().map(({ maxGapMs }) => maxGapMs)).toFixed(1);
  // Making the body held up the listener, which is in this process: it catches up first.
  await sleep(500);
  farSide.rtp.resetGaps();
  await sleep(3000);
  const quietGap = longestGap();
  const ownDelay = monitorEventLoopDelay({ resolution: 5 });
  ownDelay.enable();
  farSide.rtp.resetGaps();
  const startedAt = performance.now();
  const answer = await requestDialect(carillon.baseUrl, {
    method: 'POST',
    path: '/v3/voice/group/call/send',
    headers: signedHeaders(carillon.credentials),
    body,
  });
  const tookS = (performance.now() - startedAt) / 1000;
  const gap = longestGap();
  ownDelay.disable();
  assert.equal(answer.status, '0', answer.reason);
  const taskId = numberAt(answer.data);
  assert.equal(
    farSide.entries().filter(({ number, end }) => number.startsWith('861350') && end === null).length,
    talking,
  );

  await until(() => farSide.entries().some(({ number }) => number.startsWith('86134')), {
    what: 'the first of the 200,000 to be called',
    timeoutMs: 30_000,
    detail: () => carillon.log(),
  });
  const detail = await waitForTask(carillon, taskId, 1, 10_000);
  assert.equal(at(detail, 'numCnt'), count);
  const memory = {
    api: await peakMemoryMb(await carillon.pidOf('api')),
    dialer: await peakMemoryMb(await carillon.pidOf('dialer')),
  };
  context.diagnostic(
    `${(body.length / 1e6).toFixed(1)} MB accepted in ${tookS.toFixed(2)} s; peak memory: api ${memory.api} MB, dialer ${memory.dialer} MB`,
  );
  context.diagnostic(
    `longest gap between RTP packets of ${talking} calls: ${gap} ms meanwhile, ${quietGap} ms in 3 s before (the listener itself was held up by at most ${(ownDelay.max / 1e6).toFixed(1)} ms)`,
  );
  const cancelled = await carillon.post('/group/call/cancel', { taskIdList: [taskId] });
  assert.deepEqual([cancelled.code, cancelled.status], ['0', '0']);
  farSide.hangUpAll();
  const talked = await waitForTask(carillon, talkTask, 2, 30_000);
  assert.equal(at(talked, 'success'), talking);
});
