import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import type { Answer } from './kit/answer.ts';
import { needsAdmin } from './kit/conforms.ts';
import { peopleOrSkip } from './kit/people.ts';
import { recordOf } from './kit/record-client.ts';
import { farFuture, serverUnderTest, signed, toneFile, uniqueText } from './kit/server-under-test.ts';

const server = serverUnderTest();

type Payer = {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly accountId: number;
  readonly appId: string;
};
type Request = { readonly name: string; readonly path: string; readonly body: () => Promise<Json> };

/** An account with a rate of 0.06 EUR a minute, 60+60, for the numbers of the suite's people. */
async function ratedAccount(settings: { readonly [key: string]: Json } = {}): Promise<Payer> {
  const table = { name: `contract ${uniqueText(6)}`, currency: 'EUR', quoteExchange: '1.1' };
  const rateTableId = numberAt(await server.admin('POST', '/rate-tables', table), 'rateTableId');
  const terms = { code: 'China', billPeriod: '60+60', rate: '0.06' };
  await server.admin('PUT', `/rate-tables/${rateTableId}/rates/86139`, terms);
  return server.account({ rateTableId, ...settings });
}

async function prepaidAccount(amount: string | null): Promise<Payer> {
  const payer = await ratedAccount();
  await server.admin('PUT', `/accounts/${payer.accountId}/balance`, {});
  if (amount !== null) {
    const entry = { kind: 'topUp', amount };
    const headers = { 'Idempotency-Key': uniqueKey() };
    await server.admin('POST', `/accounts/${payer.accountId}/balance/entries`, entry, headers);
  }
  return payer;
}

const uniqueKey = (): string => `contract-${server.run}-${performance.now()}`;

/** Every request that makes calls, for a number. */
async function submissions(payer: Payer, number: string): Promise<readonly Request[]> {
  const upload = await server.post('/fileUpload', { fileName: `${uniqueText(8)}.wav`, file: toneFile() }, payer);
  const voiceFileId = textAt(upload.data ?? null);
  const templateBody = { accountId: payer.accountId, name: uniqueText(6), text: 'hello', lan: 'EN' };
  const dimensionId = numberAt(await server.admin('POST', '/templates', templateBody), 'templateId');
  const { appId } = payer;
  const direct = { appId, callee: number };
  const task = { appId, source: 1, voiceFileId, loopCount: 1, maxCalls: 60, sendTime: farFuture };
  const always = (body: Json) => (): Promise<Json> => Promise.resolve(body);
  return [
    {
      name: 'send',
      path: '/group/call/send',
      body: always({ ...task, taskName: uniqueText(8), numberList: [number] }),
    },
    { name: 'sendGroup', path: '/sendGroup', body: always({ ...direct, fileId: voiceFileId }) },
    { name: 'sendCode', path: '/sendCode', body: always({ ...direct, language: 'EN', text: 'hello' }) },
    { name: 'sendIvr', path: '/sendIvr', body: always({ appId, numberList: [{ callee: number, dimensionId }] }) },
  ];
}

async function answersOf(payer: Payer, number: string): Promise<[string, Answer][]> {
  const answers: [string, Answer][] = [];
  for (const { name, path, body } of await submissions(payer, number)) {
    answers.push([name, await server.post(path, await body(), payer)]);
  }
  return answers;
}

/** A task that is over, for resend: made while it could be paid. */
async function resendAnswer(payer: Payer, number: string, then: () => Promise<unknown>): Promise<Answer> {
  const [send] = await submissions(payer, number);
  const body = (await send?.body()) ?? null;
  const sent = await server.post('/group/call/send', body, payer);
  assert.equal(sent.code, 0, sent.body);
  await server.post('/group/call/cancel', { taskIdList: [Number(sent.data)] }, payer);
  await then();
  const again = { keyId: Number(sent.data), taskName: uniqueText(8), source: 1, sendTime: farFuture };
  return server.post('/group/call/resend', { ...again, voiceFileId: at(body, 'voiceFileId') }, payer);
}

function people(context: TestContext): { answers: string } | null {
  return needsAdmin(context, server) ? null : peopleOrSkip(context, server);
}

