import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTrunk } from '../../src/domain/trunk/trunk-store.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, benchDialer, taskRow } from '../support/dialer-fixture.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

const callerIds = Array.from({ length: 10 }, (_, index) => String(4930123400 + index));

/** Calls the same twenty numbers and says what each was shown, by number. */
async function shownTo(): Promise<Map<string, string | null>> {
  const { db } = database;
  const taskId = await addTask(db, { owner: await addAccount(db), callees: 20 });
  await until(async () => (await taskRow(db, taskId)).status === 2, { what: 'the task to finish', timeoutMs: 30_000 });
  const rows = await db.selectFrom('call').select(['number', 'display_num']).where('task_id', '=', taskId).execute();
  return new Map(rows.map((row) => [row.number, row.display_num]));
}

test('a callee is shown the same caller id in every round, by every process, over every trunk with the pool', async () => {
  const trunk = { host: '192.0.2.1', callerIds, maxCps: 1000, optionsIntervalS: 0 };
  await createTrunk(database.db, { ...trunk, name: 'one' });
  await createTrunk(database.db, { ...trunk, name: 'other', callerIds: callerIds.toReversed() });
  const dialers = [1, 2].map(() => benchDialer(database, () => ({ reject: { afterMs: 5, sipStatus: 486 } })));
  await Promise.all(dialers.map(({ dialer }) => dialer.start()));
  try {
    const first = await shownTo();
    assert.equal(first.size, 20);
    assert.ok(new Set(first.values()).size > 3, 'the pool is used');
    assert.deepEqual(await shownTo(), first);
    assert.deepEqual(await shownTo(), first);
    const trunks = new Set(dialers.flatMap(({ engine }) => engine.dials.map((request) => request.trunk.trunkId)));
    assert.equal(trunks.size, 2, 'both trunks were used');
  } finally {
    await Promise.all(dialers.map(({ dialer }) => dialer.drain(0)));
  }
});
