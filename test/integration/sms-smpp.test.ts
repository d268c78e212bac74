import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { sql } from 'kysely';
import { SmsDispatcher } from '../../src/domain/sms/sms-dispatcher.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { openTransport } from '../../src/sms/open-transport.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount } from '../support/dialer-fixture.ts';
import { type SmppServer, type Submit, startSmppServer, type Treatment } from '../support/smpp-server.ts';
import { addMessages, addSmsApp } from '../support/sms-fixture.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const running: SmsDispatcher[] = [];
let server: SmppServer | null = null;
afterEach(async () => {
  await Promise.all(running.splice(0).map((dispatcher) => dispatcher.close(AbortSignal.timeout(500))));
  await server?.stop();
  server = null;
});

const count = 2000;

/** Messages that wait for an SMPP channel at this server, every twentieth long. */
async function queueMessages(port: number, { messages = count, responseTimeoutS = 3 } = {}): Promise<number> {
  const { accountId } = await addAccount(database.db);
  const account = { host: '127.0.0.1', port, systemId: 'carillon', password: 'secret' };
  const { smsChannelId, appId } = await addSmsApp(database.db, accountId, {
    settings: { kind: 'smpp', ...account, window: 50, responseTimeoutS },
    maxTps: 5000,
  });
  await addMessages(database.db, { accountId, appId, smsChannelId, count: messages });
  await sql`
    update sms_message set content = repeat('x', 200)
    where sms_channel_id = ${smsChannelId} and number::bigint % 20 = 7`.execute(database.db);
  return smsChannelId;
}

/** A process that sends. */
async function startProcess(): Promise<SmsDispatcher> {
  const dispatcher = new SmsDispatcher({
    db: database.db,
    listen: database.listen,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    processId: randomUUID(),
    open: openTransport,
    timing: { leaseMs: 2000, renewMs: 200 },
  });
  running.push(dispatcher);
  await dispatcher.start();
  return dispatcher;
}

type Row = { readonly number: string; readonly state: string };

async function rowsOf(smsChannelId: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select number, state from sms_message where sms_channel_id = ${smsChannelId}`.execute(database.db);
  return rows;
}

/** Until every message is delivered or in doubt; of those that are delivered the carrier has each part once, and of the others no part twice. */
async function assertAllEndOnce(carrier: SmppServer, smsChannelId: number): Promise<Map<string, Row[]>> {
  let states = new Map<string, Row[]>();
  await until(
    async () => {
      states = Map.groupBy(await rowsOf(smsChannelId), ({ state }) => state);
      return [...states.keys()].every((state) => state === 'delivered' || state === 'unknown');
    },
    {
      what: 'every message to be delivered or in doubt',
      timeoutMs: 60_000,
      everyMs: 200,
      detail: () => JSON.stringify([...states].map(([state, rows]) => [state, rows.length])),
    },
  );
  assert.deepEqual(
    [...carrier.taken].filter(([, times]) => times !== 1),
    [],
  );
  for (const { number } of states.get('delivered') ?? []) {
    const parts = Number(number) % 20 === 7 ? [1, 2] : [1];
    assert.ok(
      parts.every((part) => carrier.taken.get(`${number}/${part}`) === 1),
      number,
    );
  }
  const ended = [...states.values()].reduce((sum, rows) => sum + rows.length, 0);
  assert.equal(ended, count);
  return states;
}

/** What happens once, by how many messages have come before. */
const incidents: Readonly<Record<number, Treatment>> = {
  300: { answer: 0x58 },
  700: { answer: 'silence', receiptsAfterMs: [500], disturbance: 'destroy' },
  1100: { answer: 'accepted', receiptsAfterMs: [10], disturbance: 'unbind' },
  1500: { answer: 'silence', receiptsAfterMs: [10] },
};

/** A carrier with incidents, whose receipts are early, late, and double. */
function troubled(): (submit: Submit) => Treatment {
  let submits = 0;
  return ({ to }) => {
    submits += 1;
    const incident = incidents[submits];
    if (incident !== undefined) return incident;
    const remainder = Number(to) % 4;
    if (remainder === 0) return { answer: 'accepted', answerAfterMs: 20, receiptsAfterMs: [0] };
    if (remainder === 1) return { answer: 'accepted', receiptsAfterMs: [5, 10] };
    return { answer: 'accepted', receiptsAfterMs: [(Number(to) * 7919) % 1500] };
  };
}

test('the ledger over SMPP: a carrier in trouble, and every message ends once', async () => {
  server = await startSmppServer({ treat: troubled() });
  const smsChannelId = await queueMessages(server.port);
  await startProcess();
  const states = await assertAllEndOnce(server, smsChannelId);
  const doubtful = states.get('unknown')?.length ?? 0;
  assert.ok(doubtful > 0 && doubtful < 200, `${doubtful} in doubt`);
});

test('the ledger over SMPP: the process that sends ends at once, and the next one goes on', async () => {
  server = await startSmppServer({
    treat: ({ to }) => ({ answer: 'accepted', answerAfterMs: Number(to) % 30, receiptsAfterMs: [200] }),
  });
  const smsChannelId = await queueMessages(server.port);
  const first = await startProcess();
  const { taken } = server;
  await until(() => taken.size > 500, { what: 'the first messages', timeoutMs: 20_000, everyMs: 5 });
  await first.close(AbortSignal.abort());
  await startProcess();
  const states = await assertAllEndOnce(server, smsChannelId);
  assert.ok((states.get('unknown')?.length ?? 0) <= 100, 'no more than were under way');
});

test('the ledger over SMPP: answers after the time for them, receipts before and after: all delivered', async () => {
  server = await startSmppServer({
    treat: ({ to }) => ({
      answer: 'accepted',
      // The first part of a long one is in time: what follows it would never leave.
      answerAfterMs: Number(to) % 20 === 7 ? 0 : 1500,
      receiptsAfterMs: [Number(to) % 2 === 0 ? 50 : 2000],
    }),
  });
  const smsChannelId = await queueMessages(server.port, { messages: 60, responseTimeoutS: 1 });
  await startProcess();
  await until(async () => (await rowsOf(smsChannelId)).some(({ state }) => state === 'unknown'), {
    what: 'an answer to be overdue',
    timeoutMs: 20_000,
    everyMs: 20,
  });
  let states: string[] = [];
  await until(
    async () => {
      states = (await rowsOf(smsChannelId)).map(({ state }) => state);
      return states.every((state) => state === 'delivered');
    },
    { what: 'every message to be delivered', timeoutMs: 30_000, everyMs: 200, detail: () => states.join(' ') },
  );
  assert.deepEqual(
    [...server.taken].filter(([, times]) => times !== 1),
    [],
  );
});