describe('rates and balance (contract 12.1, 13.1, 15.14)', () => {
  test('a prepaid account without anything: -10 from every endpoint that calls', async (context) => {
    const callable = people(context);
    if (callable === null) return;
    const payer = await prepaidAccount(null);
    for (const [name, answer] of await answersOf(payer, callable.answers)) {
      assert.equal(answer.code, -10, `${name}: ${answer.body}`);
    }
  });

  test('a prepaid account that is used up meanwhile: -10 from resend', async (context) => {
    const callable = people(context);
    if (callable === null) return;
    const payer = await prepaidAccount('1');
    const takeAll = (): Promise<Json> =>
      server.admin(
        'POST',
        `/accounts/${payer.accountId}/balance/entries`,
        { kind: 'correction', amount: '-1' },
        { 'Idempotency-Key': uniqueKey() },
      );
    const answer = await resendAnswer(payer, callable.answers, takeAll);
    assert.equal(answer.code, -10, answer.body);
  });

  test('an account that demands a rate, and a number without one: -26 that names it', async (context) => {
    if (needsAdmin(context, server)) return;
    const payer = await ratedAccount({ requiresRate: true });
    for (const [name, answer] of await answersOf(payer, '15550100001')) {
      assert.equal(answer.code, -26, `${name}: ${answer.body}`);
      assert.match(answer.message, /15550100001/);
    }
  });

  test('an account that demands no rate calls such a number for nothing', async (context) => {
    if (needsAdmin(context, server)) return;
    const payer = await ratedAccount();
    const [send] = await submissions(payer, '15550100001');
    const answer = await server.post('/group/call/send', (await send?.body()) ?? null, payer);
    assert.equal(answer.code, 0, answer.body);
    await server.post('/group/call/cancel', { taskIdList: [Number(answer.data)] }, payer);
  });

  test('getBalance has what was paid and given, and a call takes its cost from it, to the last digit', async (context) => {
    const callable = people(context);
    if (callable === null) return;
    const payer = await prepaidAccount('1');
    assert.deepEqual(await balanceOf(payer), { balance: '1', gift: '0', credit: '0' });
    const requests = await submissions(payer, callable.answers);
    const sendGroup = requests.find(({ name }) => name === 'sendGroup');
    const request = { ...Object((await sendGroup?.body()) ?? null), maxDuration: 2 };
    const answer = await server.post('/sendGroup', request, payer);
    const voiceId = textAt(at(listAt(answer.data ?? null)[0] ?? null, 'voiceId'));
    const record = await recordOf(server, voiceId, 60_000, payer);
    const names = ['callStatus', 'code', 'chargedDuration', 'billPeriod', 'rate', 'cost', 'baseCost', 'currency'];
    assert.deepEqual(
      names.map((name) => at(record, name)),
      [50, 'China', 60, '60+60', '0.06', '0.06', '0.066', 'EUR'],
      names.join(),
    );
    const settled = ['settleRate', 'settlePay', 'quoteExchange'].map((name) => at(record, name));
    assert.deepEqual(settled, ['0.06', '0.06', '1.1']);
    assert.deepEqual(await balanceOf(payer), { balance: '0.94', gift: '0', credit: '0' });
  });

  test('a call that is not answered costs nothing', async (context) => {
    const callable = peopleOrSkip(context, server);
    if (callable === null || needsAdmin(context, server)) return;
    const payer = await prepaidAccount('1');
    const request = { appId: payer.appId, callee: callable.isBusy, language: 'EN', text: 'hello' };
    const voiceId = textAt((await server.post('/sendCode', request, payer)).data ?? null);
    const record = await recordOf(server, voiceId, 60_000, payer);
    assert.deepEqual([at(record, 'chargedDuration'), at(record, 'cost'), at(record, 'baseCost')], [0, '0', '0']);
    assert.equal((await balanceOf(payer)).balance, '1');
  });
});

async function balanceOf(payer: Payer): Promise<{ balance: Json; gift: Json; credit: Json }> {
  const request = { method: 'GET', path: '/v3/getBalance', headers: signed(payer), body: null };
  const { json = null } = await server.raw(request);
  return { balance: at(json, 'balance'), gift: at(json, 'gift'), credit: at(json, 'credit') };
}
