import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account } from '../../domain/account/account.ts';
import { systemClock } from '../../lib/clock.ts';
import { AccountCache } from './account-cache.ts';

const account: Account = {
  accountId: 1000,
  name: 'ACME',
  apiKey: 'bDqJFiq9',
  apiSecret: '7bz1lzh9',
  timeZone: 'Asia/Shanghai',
  language: 'en',
  ipAllowList: [],
  maxConcurrency: null,
  recordingDays: 60,
  speechProvider: 'espeak',
  rateTableId: null,
  requiresRate: false,
  isEnabled: true,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};

function setUp() {
  const state = { now: 0, asked: 0, stored: account, isDown: false };
  const load = async (apiKey: string): Promise<Account | null> => {
    state.asked++;
    if (state.isDown) throw new Error('down');
    return apiKey === account.apiKey ? state.stored : null;
  };
  return { state, cache: new AccountCache(load, { ...systemClock, monotonic: () => state.now }) };
}

test('requests within two seconds ask once, also when they come at once', async () => {
  const { state, cache } = setUp();
  const [first, second] = await Promise.all([cache.find('bDqJFiq9'), cache.find('bDqJFiq9')]);
  assert.equal(first, second);
  state.now = 1999;
  assert.equal((await cache.find('bDqJFiq9'))?.account, account);
  assert.equal(state.asked, 1);
});

test('a change is seen after two seconds', async () => {
  const { state, cache } = setUp();
  await cache.find('bDqJFiq9');
  state.stored = { ...account, isEnabled: false };
  state.now = 2000;
  assert.equal((await cache.find('bDqJFiq9'))?.account.isEnabled, false);
});

test('no key, an empty one and a very long one are nobody’s, without asking', async () => {
  const { state, cache } = setUp();
  for (const apiKey of [undefined, '', 'x'.repeat(65)]) assert.equal(await cache.find(apiKey), null);
  assert.equal(state.asked, 0);
});

test('a database that is down is not remembered', async () => {
  const { state, cache } = setUp();
  state.isDown = true;
  await assert.rejects(cache.find('bDqJFiq9'), /down/);
  state.isDown = false;
  assert.equal((await cache.find('bDqJFiq9'))?.account, account);
});

test('guessed keys do not push a known account out before its time', async () => {
  const { state, cache } = setUp();
  await cache.find('bDqJFiq9');
  for (let index = 0; index < 1000; index++) await cache.find(`guess${index}`);
  await cache.find('bDqJFiq9');
  assert.equal(state.asked, 1001);
});
