import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTrunk } from '../../src/domain/trunk/trunk-store.ts';
import { type AdminAnswer, openTestApi, type TestApi } from '../support/api-server.ts';
import { benchDialer } from '../support/dialer-fixture.ts';
import { at, listAt } from '../support/json.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

function serversOf(answer: AdminAnswer) {
  return listAt(answer.body, 'processes').map((process) => ({
    processId: at(process, 'processId'),
    statuses: listAt(process, 'servers').map((server) => at(server, 'status')),
  }));
}

test('without a dialer nobody looks, and a trunk that does not exist is not there', async () => {
  const { trunkId } = await createTrunk(api.database.db, { name: 'alone', host: 'h' });
  const answer = await api.admin('POST', `/trunks/${trunkId}/test`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual([at(answer.body, 'isReachable'), listAt(answer.body, 'processes')], [false, []]);
  assert.equal((await api.admin('POST', '/trunks/999999/test')).status, 404);
});

test('each dialer process looks for itself, also at a trunk that is disabled, and leaves nothing behind', async () => {
  const { db } = api.database;
  const { trunkId } = await createTrunk(db, { name: 'looked at', host: 'h', isEnabled: false, optionsIntervalS: 0 });
  // A fake engine answers probes and examinations alike.
  const near = benchDialer(api.database, () => ({}), { probe: () => 200 });
  const far = benchDialer(api.database, () => ({}), { probe: () => null });
  await Promise.all([near.dialer.start(), far.dialer.start()]);
  try {
    const answer = await api.admin('POST', `/trunks/${trunkId}/test`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(at(answer.body, 'isReachable'), true);
    assert.deepEqual(
      serversOf(answer).toSorted((a, b) => Number(b.statuses[0]) - Number(a.statuses[0])),
      [
        { processId: near.processId, statuses: [200] },
        { processId: far.processId, statuses: [null] },
      ],
    );
    assert.deepEqual(await db.selectFrom('trunk_test').selectAll().execute(), []);
    assert.deepEqual(await db.selectFrom('trunk_test_report').selectAll().execute(), []);
  } finally {
    await Promise.all([near.dialer.drain(0), far.dialer.drain(0)]);
  }
});
