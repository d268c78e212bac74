import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { updateSmsChannel } from '../../src/domain/sms/channel-store.ts';
import { expireMessages } from '../../src/domain/sms/expire.ts';
import { SmsDispatcher } from '../../src/domain/sms/sms-dispatcher.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { openTransport } from '../../src/sms/open-transport.ts';
import type { SmsSendResult } from '../../src/sms/sms-transport.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { acceptedOnce, neverAnswered, type ScriptedSender, SmsBench } from '../support/sms-bench.ts';
import { addMessages } from '../support/sms-fixture.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let bench: SmsBench;
before(async () => {
  database = await openTestDatabase();
  bench = new SmsBench(database);
});
afterEach(() => bench.reset());
after(() => database.close());

/** No message left twice, over all transports. */
function assertOnce(senders: readonly ScriptedSender[], count: number): void {
  const ids = senders.flatMap(({ transports }) =>
    transports.flatMap(({ sent }) => sent.map((message) => message.messageId)),
  );
  assert.equal(ids.length, count);
  assert.equal(new Set(ids).size, count);
}

test('what is due is sent once, by two processes that share the channels', async () => {
  const channels = [await bench.channelWith(300), await bench.channelWith(300)];
  const senders = [await bench.start(acceptedOnce), await bench.start(acceptedOnce)];
  for (const { smsChannelId } of channels) await bench.untilStates(smsChannelId, { sent: 300 });
  assertOnce(senders, 600);
  const holders = await database.db
    .selectFrom('sms_channel')
    .select('holder_id')
    .where(
      'sms_channel_id',
      'in',
      channels.map((channel) => channel.smsChannelId),
    )
    .execute();
  const ours = new Set(senders.map(({ processId }) => processId));
  assert.ok(holders.every(({ holder_id }) => holder_id !== null && ours.has(holder_id)));
});

test('messages follow each other as fast as they are taken, not once in a look at the queue', async () => {
  const { smsChannelId } = await bench.channelWith(200);
  // Whatever is done once a second is not done at all.
  const clock: Clock = {
    ...systemClock,
    setTimer: (callback, delayMs) => systemClock.setTimer(callback, delayMs >= 1000 ? 1e6 : delayMs),
  };
  const sender = await bench.start(acceptedOnce, { window: 10, clock });
  await bench.untilStates(smsChannelId, { sent: 200 });
  assertOnce([sender], 200);
});

test('what a dead process was sending is in doubt, and the rest goes on with another', async () => {
  const { smsChannelId } = await bench.channelWith(100);
  const dead = await bench.start(neverAnswered, { leaseMs: 800, window: 10 });
  await bench.untilStates(smsChannelId, { sending: 10, queued: 90 });
  await bench.kill(dead, smsChannelId, 800);
  const heir = await bench.start(acceptedOnce);
  await bench.untilStates(smsChannelId, { unknown: 10, sent: 90 });
  assertOnce([dead, heir], 100);
  const [doubtful] = await database.db
    .selectFrom('sms_message')
    .select('reason')
    .where('sms_channel_id', '=', smsChannelId)
    .where('state', '=', 'unknown')
    .execute();
  assert.match(doubtful?.reason ?? '', /died or lost the channel/);
});

test('a channel that is refused pauses, and sends the same messages later', async () => {
  const { smsChannelId } = await bench.channelWith(20);
  const sender = await bench.start((_message, nth) =>
    nth <= 20
      ? { type: 'refused', isFinal: false, code: '0x58', reason: 'throttled', retryAfterMs: 300 }
      : acceptedOnce(),
  );
  await bench.untilStates(smsChannelId, { sent: 20 });
  const [transport] = sender.transports;
  assert.equal(transport?.sent.length, 40);
  const rows = await database.db
    .selectFrom('sms_message')
    .select(['attempt', 'code'])
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  assert.ok(rows.every(({ attempt, code }) => attempt === 2 && code === null));
});

test('a final refusal fails, a doubt stays one, and neither is sent again', async () => {
  const { smsChannelId } = await bench.channelWith(3);
  const sender = await bench.start((_message, nth): SmsSendResult => {
    if (nth === 1)
      return { type: 'refused', isFinal: true, code: '0x0b', reason: 'invalid destination', retryAfterMs: null };
    return nth === 2 ? { type: 'unknown', reason: 'the connection was lost', providerIds: ['half'] } : acceptedOnce();
  });
  await bench.untilStates(smsChannelId, { failed: 1, unknown: 1, sent: 1 });
  assertOnce([sender], 3);
});

