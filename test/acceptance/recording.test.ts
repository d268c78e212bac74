import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { at, textAt } from '../support/json.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { until } from '../support/until.ts';
import { decodeStereoWav } from '../support/wav.ts';

let carillon: Carillon;
let farSide: FarSide;
before(async () => {
  farSide = await startFarSide({ behave: () => ({ kind: 'answer', ringMs: 100, talkMs: null }) });
  carillon = await startCarillon({});
  await carillon.addTrunk(farSide.port, { maxCps: 200, maxChannels: 50 });
});
after(async () => {
  await carillon?.stop();
  await farSide?.close();
});

test('a call of a task that records is fetched by its record: link, whole file, a part of it, and nothing by a wrong link', async () => {
  const voiceFileId = await uploadVoice(carillon, 'recorded.wav');
  const taskId = await sendTask(carillon, {
    taskName: 'recorded',
    voiceFileId,
    enableRecording: 1,
    numberInfoList: [{ calleeNumber: '8613900000001' }],
  });
  await waitForTask(carillon, taskId, 2, 30_000);
  const record = await until(
    async () => (await taskRecords(carillon, taskId)).find((found) => at(found, 'recordingFileId') !== null) ?? null,
    { what: 'the recording', timeoutMs: 30_000, everyMs: 250 },
  );
  const fileId = textAt(record, 'recordingFileId');
  assert.equal(fileId, `${textAt(record, 'voiceId')}.wav`);
  const answer = await carillon.get(`/getRecordingFileUrl?recordingFileId=${fileId}`);
  const url = textAt(answer.data, 'url');
  const response = await fetch(url);
  assert.equal(response.status, 200);
  const file = Buffer.from(await response.arrayBuffer());
  const { right, sampleRate } = decodeStereoWav(file);
  assert.equal(sampleRate, 8000);
  assert.ok(
    right.some((sample) => Math.abs(sample) > 1000),
    'what was played is on the right',
  );
  const part = await fetch(url, { headers: { range: 'bytes=0-43' } });
  assert.equal(part.status, 206);
  assert.ok(file.subarray(0, 44).equals(Buffer.from(await part.arrayBuffer())));
  assert.equal((await fetch(url.replace('signature=', 'signature=x'))).status, 403);
});
