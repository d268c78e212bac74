import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../../test/support/fake-clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { seededRandom } from '../../lib/random.ts';
import type { SmsSendResult } from '../sms-transport.ts';
import { HttpTransport } from './http-transport.ts';

test('a message whose turn comes in the moment of closing is refused, and goes nowhere', async () => {
  const clock = new FakeClock();
  const transport = new HttpTransport(
    {
      kind: 'http',
      baseUrl: 'http://127.0.0.1:9',
      appId: 'app',
      apiKey: 'key',
      apiSecret: 'secret',
      timeoutMs: 1000,
      pollMs: 1000,
    },
    {
      clock,
      random: seededRandom(1),
      logger: silentLogger(),
      maxTps: 10,
      onReceipt: () => Promise.resolve(),
      onLateResult: () => undefined,
      receiptsDue: () => Promise.resolve([]),
    },
  );
  transport.start();
  const results: SmsSendResult[] = [];
  void transport.send({ messageId: '1', to: '8613800138000', from: null, text: 'hello' }).then((result) => {
    results.push(result);
  });
  await transport.close(new AbortController().signal);
  await settled();
  assert.deepEqual(
    results.map((result) => result.type === 'refused' && result.reason),
    ['the channel is being closed'],
  );
  assert.equal(clock.pendingTimers, 0);
});