test('receipts of all parts make a delivery, also those that come before the answer, and one failure is one', async () => {
  const { smsChannelId } = await bench.channelWith(2);
  const answers: ((result: SmsSendResult) => void)[] = [];
  const sender = await bench.start(() => new Promise((resolve) => answers.push(resolve)));
  await until(() => answers.length === 2, { what: 'two messages', timeoutMs: 10_000 });
  const [transport] = sender.transports;
  assert.ok(transport);
  const delivered = (providerId: string) =>
    transport.receipt({ providerId, state: 'delivered', doneAt: new Date(5000), code: null });
  const early = delivered('a1');
  answers[0]?.({ type: 'accepted', providerIds: ['a1', 'a2'] });
  answers[1]?.({ type: 'accepted', providerIds: ['b1', 'b2'] });
  await early;
  await bench.untilStates(smsChannelId, { sent: 2 });
  await Promise.all([
    delivered('a2'),
    transport.receipt({ providerId: 'b1', state: 'failed', doneAt: null, code: 'UNDELIV 069' }),
  ]);
  await bench.untilStates(smsChannelId, { delivered: 1, failed: 1 });
  // The other part of the failed one, and a repetition: taken, and without effect.
  await Promise.all([delivered('b2'), delivered('a1')]);
  await bench.untilStates(smsChannelId, { delivered: 1, failed: 1 });
  const left = await database.db
    .selectFrom('sms_receipt_due')
    .selectAll()
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  assert.deepEqual(left, []);
});

test('a change opens the channel anew, and a disabled one waits', async () => {
  const { smsChannelId, accountId, appId } = await bench.channelWith(1);
  const sender = await bench.start(acceptedOnce);
  await bench.untilStates(smsChannelId, { sent: 1 });
  await updateSmsChannel(database.db, smsChannelId, { isEnabled: false });
  await until(() => sender.transports[0]?.isClosed === true, { what: 'the channel to be closed', timeoutMs: 10_000 });
  await addMessages(database.db, { accountId, appId, smsChannelId, count: 1 });
  await updateSmsChannel(database.db, smsChannelId, { isEnabled: true, senderId: 'ACME' });
  await bench.untilStates(smsChannelId, { sent: 2 });
  assert.equal(sender.transports.length, 2);
  assert.equal(sender.transports[1]?.sent[0]?.from, 'ACME');
});

test('nothing is sent before its time, or when its validity is over', async () => {
  const { smsChannelId } = await bench.channelWith(1, { dueInS: 3600 });
  const old = await bench.channelWith(2, { dueInS: -7200, validityS: 3600 });
  const sender = await bench.start(acceptedOnce);
  const { smsChannelId: probe } = await bench.channelWith(1);
  await bench.untilStates(probe, { sent: 1 });
  await expireMessages(database.db, new Date());
  assert.deepEqual(await bench.statesOf(smsChannelId), { queued: 1 });
  assert.deepEqual(await bench.statesOf(old.smsChannelId), { expired: 2 });
  assertOnce([sender], 1);
});

test('a message without a receipt for days is in doubt', async () => {
  const { smsChannelId } = await bench.channelWith(1);
  await bench.start(acceptedOnce);
  await bench.untilStates(smsChannelId, { sent: 1 });
  await database.db
    .updateTable('sms_receipt_due')
    .set({ sent_at: new Date(Date.now() - 4 * 86_400_000) })
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  await expireMessages(database.db, new Date());
  assert.deepEqual(await bench.statesOf(smsChannelId), { unknown: 1 });
});

test('the outbox delivers', async () => {
  const { smsChannelId } = await bench.channelWith(50);
  const dispatcher = new SmsDispatcher({
    db: database.db,
    listen: database.listen,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId: randomUUID(),
    open: openTransport,
  });
  await updateSmsChannel(database.db, smsChannelId, { maxTps: 1000 });
  try {
    await dispatcher.start();
    await bench.untilStates(smsChannelId, { delivered: 50 });
  } finally {
    await dispatcher.close(AbortSignal.timeout(500));
  }
});
