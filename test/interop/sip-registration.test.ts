import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type { RegistrationStatus } from '../../src/telephony/sip/endpoint-types.ts';
import { udpHop } from '../../src/telephony/sip/transport/hop.ts';
import { startSippServer } from '../support/sipp.ts';
import { until } from '../support/until.ts';

test('SIPp as the registrar: digest, 423, a refresh with one Call-ID and rising numbers, and the removal of our contact alone', async () => {
  const scenario = join(import.meta.dirname, 'scenarios', 'uas-register-expect-refresh-and-removal.xml');
  const sipp = await startSippServer({ scenario, calls: 1, extraArgs: ['-timeout', '40'] });
  const endpoint = await createSipEndpoint({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    userAgent: 'Carillon interop',
  });
  try {
    const statuses: RegistrationStatus[] = [];
    const registration = endpoint.register(
      {
        registrarUri: 'sip:carrier.example',
        addressOfRecord: 'sip:1008@carrier.example',
        locate: async () => [udpHop({ address: '127.0.0.1', port: sipp.port })],
        routes: [],
        contactUser: '1008',
        furtherContacts: [],
        credentials: { username: '1008', password: 'secret' },
        expiresS: 60,
        instanceId: null,
      },
      (status) => statuses.push(status),
    );
    const first = await until(async () => statuses[0] ?? null, { what: 'the registration', timeoutMs: 10_000 });
    const isRefreshed = async (): Promise<boolean> => statuses.at(-1)?.expiresAt !== first.expiresAt;
    await until(isRefreshed, { what: 'the refresh', timeoutMs: 20_000 });
    const refreshed = registration.status;
    await registration.close(5000);
    const { exitCode, failed, errors } = await sipp.finished(10_000);
    assert.deepEqual([exitCode, failed], [0, 0], errors);
    assert.deepEqual([first.state, first.serviceRoute], ['registered', ['<sip:service.example;lr>']]);
    assert.deepEqual([refreshed.state, refreshed.serviceRoute], ['registered', []]);
    const leftS = ((refreshed.expiresAt ?? 0) - (first.expiresAt ?? 0)) / 1000;
    assert.ok(leftS > 580, `by its own expires first, then by the Expires header: ${leftS}`);
  } finally {
    await endpoint.close(0);
    await sipp.stop();
  }
});
