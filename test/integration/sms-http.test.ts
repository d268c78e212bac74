import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { SmsDispatcher } from '../../src/domain/sms/sms-dispatcher.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { openTransport } from '../../src/sms/open-transport.ts';
import { openTestApi, type TestApi } from '../support/api-server.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount } from '../support/dialer-fixture.ts';
import { addMessages, addSmsApp } from '../support/sms-fixture.ts';
import { until } from '../support/until.ts';

/** Two installations: one sends over the other, by real HTTP. */
let upstream: TestApi;
let upstreamUrl: string;
let upstreamApp: { appId: string; smsChannelId: number };
let database: TestDatabase;
before(async () => {
  [upstream, database] = await Promise.all([openTestApi(), openTestDatabase()]);
  upstreamUrl = `${await upstream.listen()}/v3`;
  upstreamApp = await addSmsApp(upstream.database.db, upstream.account.accountId);
});
after(() => Promise.all([upstream.close(), database.close()]));

const running: SmsDispatcher[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((dispatcher) => dispatcher.close(AbortSignal.timeout(500))));
  await database.db.updateTable('sms_channel').set({ is_enabled: false }).execute();
});

async function startDispatcher({ db, listen }: TestDatabase): Promise<void> {
  const dispatcher = new SmsDispatcher({
    db,
    listen,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId: randomUUID(),
    open: openTransport,
    timing: { leaseMs: 15_000, renewMs: 200 },
  });
  running.push(dispatcher);
  await dispatcher.start();
}

/** A channel over `baseUrl` with messages in its queue. */
async function queueOver(baseUrl: string, count: number, change: { apiSecret?: string } = {}): Promise<number> {
  const { accountId } = await addAccount(database.db);
  const { apiKey, apiSecret } = upstream.account;
  const settings = {
    kind: 'http',
    baseUrl,
    appId: upstreamApp.appId,
    apiKey,
    apiSecret,
    timeoutMs: 1500,
    pollMs: 200,
    ...change,
  } as const;
  const { smsChannelId, appId } = await addSmsApp(database.db, accountId, { settings, maxTps: 1000 });
  await addMessages(database.db, { accountId, appId, smsChannelId, count });
  return smsChannelId;
}

async function messagesOf(smsChannelId: number) {
  return database.db
    .selectFrom('sms_message')
    .select(['sms_id', 'state', 'attempt', 'code', 'reason', 'provider_ids', 'number'])
    .where('sms_channel_id', '=', smsChannelId)
    .orderBy('sms_id')
    .execute();
}

async function untilAll(smsChannelId: number, state: string): Promise<void> {
  let states: string[] = [];
  await until(
    async () => {
      states = (await messagesOf(smsChannelId)).map((message) => message.state);
      return states.every((each) => each === state);
    },
    { what: `all to be ${state}`, timeoutMs: 30_000, detail: () => states.join(' ') },
  );
}

test('messages go to the other installation once, and come back delivered', async () => {
  const channel = await queueOver(upstreamUrl, 40);
  await startDispatcher(database);
  await untilAll(channel, 'sent');
  await startDispatcher(upstream.database);
  await untilAll(channel, 'delivered');
  const sent = await messagesOf(channel);
  const taken = await upstream.database.db
    .selectFrom('sms_message')
    .select(['number', 'order_id', 'content', 'state'])
    .orderBy('sms_id')
    .execute();
  assert.equal(taken.length, 40);
  assert.deepEqual(new Set(taken.map((message) => message.number)), new Set(sent.map((message) => message.number)));
  assert.equal(new Set(taken.map((message) => message.order_id)).size, 40);
  assert.ok(taken.every(({ state }) => state === 'delivered'));
});

test('a wrong secret leaves them waiting, and the status says why', async () => {
  const channel = await queueOver(upstreamUrl, 2, { apiSecret: 'wrong' });
  await startDispatcher(database);
  const reasonOf = async (): Promise<string | null> =>
    (
      await database.db
        .selectFrom('sms_channel')
        .select('state_reason')
        .where('sms_channel_id', '=', channel)
        .executeTakeFirstOrThrow()
    ).state_reason;
  await until(async () => (await reasonOf()) !== null, { what: 'a reason', timeoutMs: 10_000 });
  assert.match((await reasonOf()) ?? '', /^-1 authentication failed/);
  const messages = await messagesOf(channel);
  assert.deepEqual(
    messages.map(({ state, attempt, code }) => [state, attempt, code]),
    [
      ['queued', 1, '-1'],
      ['queued', 1, '-1'],
    ],
  );
});

/** A platform that takes connections and does as a test says with each. */
async function startPlatform(
  onConnection: (socket: Socket, nth: number) => void,
): Promise<{ url: string; server: Server; connections: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.on('error', () => undefined);
    onConnection(socket, count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { url: `http://127.0.0.1:${address.port}`, server, connections: () => count };
}

test('a platform that hears and says nothing leaves it in doubt, and is not asked again', async () => {
  for (const behave of [() => undefined, (socket: Socket) => socket.once('data', () => socket.destroy())]) {
    const { url, server, connections } = await startPlatform(behave);
    const channel = await queueOver(url, 1);
    await startDispatcher(database);
    await untilAll(channel, 'unknown');
    const [message] = await messagesOf(channel);
    assert.equal(message?.attempt, 1);
    assert.equal(connections(), 1);
    await Promise.all(running.splice(0).map((dispatcher) => dispatcher.close(AbortSignal.timeout(500))));
    server.close();
  }
});

test('a platform that cannot be reached is tried until it is there', async () => {
  const { url, server } = await startPlatform(() => undefined);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  await closed;
  const channel = await queueOver(url, 1);
  await startDispatcher(database);
  await until(async () => (await messagesOf(channel))[0]?.attempt === 2, { what: 'a second try', timeoutMs: 20_000 });
  const [message] = await messagesOf(channel);
  assert.notEqual(message?.state, 'unknown');
  assert.match(message?.reason ?? '', /ECONNREFUSED/);
});
