import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createAccount,
  findAccountByApiKey,
  getAccount,
  listAccounts,
  updateAccount,
} from '../../src/domain/account/account-store.ts';
import { createApp, findApp, listApps, requireApp } from '../../src/domain/app/app-store.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { withKey } from '../support/domain-fixture.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

test('an account is created with generated credentials and defaults', async () => {
  const account = await createAccount(database.db, { name: 'ACME' });
  assert.match(account.apiKey, /^[A-Za-z0-9]{8}$/);
  assert.match(account.apiSecret, /^[A-Za-z0-9]{16}$/);
  assert.equal(account.timeZone, 'Asia/Shanghai');
  assert.equal(account.language, 'en');
  assert.deepEqual(account.ipAllowList, []);
  assert.equal(account.maxConcurrency, null);
  assert.equal(account.isEnabled, true);
  assert.deepEqual(await findAccountByApiKey(database.db, account.apiKey), account);
  assert.equal(await findAccountByApiKey(database.db, 'nokey'), null);
  await assert.rejects(createAccount(database.db, { name: 'ACME' }), withKey('nameTaken'));
});

test('an account is moved here with its key, changed and disabled', async () => {
  const account = await createAccount(database.db, {
    name: 'moved',
    credentials: { apiKey: 'bDqJFiq9', apiSecret: '7bz1lzh9' },
    timeZone: 'Europe/Berlin',
    language: 'zh-CN',
    ipAllowList: ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'],
    maxConcurrency: 50,
  });
  assert.deepEqual(account.ipAllowList, ['203.0.113.7/32', '198.51.100.0/24', '2001:db8::/32']);
  const changed = await updateAccount(database.db, account.accountId, { maxConcurrency: null, isEnabled: false });
  assert.equal(changed.maxConcurrency, null);
  assert.equal(changed.isEnabled, false);
  assert.equal(changed.timeZone, 'Europe/Berlin');
  assert.equal((await updateAccount(database.db, account.accountId, { ipAllowList: [] })).ipAllowList.length, 0);
  assert.ok((await listAccounts(database.db)).some((listed) => listed.name === 'moved'));
});

test('what cannot be is refused', async () => {
  const create = (fields: object) => createAccount(database.db, { name: 'refused', ...fields });
  for (const timeZone of ['Mars/Olympus', '+08:00', '']) {
    await assert.rejects(create({ timeZone }), withKey('badParameter'), timeZone);
  }
  for (const address of ['203.0.113.300', 'example.com', '203.0.113.7/24']) {
    await assert.rejects(create({ ipAllowList: [address] }), withKey('badParameter'), address);
  }
  await assert.rejects(getAccount(database.db, 1), withKey('unknownEntry'));
  await assert.rejects(updateAccount(database.db, 1, { isEnabled: false }), withKey('unknownEntry'));
});

test('apps belong to one account and are of one kind', async () => {
  const { accountId } = await createAccount(database.db, { name: 'with apps' });
  const other = await createAccount(database.db, { name: 'with others' });
  const voice = await createApp(database.db, { accountId, name: 'calls', kind: 'voice' });
  const sms = await createApp(database.db, { accountId, name: 'texts', kind: 'sms', appId: '9obbP7Nl' });
  assert.match(voice.appId, /^[A-Za-z0-9]{8}$/);
  assert.deepEqual(await listApps(database.db, accountId), [voice, sms]);
  assert.deepEqual(await listApps(database.db, other.accountId), []);
  assert.ok((await listApps(database.db, null)).length >= 2);
  assert.deepEqual(await findApp(database.db, accountId, sms.appId), sms);
  assert.equal(await findApp(database.db, other.accountId, sms.appId), null);
  assert.deepEqual(await requireApp(database.db, accountId, voice.appId, 'voice'), voice);
  await assert.rejects(requireApp(database.db, accountId, sms.appId, 'voice'), withKey('unknownApp'));
  await assert.rejects(createApp(database.db, { accountId, name: 'calls', kind: 'sms' }), withKey('nameTaken'));
  await assert.rejects(createApp(database.db, { accountId: 1, name: 'x', kind: 'sms' }), withKey('unknownEntry'));
});
