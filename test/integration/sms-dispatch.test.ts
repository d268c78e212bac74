import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import { updateSmsChannel } from '../../src/domain/sms/channel-store.ts';
import { expireMessages } from '../../src/domain/sms/expire.ts';
import { SmsDispatcher } from '../../src/domain/sms/sms-dispatcher.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { openTransport } from '../../src/sms/open-transport.ts';
import type { SmsSendResult } from '../../src/sms/sms-transport.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount } from '../support/dialer-fixture.ts';
import { type ScriptedAnswer, ScriptedTransport } from '../support/scripted-transport.ts';
import { addMessages, addSmsApp } from '../support/sms-fixture.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const running: SmsDispatcher[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((dispatcher) => dispatcher.close(AbortSignal.timeout(500))));
  // So that the next test's processes hold that test's channels only.
  await database.db.updateTable('sms_channel').set({ is_enabled: false }).execute();
});

type Bench = {
  readonly dispatcher: SmsDispatcher;
  readonly processId: string;
  readonly transports: ScriptedTransport[];
};

/** A process that sends over channels that answer as the script says. */
async function startDispatcher(
  answer: ScriptedAnswer,
  { leaseMs = 15_000, window = 50, clock = systemClock } = {},
): Promise<Bench> {
  const transports: ScriptedTransport[] = [];
  const processId = randomUUID();
  const dispatcher = new SmsDispatcher({
    db: database.db,
    listen: database.listen,
    clock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId,
    open: (_settings, host) => {
      const transport = new ScriptedTransport(host, answer, window);
      transports.push(transport);
      return transport;
    },
    timing: { leaseMs, renewMs: Math.min(200, leaseMs / 4) },
  });
  running.push(dispatcher);
  await dispatcher.start();
  return { dispatcher, processId, transports };
}

let names = 0;
const accepted = (): SmsSendResult => {
  names += 1;
  return { type: 'accepted', providerIds: [`p${names}`] };
};
const never = (): Promise<SmsSendResult> => new Promise(() => undefined);

/** How many messages of a channel are in each state. */
async function statesOf(smsChannelId: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; n: number }>`
    select state, count(*)::int as n from sms_message where sms_channel_id = ${smsChannelId} group by state`.execute(
    database.db,
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.n]));
}

async function untilStates(smsChannelId: number, expected: Record<string, number>): Promise<void> {
  let states: Record<string, number> = {};
  await until(
    async () => {
      states = await statesOf(smsChannelId);
      return JSON.stringify(Object.entries(states).sort()) === JSON.stringify(Object.entries(expected).sort());
    },
    { what: `the states ${JSON.stringify(expected)}`, timeoutMs: 20_000, detail: () => JSON.stringify(states) },
  );
}

async function channelWith(count: number, change: Parameters<typeof addMessages>[2] = {}) {
  const { accountId } = await addAccount(database.db);
  const { smsChannelId, appId } = await addSmsApp(database.db, accountId);
  await addMessages(database.db, { accountId, appId, smsChannelId, count }, change);
  return { accountId, appId, smsChannelId };
}

/** No message left twice, over all transports. */
function assertOnce(benches: readonly Bench[], count: number): void {
  const ids = benches.flatMap(({ transports }) =>
    transports.flatMap(({ sent }) => sent.map((message) => message.messageId)),
  );
  assert.equal(ids.length, count);
  assert.equal(new Set(ids).size, count);
}

test('what is due is sent once, by two processes that share the channels', async () => {
  const channels = [await channelWith(300), await channelWith(300)];
  const benches = [await startDispatcher(accepted), await startDispatcher(accepted)];
  for (const { smsChannelId } of channels) await untilStates(smsChannelId, { sent: 300 });
  assertOnce(benches, 600);
  const holders = await database.db
    .selectFrom('sms_channel')
    .select('holder_id')
    .where(
      'sms_channel_id',
      'in',
      channels.map((channel) => channel.smsChannelId),
    )
    .execute();
  const ours = new Set(benches.map(({ processId }) => processId));
  assert.ok(holders.every(({ holder_id }) => holder_id !== null && ours.has(holder_id)));
});

test('messages follow each other as fast as they are taken, not once in a look at the queue', async () => {
  const { smsChannelId } = await channelWith(200);
  // Whatever is done once a second is not done at all.
  const clock: Clock = {
    ...systemClock,
    setTimer: (callback, delayMs) => systemClock.setTimer(callback, delayMs >= 1000 ? 1e6 : delayMs),
  };
  const bench = await startDispatcher(accepted, { window: 10, clock });
  await untilStates(smsChannelId, { sent: 200 });
  assertOnce([bench], 200);
});

test('what a dead process was sending is in doubt, and the rest goes on with another', async () => {
  const { smsChannelId } = await channelWith(100);
  const dead = await startDispatcher(never, { leaseMs: 800, window: 10 });
  await untilStates(smsChannelId, { sending: 10, queued: 90 });
  // Killed: it neither renews nor writes any more.
  running.splice(0);
  await dead.dispatcher.close(AbortSignal.abort());
  await sql`update sms_channel set holder_id = ${dead.processId}, lease_until = now() + interval '0.8 s' where sms_channel_id = ${smsChannelId}`.execute(
    database.db,
  );
  const heir = await startDispatcher(accepted);
  await untilStates(smsChannelId, { unknown: 10, sent: 90 });
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
  const { smsChannelId } = await channelWith(20);
  const bench = await startDispatcher((_message, nth) =>
    nth <= 20 ? { type: 'refused', isFinal: false, code: '0x58', reason: 'throttled', retryAfterMs: 300 } : accepted(),
  );
  await untilStates(smsChannelId, { sent: 20 });
  const [transport] = bench.transports;
  assert.equal(transport?.sent.length, 40);
  const rows = await database.db
    .selectFrom('sms_message')
    .select(['attempt', 'code'])
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  assert.ok(rows.every(({ attempt, code }) => attempt === 2 && code === null));
});

