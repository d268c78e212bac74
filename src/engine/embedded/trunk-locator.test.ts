import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import type { TrunkTls } from '../../call/engine.ts';
import { seededRandom } from '../../lib/random.ts';
import { ScriptedResolver } from '../../telephony/dns/testing/scripted-resolver.ts';
import { TrunkLocator } from './trunk-locator.ts';

const uri = 'sip:carrier.example';
const trunk = trunkTarget({ host: 'carrier.example', port: null });
const tls: TrunkTls = { ...trunk.tls, caCertificates: 'PEM' };

function setup() {
  const clock = new FakeClock();
  const dns = new ScriptedResolver()
    .sayNaptr('carrier.example', ['1 1 s SIP+D2U _sip._udp.carrier.example'])
    .saySrv('_sip._udp.carrier.example', ['10 50 5060 a.carrier.example', '10 50 5070 b.carrier.example'])
    .saySrv('_sips._tcp.carrier.example', ['10 0 5061 a.carrier.example'])
    .sayAddresses('a.carrier.example', ['192.0.2.1'])
    .sayAddresses('b.carrier.example', ['192.0.2.2']);
  const told: string[] = [];
  const onTrunkAddress = (address: string): void => void told.push(address);
  const locator = new TrunkLocator({ dns, families: [4], clock, random: seededRandom(3), onTrunkAddress });
  return { clock, dns, told, locator };
}

describe('trunk locator', () => {
  it('gives all servers of a trunk, in an order drawn for each request', async () => {
    const { dns, locator } = setup();
    const firsts = new Set<number | undefined>();
    for (let call = 0; call < 50; call++) {
      const hops = await locator.hopsOf(uri, trunk);
      assert.deepEqual(hops.map(({ address }) => address).sort(), ['192.0.2.1', '192.0.2.2']);
      firsts.add(hops[0]?.port);
    }
    assert.deepEqual(firsts, new Set([5060, 5070]));
    assert.equal(dns.asked.length, 4);
  });

  it('tells all addresses before it gives the first, and those that come later as soon as DNS has them', async () => {
    const { clock, dns, told, locator } = setup();
    await locator.hopsOf(uri, trunk);
    assert.deepEqual(told.sort(), ['192.0.2.1', '192.0.2.2']);
    dns.sayAddresses('b.carrier.example', ['192.0.2.3']);
    await clock.advance(300_000);
    assert.deepEqual(told.slice(2).sort(), ['192.0.2.1', '192.0.2.3']);
  });

  it("takes the trunk's TLS settings along, and expects its name in the certificate, or the one that is set", async () => {
    const { locator } = setup();
    const secureUri = 'sip:carrier.example;transport=tls';
    const [plain] = await locator.hopsOf(uri, { ...trunk, tls });
    assert.equal(plain?.tls, null);
    const [secure] = await locator.hopsOf(secureUri, { ...trunk, tls });
    const profile = { caCertificates: 'PEM', certificate: null, privateKey: null, isVerified: true };
    assert.deepEqual(secure?.tls, { serverName: 'carrier.example', profile });
    const [named] = await locator.hopsOf(secureUri, { ...trunk, tls: { ...tls, serverName: 'sbc.example' } });
    assert.equal(named?.tls?.serverName, 'sbc.example');
  });

  it('makes hops once for as long as neither DNS nor the settings change', async () => {
    const { locator } = setup();
    const secureUri = 'sip:carrier.example;transport=tls';
    const first = await locator.hopsOf(secureUri, { ...trunk, tls });
    assert.equal(await locator.hopsOf(secureUri, { ...trunk, tls: { ...tls } }), first);
    assert.notEqual(await locator.hopsOf(secureUri, { ...trunk, trunkId: 2, tls }), first);
  });

  it('rejects with the reason', async () => {
    const { locator } = setup();
    await assert.rejects(locator.hopsOf('sip:nowhere.example', trunk), /^Error: cannot resolve nowhere\.example: /);
    await assert.rejects(locator.hopsOf('tel:+86138', trunk), /cannot send to tel:\+86138/);
  });
});
