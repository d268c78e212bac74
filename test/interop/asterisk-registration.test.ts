import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TrunkRegistration, TrunkRegistrationStatus, TrunkTarget } from '../../src/call/engine.ts';
import { type AsteriskCarrier, endpointSection, section, startAsteriskCarrier } from '../support/asterisk-carrier.ts';
import { startKamailio } from '../support/kamailio.ts';
import { trunkTarget } from '../support/trunk-target.ts';
import { until } from '../support/until.ts';

const pjsip = [
  endpointSection('acme', { auth: 'acme', aors: 'acme' }),
  section('acme', 'auth', { auth_type: 'userpass', username: 'acme', password: 's3cret trunk' }),
  section('acme', 'aor', { max_contacts: '2', minimum_expiration: '120', qualify_frequency: '1', support_path: 'yes' }),
].join('');

const acme = { username: 'acme', password: 's3cret trunk' };

describe('Asterisk as the registrar', () => {
  let carrier: AsteriskCarrier;
  before(async () => {
    carrier = await startAsteriskCarrier(pjsip, '[carrier]\n');
  });
  after(() => carrier?.close());

  /** Registers, and resolves to the first status that is wanted. */
  async function register(
    state: TrunkRegistrationStatus['state'],
    trunk: Partial<TrunkTarget>,
    expiresS = 300,
  ): Promise<{ status: TrunkRegistrationStatus; registration: TrunkRegistration }> {
    const seen: TrunkRegistrationStatus[] = [];
    const target = trunkTarget({ port: carrier.asterisk.sipPort, ...acme, ...trunk });
    const registration = carrier.engine.register({ trunk: target, expiresS }, (status) => seen.push(status));
    const status = await until(() => seen.find((each) => each.state === state) ?? null, {
      what: `a registration to be ${state}`,
      timeoutMs: 10_000,
      everyMs: 20,
      detail: () => JSON.stringify(seen),
    });
    return { status, registration };
  }

  const contacts = (): Promise<string> => carrier.asterisk.remoteControl.command('pjsip show contacts');

  const untilFound = (): Promise<boolean> =>
    until(async () => / Avail /.test(await contacts()), {
      what: 'Asterisk to find us by OPTIONS',
      timeoutMs: 10_000,
      detail: () => carrier.asterisk.output().slice(-3000),
    });

  test('registration with digest: Asterisk has our contact, until we take it back', async () => {
    const { registration } = await register('registered', {});
    assert.match(await contacts(), new RegExp(`acme/sip:[^ ]*127\\.0\\.0\\.1:${carrier.ownPort}`));
    await registration.close();
    assert.doesNotMatch(await contacts(), /acme\/sip:/);
  });

  test('registration that is too brief (423): what Asterisk asks for is taken', async () => {
    const { status, registration } = await register('registered', {}, 60);
    const leftS = ((status.expiresAt ?? 0) - Date.now()) / 1000;
    assert.ok(leftS > 60 && leftS <= 120, `${leftS} s left`);
    await registration.close();
  });

  test('registration with a wrong password fails, and says why', async () => {
    const { status, registration } = await register('failed', { password: 'guessed' });
    assert.match(status.reason ?? '', /401/);
    await registration.close();
  });

  test('OPTIONS: Asterisk asks our registered contact (qualify), and finds it there', async () => {
    const { registration } = await register('registered', {});
    await untilFound();
    await registration.close();
  });

  test('registration through an outbound proxy (Path): Asterisk reaches us by way of Kamailio', async () => {
    const registrar = `sip:127.0.0.1:${carrier.asterisk.sipPort}`;
    const proxy = await startKamailio({ ...acme, gateways: [], registrar });
    try {
      const { registration } = await register('registered', { outboundProxy: `sip:127.0.0.1:${proxy.sipPort};lr` });
      const stored = await carrier.asterisk.remoteControl.command('database show registrar');
      assert.match(stored, new RegExp(`"path":"<sip:127\\.0\\.0\\.1:${proxy.sipPort};lr`));
      await untilFound();
      await registration.close();
      assert.doesNotMatch(await contacts(), /acme\/sip:/);
    } finally {
      await proxy.stop();
    }
  });
});
