import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kysely, PostgresDialect } from 'kysely';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import type { Tables } from '../../db/tables.ts';
import { silentLogger } from '../../lib/logger.ts';
import { seededRandom } from '../../lib/random.ts';
import { SmsLedger } from './sms-ledger.ts';

/** A ledger whose database is away. */
function ledgerWithoutDatabase() {
  const tries = { count: 0 };
  const pool = {
    options: {},
    connect: () => {
      tries.count += 1;
      return Promise.reject(new Error('the database is away'));
    },
    end: () => Promise.resolve(),
  };
  const clock = new FakeClock();
  const ledger = new SmsLedger({
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    clock,
    random: seededRandom(1),
    logger: silentLogger(),
    processId: 'f0e1',
    smsChannelId: 1,
    onWritten: () => undefined,
  });
  return { clock, ledger, tries };
}

const key = { createdDay: '2026-11-26', smsId: 1 };

test('the ledger is closed while the database is away: it waits between tries, until it is told to stop', async () => {
  const { clock, ledger, tries } = ledgerWithoutDatabase();
  const at = new Date(0);
  ledger.report({ key, result: { type: 'accepted', providerIds: ['a'] }, at, againAt: at });
  const stop = new AbortController();
  let isClosed = false;
  const closed = ledger.close(stop.signal).then(() => {
    isClosed = true;
  });
  for (let time = 0; time < 200; time += 1) await settled();
  assert.equal(tries.count, 0);
  for (let step = 0; step < 20; step += 1) {
    await clock.advance(500);
    await settled();
  }
  assert.ok(tries.count >= 3 && tries.count <= 12, `${tries.count} tries in 10 s`);
  assert.equal(isClosed, false);
  stop.abort();
  await closed;
  assert.equal(clock.pendingTimers, 0);
});

test('a ledger that is closed takes no receipts, so that they are sent again', async () => {
  const { ledger } = ledgerWithoutDatabase();
  const waiting = ledger.receive({ providerId: 'a', state: 'delivered', doneAt: null, code: null });
  await Promise.all([assert.rejects(waiting, /not stored/), ledger.close(AbortSignal.abort())]);
  await assert.rejects(ledger.receive({ providerId: 'b', state: 'delivered', doneAt: null, code: null }), /not stored/);
});
