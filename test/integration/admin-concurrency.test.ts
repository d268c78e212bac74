import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { openTestApi, type TestApi } from '../support/api-server.ts';
import { at, numberAt, textAt } from '../support/json.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

/** Resolves when so many statements of this database wait for a lock. */
async function waiting(count: number): Promise<void> {
  for (let looks = 0; looks < 600; looks++) {
    const { rows } = await sql<{ n: number }>`
      select count(*)::integer as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      api.database.db,
    );
    if ((rows[0]?.n ?? 0) >= count) return;
    await delay(50);
  }
  assert.fail(`${count} statements never waited`);
}

test('two changes of one template at once: each keeps what it did not give', async () => {
  const { accountId } = api.account;
  const made = await api.admin('POST', '/templates', { accountId, name: 'code', text: 'Hello', lan: 'EN' });
  const templateId = numberAt(made.body, 'templateId');
  const path = `/templates/${templateId}`;
  const changes = await api.database.db.transaction().execute(async (tx) => {
    await sql`select from template where template_id = ${templateId} for update`.execute(tx);
    const sent = [api.admin('PATCH', path, { loopCount: 3 }), api.admin('PATCH', path, { displayNum: '8675500000' })];
    await waiting(2);
    return sent;
  });
  for (const { status } of await Promise.all(changes)) assert.equal(status, 200);
  const { body } = await api.admin('GET', path);
  assert.deepEqual([at(body, 'loopCount'), at(body, 'displayNum')], [3, '8675500000']);
});

test('an app is given a channel while that is deleted: one of the two is refused', async () => {
  const channel = await api.admin('POST', '/sms-channels', { name: 'going', kind: 'outbox' });
  const smsChannelId = numberAt(channel.body, 'smsChannelId');
  const app = await api.admin('POST', '/apps', { accountId: api.account.accountId, name: 'texts', kind: 'sms' });
  const path = `/apps/${textAt(app.body, 'appId')}`;
  const given = await api.database.db.transaction().execute(async (tx) => {
    await sql`delete from sms_channel where sms_channel_id = ${smsChannelId}`.execute(tx);
    const change = api.admin('PATCH', path, { smsChannelId });
    await waiting(1);
    return [change];
  });
  const [refused] = await Promise.all(given);
  assert.equal(refused?.status, 404, JSON.stringify(refused?.body));
  assert.match(textAt(refused?.body ?? null, 'detail'), /SMS channel \d+ does not exist/);
});

test('a channel is deleted while an app is given it: the app keeps it', async () => {
  const channel = await api.admin('POST', '/sms-channels', { name: 'staying', kind: 'outbox' });
  const smsChannelId = numberAt(channel.body, 'smsChannelId');
  const app = await api.admin('POST', '/apps', { accountId: api.account.accountId, name: 'more texts', kind: 'sms' });
  const appId = textAt(app.body, 'appId');
  const deletion = await api.database.db.transaction().execute(async (tx) => {
    await sql`update app set sms_channel_id = ${smsChannelId} where app_id = ${appId}`.execute(tx);
    const deleting = api.admin('DELETE', `/sms-channels/${smsChannelId}`);
    await waiting(1);
    return [deleting];
  });
  const [refused] = await Promise.all(deletion);
  assert.equal(refused?.status, 409, JSON.stringify(refused?.body));
  assert.match(textAt(refused?.body ?? null, 'detail'), /is the channel of the apps/);
});
