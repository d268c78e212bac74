import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Phone, startPhone } from '../support/baresip.ts';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { at, numberAt } from '../support/json.ts';
import { outcomeFacts, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { heardTones, toneSequence } from '../support/tone.ts';

const number = '8613800000001';
const tones = [500, 900, 1500];

let carillon: Carillon;
let phone: Phone;
before(async () => {
  carillon = await startCarillon();
  phone = await startPhone(number);
  await carillon.addTrunk(phone.port);
});
after(async () => {
  await phone?.stop();
  await carillon?.stop();
});

test('a real phone hears the prompt in order, twice, and the key it presses is in the record', async () => {
  const voiceFileId = await uploadVoice(carillon, 'three-tones.wav', toneSequence(tones, 0.6, 0.2));
  const taskId = await sendTask(carillon, {
    taskName: 'a real phone',
    voiceFileId,
    numberList: [number],
    loopCount: 2,
    delayHangup: 1,
  });
  await phone.waitForCall('CALL_ESTABLISHED', 20_000);
  phone.press('7');
  const detail = await waitForTask(carillon, taskId, 2, 30_000);
  assert.equal(at(detail, 'keyFeedbackNum'), 1);
  const [record, ...others] = await taskRecords(carillon, taskId);
  assert.ok(record !== undefined && others.length === 0);
  assert.deepEqual(outcomeFacts(record), { callStatus: 50, sipCode: '200', terminationCode: '0' });
  assert.equal(at(record, 'feedbackValue'), '7');
  const media = at(record, 'media');
  assert.equal(at(media, 'codec'), 'PCMA');
  assert.ok(numberAt(media, 'packetsReceived') > 100 && numberAt(media, 'mos') > 1, JSON.stringify(media));
  await phone.waitForCall('CALL_CLOSED', 5000);
  assert.deepEqual(heardTones(await phone.heard(), tones), [...tones, ...tones]);
});

test('a real phone hears a text spoken to it by name, and what could not be done is said', async () => {
  const taskId = await sendTask(carillon, {
    taskName: 'spoken',
    source: 3,
    text: 'Hello ${text1}, your parcel has arrived.',
    lan: 'EN',
    accent: '91',
    numberInfoList: [{ calleeNumber: number, text1: 'Tom' }],
  });
  const detail = await waitForTask(carillon, taskId, 2, 60_000);
  await phone.waitForCall('CALL_CLOSED', 5000, 2);
  assert.match(String(at(detail, 'speechNote')), /accent 91/);
  const { pcm, sampleRate } = await phone.heard();
  const loud = pcm.filter((sample) => Math.abs(sample) > 500).length / sampleRate;
  assert.ok(pcm.length / sampleRate > 1.5 && pcm.length / sampleRate < 6, `${pcm.length / sampleRate} s heard`);
  assert.ok(loud > 0.5, `${loud} s of it louder than silence`);
  assert.deepEqual(heardTones({ pcm, sampleRate }, tones), [], 'speech, not the tones of the call before');
});
