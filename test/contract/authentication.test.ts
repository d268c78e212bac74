import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { envelopeProblems, usualLiterals } from './kit/answer.ts';
import { needsAdmin } from './kit/conforms.ts';
import { type Credentials, serverUnderTest, signature, signed } from './kit/server-under-test.ts';

const server = serverUnderTest();
let elsewhere: Credentials | null = null;
before(async () => {
  await server.open();
  if (server.settings.admin !== null) elsewhere = await server.account({ ipAllowList: ['203.0.113.0/24'] });
});

type Part = 'right' | 'wrong';

const keys: readonly (readonly [title: string, key: (right: string) => string | null, is: Part])[] = [
  ['the key', (right) => right, 'right'],
  ['no key', () => null, 'wrong'],
  ['an empty key', () => '', 'wrong'],
  ['an unknown key', () => 'nobody', 'wrong'],
  [
    'the key in the other case',
    (right) => (right === right.toLowerCase() ? right.toUpperCase() : right.toLowerCase()),
    'wrong',
  ],
];

const signs: readonly (readonly [title: string, sign: (right: string) => string | null, is: Part])[] = [
  ['its sign', (right) => right, 'right'],
  ['its sign in capitals', (right) => right.toUpperCase(), 'right'],
  ['its sign in both cases', (right) => `${right.slice(0, 16).toUpperCase()}${right.slice(16)}`, 'right'],
  ['no sign', () => null, 'wrong'],
  ['an empty sign', () => '', 'wrong'],
  ['a wrong sign', (right) => `${right.slice(0, -1)}${right.endsWith('0') ? '1' : '0'}`, 'wrong'],
  ['a sign that is too short', (right) => right.slice(0, 31), 'wrong'],
  ['a sign that is too long', (right) => `${right}0`, 'wrong'],
];

const seconds = (offset: number): string => String(Math.floor(Date.now() / 1000) + offset);
const timestamps: readonly (readonly [title: string, timestamp: () => string | null, is: Part])[] = [
  ['now', () => seconds(0), 'right'],
  ['29 minutes ago', () => seconds(-29 * 60), 'right'],
  ['29 minutes ahead', () => seconds(29 * 60), 'right'],
  ['31 minutes ago', () => seconds(-31 * 60), 'wrong'],
  ['31 minutes ahead', () => seconds(31 * 60), 'wrong'],
  ['in milliseconds', () => String(Date.now()), 'wrong'],
  ['with a fraction', () => `${seconds(0)}.5`, 'wrong'],
  ['no integer', () => 'yesterday', 'wrong'],
  ['no timestamp', () => null, 'wrong'],
];

/** Key and sign first, then the timestamp, then the address (contract 15.3). */
function codeOf(parts: { key: Part; sign: Part; timestamp: Part; address: Part }): number {
  if (parts.key === 'wrong' || parts.sign === 'wrong') return -1;
  if (parts.timestamp === 'wrong') return -16;
  return parts.address === 'wrong' ? -2 : 0;
}

async function checkAll(account: Credentials, address: Part): Promise<void> {
  const failures: string[] = [];
  const check = async (row: Row): Promise<void> => {
    const { title, headers, code } = requestOf(account, address, row);
    const answer = await server.raw({ method: 'POST', path: '/v3/voice/fileQuery', headers, body: '{}' });
    const problems = envelopeProblems(answer, usualLiterals);
    if (answer.code !== code) problems.push(`code is ${answer.code}; it must be ${code} (contract 15.3)`);
    if (code === -16 && answer.message !== 'timestamp expires') problems.push('the text is "timestamp expires" (1.3)');
    failures.push(...problems.map((problem) => `${title}: ${problem}; came ${answer.body}`));
  };
  for (const key of keys) {
    for (const sign of signs) await Promise.all(timestamps.map((timestamp) => check({ key, sign, timestamp })));
  }
  assert.ok(failures.length === 0, failures.join('\n'));
}

type Row = {
  readonly key: (typeof keys)[number];
  readonly sign: (typeof signs)[number];
  readonly timestamp: (typeof timestamps)[number];
};

function requestOf(
  account: Credentials,
  address: Part,
  row: Row,
): { title: string; headers: Record<string, string>; code: number } {
  const [keyTitle, keyFrom, keyIs] = row.key;
  const [signTitle, signFrom, signIs] = row.sign;
  const [timestampTitle, timestampNow, timestampIs] = row.timestamp;
  const apiKey = keyFrom(account.apiKey);
  const timestamp = timestampNow();
  const sign = signFrom(signature({ apiKey: apiKey ?? '', apiSecret: account.apiSecret }, timestamp ?? ''));
  const headers = {
    'Content-Type': 'application/json;charset=UTF-8',
    ...(apiKey !== null && { 'Api-Key': apiKey }),
    ...(timestamp !== null && { Timestamp: timestamp }),
    ...(sign !== null && { Sign: sign }),
  };
  const code = codeOf({ key: keyIs, sign: signIs, timestamp: timestampIs, address });
  return { title: `${keyTitle}, ${signTitle}, ${timestampTitle}`, headers, code };
}

describe('who is asking (contract 1.2, 15.3)', () => {
  test('all combinations of key, sign and timestamp, from an address that is let in', () =>
    checkAll(server.settings.credentials, 'right'));

  test('all of them from an address that is not on the list', async (context) => {
    if (needsAdmin(context, server) || elsewhere === null) return;
    await checkAll(elsewhere, 'wrong');
  });

  test('the test vector of the vendor: how a sign is made', () => {
    const account = { apiKey: 'bDqJFiq9', apiSecret: '7bz1lzh9' };
    assert.equal(signature(account, '1630468800'), '05d7a50893e22a5c4bb3216ae3396c7c');
  });

  test('who is asking is settled before the body is looked at', async () => {
    for (const body of ['{', '[]', '']) {
      const headers = signed(server.settings.credentials, { sign: 'wrong' });
      const answer = await server.raw({ method: 'POST', path: '/v3/voice/group/call/send', headers, body });
      assert.equal(answer.code, -1, answer.body);
    }
  });

  test('the body is not part of the sign', async () => {
    const headers = signed(server.settings.credentials);
    for (const body of ['{"current":1}', '{"current":2}']) {
      const answer = await server.raw({ method: 'POST', path: '/v3/voice/fileQuery', headers, body });
      assert.equal(answer.code, 0, answer.body);
    }
  });
});
