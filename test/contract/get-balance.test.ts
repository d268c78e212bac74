import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { type Answer, usualLiterals } from './kit/answer.ts';
import { decimalText, object, oneOf } from './kit/answer-shape.ts';
import { conforms, needsAdmin } from './kit/conforms.ts';
import { isFields } from './kit/json-path.ts';
import { serverUnderTest, signed } from './kit/server-under-test.ts';

const server = serverUnderTest();

conforms(server, {
  name: 'getBalance',
  section: '12.1',
  method: 'GET',
  base: '',
  isFlat: true,
  // One of the public clients sends its application along.
  path: (request) => `/getBalance${isFields(request) && request.appid !== undefined ? `?appid=${request.appid}` : ''}`,
  literals: usualLiterals,
  variants: [
    { title: 'an account', valid: () => ({}), fields: {} },
    { title: 'an account, with an appid', valid: () => ({ appid: server.settings.appId }), fields: {} },
  ],
  data: object({
    status: oneOf('0'),
    reason: oneOf('success'),
    balance: decimalText(),
    gift: decimalText(),
    credit: decimalText(),
  }),
  // -22 is of 15.2: another method.
  codes: [0, -1, -2, -13, -16, -18, -22],
  notProvoked: { [-13]: 'a test of its own has it' },
});

test('at the address of the third host, too', async () => {
  const headers = signed(server.settings.credentials);
  const answer = await server.raw({ method: 'GET', path: '/sms/getBalance', headers, body: null });
  assert.equal(answer.code, 0, answer.body);
});

test('a locked account: -13 here, where the contract has it, and an unknown key everywhere else (15.3)', async (context) => {
  if (needsAdmin(context, server)) return;
  const locked = await server.account({});
  await server.admin('PATCH', `/accounts/${locked.accountId}`, { isEnabled: false });
  const ask = (headers: Record<string, string>): Promise<Answer> =>
    server.raw({ method: 'GET', path: '/v3/getBalance', headers, body: null });
  // A change of an account may take some seconds to be seen.
  await until(async () => (await ask(signed(locked))).code === -13, { what: '-13', timeoutMs: 20_000 });
  assert.equal((await ask(signed(locked, { sign: 'wrong' }))).code, -1);
  assert.equal((await server.post('/fileQuery', {}, locked)).code, -1);
});