test('a final refusal fails, a doubt stays one, and neither is sent again', async () => {
  const { smsChannelId } = await channelWith(3);
  const bench = await startDispatcher((_message, nth): SmsSendResult => {
    if (nth === 1)
      return { type: 'refused', isFinal: true, code: '0x0b', reason: 'invalid destination', retryAfterMs: null };
    return nth === 2 ? { type: 'unknown', reason: 'the connection was lost', providerIds: ['half'] } : accepted();
  });
  await untilStates(smsChannelId, { failed: 1, unknown: 1, sent: 1 });
  await bench.transports[0]?.receipt({ providerId: 'half', state: 'delivered', doneAt: null, code: null });
  await untilStates(smsChannelId, { failed: 1, delivered: 1, sent: 1 });
  assertOnce([bench], 3);
});

test('receipts of all parts make a delivery, also those that come before the answer, and one failure is one', async () => {
  const { smsChannelId } = await channelWith(2);
  const answers: ((result: SmsSendResult) => void)[] = [];
  const bench = await startDispatcher(() => new Promise((resolve) => answers.push(resolve)));
  await until(() => answers.length === 2, { what: 'two messages', timeoutMs: 10_000 });
  const [transport] = bench.transports;
  assert.ok(transport);
  const delivered = (providerId: string) =>
    transport.receipt({ providerId, state: 'delivered', doneAt: new Date(5000), code: null });
  const early = delivered('a1');
  answers[0]?.({ type: 'accepted', providerIds: ['a1', 'a2'] });
  answers[1]?.({ type: 'accepted', providerIds: ['b1', 'b2'] });
  await early;
  await untilStates(smsChannelId, { sent: 2 });
  await Promise.all([
    delivered('a2'),
    transport.receipt({ providerId: 'b1', state: 'failed', doneAt: null, code: 'UNDELIV 069' }),
  ]);
  await untilStates(smsChannelId, { delivered: 1, failed: 1 });
  // The other part of the failed one, and a repetition: taken, and without effect.
  await Promise.all([delivered('b2'), delivered('a1')]);
  await untilStates(smsChannelId, { delivered: 1, failed: 1 });
  const left = await database.db
    .selectFrom('sms_receipt_due')
    .selectAll()
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  assert.deepEqual(left, []);
});

test('a change opens the channel anew, and a disabled one waits', async () => {
  const { smsChannelId, accountId, appId } = await channelWith(1);
  const bench = await startDispatcher(accepted);
  await untilStates(smsChannelId, { sent: 1 });
  await updateSmsChannel(database.db, smsChannelId, { isEnabled: false });
  await until(() => bench.transports[0]?.isClosed === true, { what: 'the channel to be closed', timeoutMs: 10_000 });
  await addMessages(database.db, { accountId, appId, smsChannelId, count: 1 });
  await updateSmsChannel(database.db, smsChannelId, { isEnabled: true, senderId: 'ACME' });
  await untilStates(smsChannelId, { sent: 2 });
  assert.equal(bench.transports.length, 2);
  assert.equal(bench.transports[1]?.sent[0]?.from, 'ACME');
});

test('nothing is sent before its time, or when its validity is over', async () => {
  const { smsChannelId } = await channelWith(1, { dueInS: 3600 });
  const old = await channelWith(2, { dueInS: -7200, validityS: 3600 });
  const bench = await startDispatcher(accepted);
  const { smsChannelId: probe } = await channelWith(1);
  await untilStates(probe, { sent: 1 });
  await expireMessages(database.db, new Date());
  assert.deepEqual(await statesOf(smsChannelId), { queued: 1 });
  assert.deepEqual(await statesOf(old.smsChannelId), { expired: 2 });
  assertOnce([bench], 1);
});

test('a message without a receipt for days is in doubt', async () => {
  const { smsChannelId } = await channelWith(1);
  await startDispatcher(accepted);
  await untilStates(smsChannelId, { sent: 1 });
  await database.db
    .updateTable('sms_receipt_due')
    .set({ sent_at: new Date(Date.now() - 4 * 86_400_000) })
    .where('sms_channel_id', '=', smsChannelId)
    .execute();
  await expireMessages(database.db, new Date());
  assert.deepEqual(await statesOf(smsChannelId), { unknown: 1 });
});

test('the outbox delivers', async () => {
  const { smsChannelId } = await channelWith(50);
  const dispatcher = new SmsDispatcher({
    db: database.db,
    listen: database.listen,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId: randomUUID(),
    open: openTransport,
  });
  running.push(dispatcher);
  await updateSmsChannel(database.db, smsChannelId, { maxTps: 1000 });
  await dispatcher.start();
  await untilStates(smsChannelId, { delivered: 50 });
});
