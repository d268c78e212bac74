import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { deleteSmsChannel, updateSmsChannel } from '../../src/domain/sms/channel-store.ts';
import { expireMessages } from '../../src/domain/sms/expire.ts';
import type { SmsSendResult } from '../../src/sms/sms-transport.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask } from '../support/dialer-fixture.ts';
import { acceptedOnce, neverAnswered, SmsBench } from '../support/sms-bench.ts';
import { addMessages, addSmsApp, texting } from '../support/sms-fixture.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let bench: SmsBench;
before(async () => {
  database = await openTestDatabase();
  bench = new SmsBench(database);
});
afterEach(() => bench.reset());
after(() => database.close());

test('words and names that PostgreSQL cannot store hold nobody up', async () => {
  const { smsChannelId } = await bench.channelWith(4);
  const name = `${'x'.repeat(5000)}\0`;
  const sender = await bench.start((_message, nth): SmsSendResult => {
    if (nth === 1) return { type: 'accepted', providerIds: [name] };
    if (nth === 2) return { type: 'refused', isFinal: true, code: '-\0', reason: 'no\0', retryAfterMs: null };
    if (nth === 3) return { type: 'unknown', reason: '\0', providerIds: [] };
    return acceptedOnce();
  });
  await bench.untilStates(smsChannelId, { sent: 2, failed: 1, unknown: 1 });
  const doneAt = new Date(8.64e15);
  await sender.transports[0]?.receipt({ providerId: name, state: 'failed', doneAt, code: 'UNDELIV 000\0' });
  await bench.untilStates(smsChannelId, { sent: 1, failed: 2, unknown: 1 });
});

test('of two receipts that contradict each other the first one holds', async () => {
  const { smsChannelId } = await bench.channelWith(20);
  const sender = await bench.start((_message, nth) => ({ type: 'accepted', providerIds: [`twice-${nth}`] }));
  await bench.untilStates(smsChannelId, { sent: 20 });
  const receipts = Array.from({ length: 20 }, (_, index) => `twice-${index + 1}`).flatMap((providerId, index) => {
    const states = index % 2 === 0 ? (['delivered', 'failed'] as const) : (['failed', 'delivered'] as const);
    return states.map((state) => sender.transports[0]?.receipt({ providerId, state, doneAt: null, code: null }));
  });
  await Promise.all(receipts);
  const rows = await database.db
    .selectFrom('sms_message')
    .select(['provider_ids', 'state'])
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  for (const { provider_ids, state } of rows) {
    const nth = Number(provider_ids?.[0]?.split('-')[1]);
    assert.equal(state, nth % 2 === 1 ? 'delivered' : 'failed', `message ${nth}`);
  }
});

test('a message of which a part was refused is never delivered, and has failed when another part has', async () => {
  const { smsChannelId } = await bench.channelWith(2);
  const sender = await bench.start((_message, nth) => ({
    type: 'unknown',
    reason: '1 of 2 parts were accepted',
    providerIds: [`half-${nth}`],
  }));
  await bench.untilStates(smsChannelId, { unknown: 2 });
  const [transport] = sender.transports;
  assert.ok(transport);
  await transport.receipt({ providerId: 'half-1', state: 'delivered', doneAt: null, code: null });
  assert.deepEqual(await bench.statesOf(smsChannelId), { unknown: 2 });
  await transport.receipt({ providerId: 'half-2', state: 'failed', doneAt: null, code: 'UNDELIV' });
  await bench.untilStates(smsChannelId, { unknown: 1, failed: 1 });
});

test('an answer that came too late is counted to the task, once, and its receipt delivers it', async () => {
  const owner = await addAccount(database.db);
  const { smsChannelId, appId } = await addSmsApp(database.db, owner.accountId);
  const taskId = await addTask(database.db, { owner, callees: 1, hangUpSms: texting(appId, { failedPush: 1 }) });
  await addMessages(database.db, { accountId: owner.accountId, appId, smsChannelId, count: 1 });
  await database.db
    .updateTable('sms_message')
    .set({ task_id: taskId, seq: 1 })
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  const sender = await bench.start(() => ({ type: 'unknown', reason: 'no answer in time', providerIds: [] }));
  await bench.untilStates(smsChannelId, { unknown: 1 });
  const [transport] = sender.transports;
  const [message] = transport?.sent ?? [];
  assert.ok(transport && message);
  for (let time = 0; time < 2; time += 1)
    transport.lateResult(message.messageId, { type: 'accepted', providerIds: ['late'] });
  await bench.untilStates(smsChannelId, { sent: 1 });
  await transport.receipt({ providerId: 'late', state: 'delivered', doneAt: null, code: null });
  await bench.untilStates(smsChannelId, { delivered: 1 });
  const task = await database.db.selectFrom('task').select('sms_sent_count').where('task_id', '=', taskId).execute();
  assert.deepEqual(task, [{ sms_sent_count: 1 }]);
});

/** Takes the app off the channel, as an operator must before it can be deleted, and deletes it. */
async function deleteChannel(smsChannelId: number): Promise<void> {
  await database.db
    .updateTable('app')
    .set({ sms_channel_id: null })
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  await deleteSmsChannel(database.db, smsChannelId);
}

test('a channel is deleted with messages on their way: each still ends as the carrier says', async () => {
  const { smsChannelId } = await bench.channelWith(4);
  const answers: ((result: SmsSendResult) => void)[] = [];
  const sender = await bench.start(() => new Promise((resolve) => answers.push(resolve)), { window: 3 });
  await until(() => answers.length === 3, { what: 'three messages on their way', timeoutMs: 10_000 });
  await deleteChannel(smsChannelId);
  assert.deepEqual(await bench.statesOf(smsChannelId), { failed: 1, unknown: 3 });
  answers[0]?.({ type: 'accepted', providerIds: ['late'] });
  answers[1]?.({ type: 'refused', isFinal: true, code: null, reason: 'no such number', retryAfterMs: null });
  answers[2]?.({ type: 'refused', isFinal: false, code: null, reason: 'closing', retryAfterMs: null });
  await bench.untilStates(smsChannelId, { sent: 1, failed: 2, unknown: 1 });
  await until(() => sender.transports[0]?.isClosed === true, { what: 'the channel to be closed', timeoutMs: 10_000 });
});

test('a channel is disabled and its process dies: what it was sending is in doubt all the same', async () => {
  const { smsChannelId } = await bench.channelWith(3);
  const dead = await bench.start(neverAnswered, { leaseMs: 800 });
  await bench.untilStates(smsChannelId, { sending: 3 });
  await bench.kill(dead, smsChannelId, -61_000);
  await database.db
    .updateTable('sms_channel')
    .set({ is_enabled: false })
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  await expireMessages(database.db, new Date());
  assert.deepEqual(await bench.statesOf(smsChannelId), { unknown: 3 });
});

test('what a living process is sending is left to it', async () => {
  const { smsChannelId } = await bench.channelWith(3);
  await bench.start(neverAnswered);
  await bench.untilStates(smsChannelId, { sending: 3 });
  await expireMessages(database.db, new Date());
  assert.deepEqual(await bench.statesOf(smsChannelId), { sending: 3 });
});

test('a channel is changed while a message is not answered: when it is given up, it is in doubt', async () => {
  const { smsChannelId } = await bench.channelWith(1);
  await bench.start(neverAnswered);
  await bench.untilStates(smsChannelId, { sending: 1 });
  await updateSmsChannel(database.db, smsChannelId, { maxTps: 7 });
  await bench.untilStates(smsChannelId, { unknown: 1 });
});
