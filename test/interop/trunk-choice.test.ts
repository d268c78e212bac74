import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CallEngine } from '../../src/call/engine.ts';
import type { TrunkChange } from '../../src/domain/trunk/trunk.ts';
import { createTrunk, deleteTrunk } from '../../src/domain/trunk/trunk-store.ts';
import { createEmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createMediaService } from '../../src/telephony/rtp/media-service.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, benchDialer, taskRow } from '../support/dialer-fixture.ts';
import { freeUdpRange } from '../support/free-port.ts';
import { type Sipp, startSippServer } from '../support/sipp.ts';
import { until } from '../support/until.ts';

/** Two SIPp carriers, a real engine, a real database: which trunk carries what (docs/trunks.md). */

type Carrier = { readonly sipp: Sipp; readonly trunkId: number };

describe('the choice among two carriers', { timeout: 300_000 }, () => {
  let database: TestDatabase;
  let engine: CallEngine;
  let dialer: ReturnType<typeof benchDialer>['dialer'];
  const carriers: Carrier[] = [];

  before(async () => {
    database = await openTestDatabase();
    engine = await openEngine();
    dialer = benchDialer(database, () => ({}), { engine, random: systemRandom() }).dialer;
    await dialer.start();
  });
  afterEach(async () => {
    for (const { sipp, trunkId } of carriers.splice(0)) {
      await deleteTrunk(database.db, trunkId);
      await sipp.stop();
    }
  });
  after(async () => {
    await dialer?.drain(0);
    await engine?.close();
    await database?.close();
  });

  async function carrier(scenario: string, settings: TrunkChange, extraArgs: readonly string[] = []): Promise<Carrier> {
    const file = fileURLToPath(new URL(`./carrier/${scenario}.xml`, import.meta.url));
    const sipp = await startSippServer({ scenario: file, calls: 1000, extraArgs });
    // Limits that are never reached: a call would go over the other trunk rather than wait.
    const place = { host: '127.0.0.1', port: sipp.port, maxCps: 10_000, maxChannels: 500, optionsIntervalS: 0 };
    const trunk = await createTrunk(database.db, { name: `${scenario} ${sipp.port}`, ...place, ...settings });
    const made = { sipp, trunkId: trunk.trunkId };
    carriers.push(made);
    return made;
  }

  /** Calls so many numbers and says what each record has. */
  async function recordsOf(callees: number) {
    const { db } = database;
    const taskId = await addTask(db, { owner: await addAccount(db), callees });
    await until(async () => (await taskRow(db, taskId)).status === 2, {
      what: 'the task to finish',
      timeoutMs: 60_000,
    });
    return db.selectFrom('call').select(['trunk_id', 'attempt', 'sip_status']).where('task_id', '=', taskId).execute();
  }

  /** What SIPp itself has counted: it writes that down once a second. */
  function carried({ sipp }: Carrier, calls: number): Promise<true> {
    return until(async () => (await sipp.carried()) === calls, {
      what: `SIPp to count ${calls} calls`,
      timeoutMs: 10_000,
    });
  }

  test('of one priority they share the calls by weight, and a busy callee is called over one of them only', async () => {
    const [three, one] = [await carrier('uas-busy', { weight: 3 }), await carrier('uas-busy', { weight: 1 })];
    const records = await recordsOf(100);
    assert.deepEqual(new Set(records.map((record) => record.sip_status)), new Set([486]));
    assert.deepEqual(new Set(records.map((record) => record.attempt)), new Set([1]));
    const share = records.filter((record) => record.trunk_id === three.trunkId).length;
    // 75 of 100, give or take five standard deviations.
    assert.ok(share > 53 && share < 97, `${share} of 100`);
    await carried(three, share);
    await carried(one, 100 - share);
  });

  test('after a 503 the next one carries the call, and the record says so', async () => {
    const bad = await carrier('uas-service-unavailable', { priority: 1 });
    const good = await carrier('uas-busy', { priority: 2 });
    const records = await recordsOf(4);
    const facts = { trunk_id: good.trunkId, attempt: 2, sip_status: 486 };
    assert.deepEqual(
      records.map((record) => ({ ...record })),
      [facts, facts, facts, facts],
    );
    await carried(bad, 4);
    await carried(good, 4);
  });

  test('after a 603 nobody else is asked, even when nothing has rung', async () => {
    const first = await carrier('uas-decline', { priority: 1 });
    const second = await carrier('uas-busy', { priority: 2 });
    const records = await recordsOf(4);
    assert.ok(records.every((record) => record.trunk_id === first.trunkId && record.attempt === 1));
    assert.deepEqual(new Set(records.map((record) => record.sip_status)), new Set([603]));
    await carried(first, 4);
    await carried(second, 0);
  });

  test('a redirection leads to another server where it is allowed, and is the end of the call where it is not', async () => {
    // Disabled as a trunk, so that only the redirection leads there.
    const elsewhere = await carrier('uas-busy', { isEnabled: false });
    const target = ['-key', 'target', `127.0.0.1:${elsewhere.sipp.port}`];
    const allowed = await carrier('uas-redirect', { maxRedirects: 1, priority: 1 }, target);
    const facts = (status: number, trunkId: number) => ({ trunk_id: trunkId, attempt: 1, sip_status: status });
    assert.deepEqual(
      (await recordsOf(2)).map((record) => ({ ...record })),
      [facts(486, allowed.trunkId), facts(486, allowed.trunkId)],
    );
    await carried(allowed, 2);
    await carried(elsewhere, 2);
    const forbidden = await carrier('uas-redirect', { maxRedirects: 0, priority: 0 }, target);
    assert.deepEqual(
      (await recordsOf(1)).map((record) => ({ ...record })),
      [facts(302, forbidden.trunkId)],
    );
    await carried(elsewhere, 2);
  });

  test('the longest prefix comes before the priority', async () => {
    const general = await carrier('uas-decline', { priority: 0 });
    const special = await carrier('uas-decline', { priority: 9, prefixes: ['8613000000'] });
    const records = await recordsOf(2);
    assert.deepEqual(new Set(records.map((record) => record.trunk_id)), new Set([special.trunkId]));
    await carried(special, 2);
    await carried(general, 0);
  });
});

async function openEngine(): Promise<CallEngine> {
  const shared = { clock: systemClock, random: systemRandom(), logger: silentLogger() };
  const endpoint = await createSipEndpoint({ ...shared, host: '127.0.0.1', port: 0, userAgent: 'Carillon test' });
  const first = await freeUdpRange(400);
  const portRange = { first, last: first + 399 };
  const media = await createMediaService({ ...shared, hosts: ['127.0.0.1'], portRange, threads: 1 });
  return createEmbeddedEngine({ ...shared, endpoint, media, rtpHosts: ['127.0.0.1'] });
}
