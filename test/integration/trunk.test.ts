import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { NewTrunk } from '../../src/domain/trunk/trunk.ts';
import { listTrunkHealth } from '../../src/domain/trunk/trunk-health.ts';
import { createTrunk, deleteTrunk, getTrunk, listTrunks, updateTrunk } from '../../src/domain/trunk/trunk-store.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { withKey } from '../support/domain-fixture.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('trunks are created, changed, listed by priority and deleted', async () => {
  const first = await createTrunk(database.db, { name: 'first', host: 'sip.example.com' });
  assert.equal(first.port, null);
  assert.equal(first.maxCps, 10);
  assert.deepEqual(first.codecs, ['PCMA', 'PCMU']);
  assert.deepEqual(first.prefixes, []);
  const second = await createTrunk(database.db, {
    name: 'second',
    host: '192.0.2.1',
    port: 5080,
    username: 'u',
    password: 'p',
    codecs: ['PCMU'],
    callerIds: ['1008122211'],
    prefixes: ['86', '63'],
    priority: 1,
    weight: 3,
    isEnabled: false,
  });
  assert.deepEqual(
    (await listTrunks(database.db)).map((trunk) => trunk.name),
    ['second', 'first'],
  );
  const changed = await updateTrunk(database.db, second.trunkId, { maxCps: 25, port: null });
  assert.equal(changed.maxCps, 25);
  assert.equal(changed.port, null);
  assert.equal(changed.password, 'p');
  assert.deepEqual(changed.prefixes, ['86', '63']);
  await assert.rejects(updateTrunk(database.db, second.trunkId, { name: 'first' }), withKey('nameTaken'));
  await deleteTrunk(database.db, second.trunkId);
  await assert.rejects(getTrunk(database.db, second.trunkId), withKey('unknownEntry'));
  await assert.rejects(deleteTrunk(database.db, second.trunkId), withKey('unknownEntry'));
  await assert.rejects(updateTrunk(database.db, second.trunkId, { maxCps: 1 }), withKey('unknownEntry'));
});

test('what cannot be is refused', async () => {
  const bad: Partial<NewTrunk>[] = [{ host: 'no host' }, { weight: 0 }, { prefixes: ['+86'] }];
  for (const fields of bad) {
    const create = createTrunk(database.db, { name: 'bad', host: 'sip.example.com', ...fields });
    await assert.rejects(create, withKey('badParameter'), JSON.stringify(fields));
  }
});

test('what does not fit to what is stored is refused, and changes nothing', async () => {
  const { db } = database;
  await assert.rejects(createTrunk(db, { name: 'unfit', host: 'h', registers: true }), withKey('badParameter'));
  assert.ok(!(await listTrunks(db)).some((trunk) => trunk.name === 'unfit'));
  const { trunkId } = await createTrunk(db, { name: 'account', host: 'h', username: 'u', password: 'p' });
  await assert.rejects(updateTrunk(db, trunkId, { username: null, maxCps: 77 }), withKey('badParameter'));
  const kept = await getTrunk(db, trunkId);
  assert.deepEqual([kept.username, kept.maxCps], ['u', 10]);
  const freed = await updateTrunk(db, trunkId, { username: null, password: null });
  assert.deepEqual([freed.username, freed.password], [null, null]);
});

test('health is the best that live dialers see, with their channels added up', async () => {
  const trunk = async (name: string) => (await createTrunk(database.db, { name, host: 'h' })).trunkId;
  const [silent, mixed, down] = [await trunk('h silent'), await trunk('h mixed'), await trunk('h down')];
  const process = async (heartbeatAgeS: number) => {
    const processId = randomUUID();
    await sql`insert into process (process_id, kind, host, pid, heartbeat_at)
              values (${processId}, 'dialer', 'h', 1, now() - make_interval(secs => ${heartbeatAgeS}))`.execute(
      database.db,
    );
    return processId;
  };
  const [live, other, dead] = [await process(0), await process(1), await process(600)];
  const report = (trunkId: number, processId: string, state: string, calls: number) =>
    sql`insert into trunk_health (trunk_id, process_id, state, reason, active_calls)
        values (${trunkId}, ${processId}, ${state}, ${state === 'up' ? null : 'no answer to OPTIONS'}, ${calls})`.execute(
      database.db,
    );
  await report(mixed, live, 'up', 3);
  await report(mixed, other, 'down', 4);
  await report(mixed, dead, 'up', 100);
  await report(down, live, 'down', 0);
  await report(down, dead, 'up', 7);
  const health = new Map((await listTrunkHealth(database.db)).map((entry) => [entry.trunkId, entry]));
  assert.deepEqual(health.get(silent), {
    trunkId: silent,
    state: 'unknown',
    reason: null,
    activeCalls: 0,
    updatedAt: null,
  });
  assert.equal(health.get(mixed)?.state, 'up');
  assert.equal(health.get(mixed)?.reason, null);
  assert.equal(health.get(mixed)?.activeCalls, 7);
  assert.equal(health.get(down)?.state, 'down');
  assert.equal(health.get(down)?.reason, 'no answer to OPTIONS');
  assert.equal(health.get(down)?.activeCalls, 0);
});
