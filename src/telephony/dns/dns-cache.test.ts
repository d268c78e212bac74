import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { DnsCache } from './dns-cache.ts';
import type { DnsAnswer } from './dns-resolver.ts';
import { ScriptedResolver } from './testing/scripted-resolver.ts';

const name = 'sip.example';
const failed: DnsAnswer<'a'> = { kind: 'failed', reason: 'silence', ttlS: 5 };

function setup() {
  const source = new ScriptedResolver();
  const clock = new FakeClock();
  const cache = new DnsCache(source, clock);
  const asked = (): number => source.asked.length;
  return { source, clock, cache, asked };
}

function records(address: string, ttlS: number): DnsAnswer<'a'> {
  return { kind: 'records', records: [address], ttlS };
}

describe('DNS cache', () => {
  it('gives an answer for its lifetime, which runs down', async () => {
    const { source, clock, cache, asked } = setup();
    source.say('a', name, records('10.0.0.1', 60));
    assert.deepEqual(await cache.a(name), records('10.0.0.1', 60));
    source.say('a', name, records('10.0.0.2', 60));
    await clock.advance(59_000);
    assert.deepEqual(await cache.a('SIP.example.'), records('10.0.0.1', 1));
    assert.equal(asked(), 1);
    await clock.advance(1_000);
    assert.deepEqual(await cache.a(name), records('10.0.0.2', 60));
  });

  it('holds lifetimes to between a second and an hour, a minute where there is nothing', async () => {
    const { source, cache } = setup();
    source.say('a', 'zero.example', records('10.0.0.1', 0)).say('a', 'week.example', records('10.0.0.1', 604_800));
    source.say('a', 'none.example', { kind: 'none', isNameKnown: false, ttlS: 86_400 });
    const ttls = [];
    for (const each of ['zero.example', 'week.example', 'none.example']) ttls.push((await cache.a(each)).ttlS);
    assert.deepEqual(ttls, [1, 3_600, 60]);
  });

  it('asks once for all who ask at the same time, and by type', async () => {
    const { source, cache } = setup();
    source.say('a', name, records('10.0.0.1', 60));
    const [one, other] = await Promise.all([cache.a(name), cache.a(name), cache.aaaa(name)]);
    assert.deepEqual(one, other);
    assert.deepEqual(source.asked, [`a ${name}`, `aaaa ${name}`]);
  });

  it('gives what it knew for an hour more while nobody answers, asking again every five seconds', async () => {
    const { source, clock, cache, asked } = setup();
    source.say('a', name, records('10.0.0.1', 60));
    await cache.a(name);
    source.say('a', name, failed);
    await clock.advance(60_000);
    assert.deepEqual(await cache.a(name), records('10.0.0.1', 5));
    await clock.advance(4_999);
    await cache.a(name);
    assert.equal(asked(), 2);
    await clock.advance(1);
    await cache.a(name);
    assert.equal(asked(), 3);
    await clock.advance(3_594_000);
    assert.equal((await cache.a(name)).kind, 'records');
    await clock.advance(5_999);
    assert.deepEqual(await cache.a(name), failed);
  });

  it('takes a new answer as soon as there is one, also that there is nothing any more', async () => {
    const { source, clock, cache } = setup();
    source.say('a', name, records('10.0.0.1', 60));
    await cache.a(name);
    await clock.advance(60_000);
    source.say('a', name, { kind: 'none', isNameKnown: false, ttlS: 30 });
    assert.deepEqual(await cache.a(name), { kind: 'none', isNameKnown: false, ttlS: 30 });
  });

  it('remembers a failure for five seconds only', async () => {
    const { source, clock, cache, asked } = setup();
    source.say('a', name, failed);
    await cache.a(name);
    await clock.advance(4_999);
    assert.deepEqual([(await cache.a(name)).kind, asked()], ['failed', 1]);
    source.say('a', name, records('10.0.0.3', 60));
    await clock.advance(1);
    assert.deepEqual(await cache.a(name), records('10.0.0.3', 60));
  });

  it('forgets the oldest name rather than grow without end', async () => {
    const { cache, asked } = setup();
    for (let count = 0; count <= 4_096; count++) await cache.a(`n${count}.example`);
    await cache.a('n1.example');
    assert.equal(asked(), 4_097);
    await cache.a('n0.example');
    assert.equal(asked(), 4_098);
  });
});
