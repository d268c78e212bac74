import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account } from '../../domain/account/account.ts';
import { knownAccount, refusalOf, signatureOf } from './authenticate.ts';

const vector = { apiKey: 'bDqJFiq9', apiSecret: '7bz1lzh9', timestamp: '1630468800' };
const sign = '05d7a50893e22a5c4bb3216ae3396c7c';
const now = 1_630_468_800_000;

const account: Account = {
  accountId: 1000,
  name: 'ACME',
  apiKey: vector.apiKey,
  apiSecret: vector.apiSecret,
  timeZone: 'Asia/Shanghai',
  language: 'en',
  ipAllowList: ['203.0.113.0/24'],
  maxConcurrency: null,
  recordingDays: 60,
  speechProvider: 'espeak',
  rateTableId: null,
  requiresRate: false,
  isEnabled: true,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};
const good = { apiKey: vector.apiKey, timestamp: vector.timestamp, sign, address: '203.0.113.7' };
const signed = (timestamp: string) => ({
  ...good,
  timestamp,
  sign: signatureOf(vector.apiKey, vector.apiSecret, timestamp),
});

test("the contract's test vector", () => {
  assert.equal(signatureOf(vector.apiKey, vector.apiSecret, vector.timestamp), sign);
});

const cases: readonly [name: string, credentials: Parameters<typeof refusalOf>[1], code: number | null][] = [
  ['all is right', good, null],
  ['Sign in upper case', { ...good, sign: sign.toUpperCase() }, null],
  ['no Sign', { ...good, sign: undefined }, -1],
  ['a wrong Sign of the right length', { ...good, sign: sign.replace('0', '1') }, -1],
  ['a Sign of another length', { ...good, sign: `${sign}0` }, -1],
  ['Sign for another timestamp', { ...good, timestamp: '1630468801' }, -1],
  ['no Timestamp', { ...signed(''), timestamp: undefined }, -16],
  ['Timestamp that is no integer', signed('1630468800.0'), -16],
  ['Timestamp in words', signed('now'), -16],
  ['Timestamp with a sign', signed('+1630468800'), -16],
  ['30 minutes early', signed('1630467000'), null],
  ['30 minutes and a second early', signed('1630466999'), -16],
  ['30 minutes late', signed('1630470600'), null],
  ['30 minutes and a second late', signed('1630470601'), -16],
  ['Timestamp in milliseconds', signed('1630468800000'), -16],
  ['an address that is not listed', { ...good, address: '198.51.100.1' }, -2],
  ['old and from elsewhere: the timestamp comes first', { ...signed('1'), address: '198.51.100.1' }, -16],
  ['wrong in everything: the signature comes first', { ...signed('1'), sign: 'x', address: '198.51.100.1' }, -1],
];

for (const [name, credentials, code] of cases) {
  test(`${name}: ${code ?? 'passes'}`, () => {
    assert.equal(refusalOf(knownAccount(account), credentials, now)?.dialectCode ?? null, code);
  });
}

test('an unknown key, and a disabled account, are -1', () => {
  assert.equal(refusalOf(null, good, now)?.dialectCode, -1);
  assert.equal(refusalOf(knownAccount({ ...account, isEnabled: false }), good, now)?.dialectCode, -1);
});

test('an unknown key is refused also when it is signed with the empty secret', () => {
  const credentials = { ...good, sign: signatureOf(vector.apiKey, '', vector.timestamp) };
  assert.equal(refusalOf(null, credentials, now)?.dialectCode, -1);
});

test('a locked account is told so where the endpoint tells it, and only when nothing else is wrong', () => {
  const locked = knownAccount({ ...account, isEnabled: false });
  const codeOf = (credentials: typeof good) => refusalOf(locked, credentials, now, true)?.dialectCode;
  assert.equal(codeOf(good), -13);
  assert.equal(codeOf({ ...good, sign: 'x' }), -1);
  assert.equal(codeOf({ ...good, ...signed('1') }), -16);
  assert.equal(codeOf({ ...good, address: '198.51.100.1' }), -2);
});
