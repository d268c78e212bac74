import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { type Sipp, startSippServer } from '../support/sipp.ts';
import { numbersFrom, sendTask, taskRecords, uploadVoice, waitForTask } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const callees = 5;
const scenario = fileURLToPath(new URL('../interop/scenarios/uas-answer-press-key-expect-bye.xml', import.meta.url));

let carillon: Carillon;
let sipp: Sipp;
before(async () => {
  sipp = await startSippServer({ scenario, calls: 2 * callees });
  carillon = await startCarillon();
  await carillon.addTrunk(sipp.port);
});
after(async () => {
  await carillon?.stop();
  await sipp?.stop();
});

/** A channel, and an app that sends over it. */
async function addSmsApp(
  name: string,
  channel: { readonly [key: string]: Json },
): Promise<{ appId: string; smsChannelId: number }> {
  const made = await carillon.admin('POST', '/sms-channels', { name, maxTps: 100, ...channel });
  const smsChannelId = numberAt(made, 'smsChannelId');
  const app = await carillon.admin('POST', '/apps', { accountId: carillon.accountId, name, kind: 'sms', smsChannelId });
  return { appId: textAt(app, 'appId'), smsChannelId };
}

/** What the channel has of messages, once all of them are delivered. */
async function deliveredOver(smsChannelId: number): Promise<readonly Json[]> {
  const items = async (): Promise<readonly Json[]> =>
    listAt(await carillon.admin('GET', `/sms-messages?smsChannelId=${smsChannelId}`), 'items');
  const areDelivered = async (): Promise<boolean> => {
    const found = await items();
    return found.length === callees && found.every((message) => at(message, 'state') === 'delivered');
  };
  await until(areDelivered, { what: 'all messages to be delivered', timeoutMs: 30_000, detail: () => carillon.log() });
  return items();
}

test('a key that callees press is answered by SMS, through the outbox and through another platform', async () => {
  const outbox = await addSmsApp('outbox', { kind: 'outbox' });
  const upstream = await addSmsApp('upstream', { kind: 'outbox' });
  // Itself, by HTTP: what is sent there is one of its clients' messages.
  const http = { baseUrl: `${carillon.baseUrl}/v3`, appId: upstream.appId, ...carillon.credentials, pollMs: 500 };
  const vendor = await addSmsApp('vendor', { kind: 'http', http });
  const voiceFileId = await uploadVoice(carillon, 'press-one.wav');
  for (const [index, app] of [outbox, vendor].entries()) {
    const numbers = numbersFrom(8613900000000 + 100 * index, callees);
    const taskId = await sendTask(carillon, {
      taskName: `task ${index}`,
      voiceFileId,
      numberInfoList: numbers.map((calleeNumber, nth) => ({ calleeNumber, text1: `Tom ${nth}` })),
      ...{ hangUpSms: 1, smsAppId: app.appId, smsContent: 'Hello ${text1}, you pressed 1', senderId: 'ACME' },
      ...{ feedbackPush: 1, feedbackValue: '1', failedPush: 1 },
    });
    await waitForTask(carillon, taskId, 2, 60_000);
    const messages = await deliveredOver(app.smsChannelId);
    assert.deepEqual(new Set(messages.map((message) => at(message, 'number'))), new Set(numbers));
    assert.ok(messages.every((message) => at(message, 'trigger') === 'feedback' && at(message, 'attempt') === 1));
    const contents = numbers.map((_, nth) => `Hello Tom ${nth}, you pressed 1`);
    assert.deepEqual(new Set(messages.map((message) => at(message, 'content'))), new Set(contents));
    const records = await taskRecords(carillon, taskId);
    assert.ok(records.every((record) => at(record, 'smsState') === 'delivered' && at(record, 'feedbackValue') === '1'));
    assert.equal(at(await waitForTask(carillon, taskId, 2, 1000), 'sendSmsNum'), callees);
  }
  const passed = await deliveredOver(upstream.smsChannelId);
  assert.ok(passed.every((message) => at(message, 'trigger') === 'request' && at(message, 'senderId') === 'ACME'));
});
