import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { ScriptedResolver } from '../../dns/testing/scripted-resolver.ts';
import type { LocateTarget } from './locate-server.ts';
import type { Location } from './located-servers.ts';
import { ServerLocator } from './server-locator.ts';

const target: LocateTarget = { host: 'sip.example', port: 5060, transport: null, isSecure: false };

function setup() {
  const clock = new FakeClock();
  const dns = new ScriptedResolver().sayAddresses(target.host, ['192.0.2.1'], 60);
  const found: string[][] = [];
  const onFound = (location: Location): void => void found.push(addresses(location));
  const locator = new ServerLocator({ dns, families: [4], clock, onFound });
  return { clock, dns, locator, found, asked: () => dns.asked.length };
}

function addresses(location: Location | null): string[] {
  if (location === null || !location.isLocated) return [];
  return location.tiers.flat().flatMap(({ hops }) => hops.map(({ address }) => address));
}

describe('server locator', () => {
  it('knows nothing before it was asked, and then answers without a question', async () => {
    const { locator, asked } = setup();
    assert.equal(locator.known(target), null);
    const [one, other] = await Promise.all([locator.locate(target), locator.locate(target)]);
    assert.equal(one, other);
    assert.equal(locator.known(target), one);
    assert.equal(await locator.locate({ ...target }), one);
    assert.equal(asked(), 1);
  });

  it('looks again when what it knows has run out, and gives the old until it has the new', async () => {
    const { clock, dns, locator, asked, found } = setup();
    const first = await locator.locate(target);
    await clock.advance(60_000);
    assert.equal(asked(), 2);
    assert.equal(locator.known(target), first, 'nothing changed');
    dns.sayAddresses(target.host, ['192.0.2.2'], 60);
    assert.deepEqual(addresses(locator.known(target)), ['192.0.2.1']);
    await clock.advance(60_000);
    assert.deepEqual(addresses(locator.known(target)), ['192.0.2.2']);
    assert.deepEqual(found, [['192.0.2.1'], ['192.0.2.2']]);
  });

  it('tells at once of what could not be found, and finds it when it is there', async () => {
    const { clock, dns, locator } = setup();
    const unknown = { ...target, host: 'new.example' };
    const location = await locator.locate(unknown);
    assert.ok(!location.isLocated);
    assert.equal(locator.known(unknown), location);
    dns.sayAddresses('new.example', ['192.0.2.3']);
    await clock.advance(30_000);
    assert.deepEqual(addresses(locator.known(unknown)), ['192.0.2.3']);
  });

  it('lets go of what nobody asked for in an hour', async () => {
    const { clock, locator, asked } = setup();
    await locator.locate(target);
    await clock.advance(3_540_000);
    locator.known(target);
    await clock.advance(3_600_000);
    assert.notEqual(locator.known(target), null);
    const before = asked();
    await clock.advance(3_600_000 + 120_000);
    assert.equal(locator.known(target), null);
    assert.ok(asked() > before);
    assert.equal(clock.pendingTimers, 0);
  });

  it('keeps no clock for addresses', async () => {
    const { clock, locator, asked } = setup();
    await locator.locate({ ...target, host: '192.0.2.7' });
    assert.deepEqual([clock.pendingTimers, asked()], [0, 0]);
  });

  it('tells ports, transports and schemes apart', async () => {
    const { locator } = setup();
    const places = [
      target,
      { ...target, port: 5070 },
      { ...target, transport: 'tcp' } as const,
      { ...target, isSecure: true },
    ];
    const found = await Promise.all(places.map((place) => locator.locate(place)));
    assert.equal(new Set(found.map((location) => JSON.stringify(location))).size, 4);
  });

  it('forgets the first rather than grow without end', async () => {
    const { clock, locator } = setup();
    await locator.locate(target);
    for (let port = 1; port <= 1_024; port++) await locator.locate({ ...target, port });
    assert.equal(locator.known(target), null);
    assert.equal(clock.pendingTimers, 1_024);
  });

  it('looks for nothing once it is closed', async () => {
    const { clock, locator, asked } = setup();
    const other = { ...target, host: 'other.example' };
    await locator.locate(target);
    const late = locator.locate(other);
    locator.close();
    await late;
    const before = asked();
    await clock.advance(600_000);
    assert.deepEqual([asked(), clock.pendingTimers], [before, 0]);
  });
});
