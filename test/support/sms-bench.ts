import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { SmsDispatcher } from '../../src/domain/sms/sms-dispatcher.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { SmsSendResult } from '../../src/sms/sms-transport.ts';
import type { TestDatabase } from './database.ts';
import { addAccount } from './dialer-fixture.ts';
import { type ScriptedAnswer, ScriptedTransport } from './scripted-transport.ts';
import { addMessages, addSmsApp } from './sms-fixture.ts';
import { until } from './until.ts';

/** A process that sends, and the channels that it has opened. */
export type ScriptedSender = {
  readonly dispatcher: SmsDispatcher;
  readonly processId: string;
  readonly transports: ScriptedTransport[];
};

/** Processes that send over channels which answer as a test says, on a database. */
export class SmsBench {
  readonly #database: TestDatabase;
  readonly #running: SmsDispatcher[] = [];

  constructor(database: TestDatabase) {
    this.#database = database;
  }

  async start(
    answer: ScriptedAnswer,
    { leaseMs = 15_000, window = 50, clock = systemClock }: { leaseMs?: number; window?: number; clock?: Clock } = {},
  ): Promise<ScriptedSender> {
    const { db, listen } = this.#database;
    const transports: ScriptedTransport[] = [];
    const processId = randomUUID();
    const dispatcher = new SmsDispatcher({
      db,
      listen,
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
    this.#running.push(dispatcher);
    await dispatcher.start();
    return { dispatcher, processId, transports };
  }

  /** As kill -9: it neither renews nor writes any more, and its lease is over in `leaseMs`. */
  async kill({ dispatcher, processId }: ScriptedSender, smsChannelId: number, leaseMs: number): Promise<void> {
    this.#running.splice(this.#running.indexOf(dispatcher), 1);
    await dispatcher.close(AbortSignal.abort());
    await sql`
      update sms_channel set holder_id = ${processId}, lease_until = now() + make_interval(secs => ${leaseMs / 1000})
      where sms_channel_id = ${smsChannelId}`.execute(this.#database.db);
  }

  /** Ends all processes, and disables all channels, so that the next test's processes hold that test's channels only. */
  async reset(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((dispatcher) => dispatcher.close(AbortSignal.timeout(500))));
    await this.#database.db.updateTable('sms_channel').set({ is_enabled: false }).execute();
  }

  /** A channel with messages in its queue. */
  async channelWith(count: number, change: Parameters<typeof addMessages>[2] = {}) {
    const { db } = this.#database;
    const { accountId } = await addAccount(db);
    const { smsChannelId, appId } = await addSmsApp(db, accountId);
    await addMessages(db, { accountId, appId, smsChannelId, count }, change);
    return { accountId, appId, smsChannelId };
  }

  /** How many messages of a channel are in each state. */
  async statesOf(smsChannelId: number): Promise<Record<string, number>> {
    const { rows } = await sql<{ state: string; n: number }>`
      select state, count(*)::int as n from sms_message where sms_channel_id = ${smsChannelId} group by state`.execute(
      this.#database.db,
    );
    return Object.fromEntries(rows.map((row) => [row.state, row.n]));
  }

  async untilStates(smsChannelId: number, expected: Record<string, number>): Promise<void> {
    let states: Record<string, number> = {};
    await until(
      async () => {
        states = await this.statesOf(smsChannelId);
        return JSON.stringify(Object.entries(states).sort()) === JSON.stringify(Object.entries(expected).sort());
      },
      { what: `the states ${JSON.stringify(expected)}`, timeoutMs: 20_000, detail: () => JSON.stringify(states) },
    );
  }
}

let names = 0;

/** A channel that takes every message, as one part of a name of its own. */
export function acceptedOnce(): SmsSendResult {
  names += 1;
  return { type: 'accepted', providerIds: [`p${names}`] };
}

/** A channel that never answers. */
export function neverAnswered(): Promise<SmsSendResult> {
  return new Promise(() => undefined);
}
