import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { requestDialect, signedHeaders } from '../support/dialect-client.ts';
import { listAt, numberAt, textAt } from '../support/json.ts';
import { type SmppServer, startSmppServer } from '../support/smpp-server.ts';
import { numbersFrom } from '../support/task-client.ts';
import { until } from '../support/until.ts';

const perRequest = 1000;
const requests = 3;

describe('SMS over SMPP', () => {
  let carillon: Carillon;
  let carrier: SmppServer;
  let smsChannelId: number;
  let appId: string;
  before(async () => {
    carrier = await startSmppServer({
      password: 'secret',
      treat: ({ to }) => ({ answer: 'accepted', answerAfterMs: Number(to) % 40, receiptsAfterMs: [Number(to) % 700] }),
    });
    carillon = await startCarillon();
    const smpp = { host: '127.0.0.1', port: carrier.port, systemId: 'carillon', password: 'secret', window: 50 };
    const channel = await carillon.admin('POST', '/sms-channels', {
      name: 'carrier',
      kind: 'smpp',
      smpp,
      maxTps: 2000,
    });
    smsChannelId = numberAt(channel, 'smsChannelId');
    const { accountId } = carillon;
    appId = textAt(
      await carillon.admin('POST', '/apps', { accountId, name: 'sms', kind: 'sms', smsChannelId }),
      'appId',
    );
  });
  after(async () => {
    await carillon?.stop();
    await carrier?.stop();
  });

  async function count(state: string): Promise<number> {
    const path = `/sms-messages?smsChannelId=${smsChannelId}&state=${state}&pageSize=1`;
    return numberAt(await carillon.admin('GET', path), 'total');
  }

  test('kill -9 of the api process that sends: each message ends delivered or in doubt, and the carrier has none twice', async () => {
    for (let request = 0; request < requests; request += 1) {
      const numbers = numbersFrom(8613700000000 + request * perRequest, perRequest);
      const { code, reason } = await requestDialect(carillon.baseUrl, {
        method: 'POST',
        path: '/v3/sendSms',
        headers: signedHeaders(carillon.credentials),
        body: JSON.stringify({
          appId,
          numbers: numbers.join(','),
          content: '您的验证码是 123456',
          senderId: 'Carillon',
        }),
      });
      assert.equal(Number(code), 0, reason);
    }
    await until(() => carrier.taken.size > 500, {
      what: 'the carrier to have the first messages',
      timeoutMs: 60_000,
      everyMs: 5,
      detail: () => carillon.log(),
    });
    process.kill(await carillon.pidOf('api'), 'SIGKILL');

    let ended = { delivered: 0, unknown: 0 };
    await until(
      async () => {
        try {
          ended = { delivered: await count('delivered'), unknown: await count('unknown') };
        } catch {
          // It is being started again.
          return false;
        }
        return ended.delivered + ended.unknown === requests * perRequest;
      },
      {
        what: 'every message to end',
        timeoutMs: 240_000,
        everyMs: 500,
        detail: () => `${JSON.stringify(ended)}\n${carillon.log()}`,
      },
    );
    assert.deepEqual(
      [...carrier.taken].filter(([, times]) => times !== 1),
      [],
    );
    // Two windows of 50 may have been under way, written or not.
    assert.ok(ended.unknown <= 100, `${ended.unknown} in doubt`);
    assert.ok(carrier.taken.size >= ended.delivered);
    const path = `/sms-messages?smsChannelId=${smsChannelId}&state=unknown&pageSize=100`;
    for (const message of listAt(await carillon.admin('GET', path), 'items'))
      assert.match(textAt(message, 'reason'), /\w/);
  });
});
