import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CallEngine, DialRequest } from '../../src/call/engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createDnsResolver } from '../../src/telephony/dns/create-dns-resolver.ts';
import type { DnsResolver } from '../../src/telephony/dns/dns-resolver.ts';
import { openLoopbackEngine } from '../support/loopback-engine.ts';
import { type Nsd, startNsd } from '../support/nsd.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { headerOf, parseSip } from '../support/sip-text.ts';
import { type Sipp, startSippServer } from '../support/sipp.ts';
import { trunkTarget } from '../support/trunk-target.ts';
import { until } from '../support/until.ts';

/**
 * A trunk that is found by DNS: NSD answers for the carrier's domain, whose first server is silent and whose second one is a SIPp. The
 * tests are one story, in this order.
 */

const trunk = trunkTarget({ host: 'carrier.test', port: null });
const manyServers = Array.from({ length: 64 }, (_, index) => `server-with-a-long-name-${index}`);

describe('a trunk found by DNS', { timeout: 300_000 }, () => {
  let silent: Socket;
  /** Call-ID and CSeq of what came to the silent server, without repetitions. */
  const unanswered = new Set<string>();
  /** Says 200 to everything. */
  let answering: Socket;
  let nsd: Nsd;
  let dns: DnsResolver;
  let engine: CallEngine;
  const trunkAddresses: string[] = [];
  const carriers: Sipp[] = [];
  let callCount = 0;

  /** A server of the carrier, with a loopback address of its own. */
  async function carrierAt(host: string, calls: number): Promise<Sipp> {
    const scenario = fileURLToPath(new URL('./scenarios/uas-answer-expect-bye.xml', import.meta.url));
    const sipp = await startSippServer({ scenario, calls, host });
    carriers.push(sipp);
    return sipp;
  }

  function zoneOf(live: { readonly address: string; readonly port: number }): string[] {
    return [
      '@ IN NAPTR 20 10 "s" "SIP+D2T" "" _sip._tcp',
      '@ IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp',
      `_sip._udp 1 IN SRV 10 100 ${silent.address().port} silent`,
      `_sip._udp 1 IN SRV 20 100 ${live.port} live`,
      `_sip._udp.pair IN SRV 10 0 ${silent.address().port} silent`,
      `_sip._udp.pair IN SRV 20 0 ${answering.address().port} silent`,
      'silent IN A 127.0.0.1',
      `live 1 IN A ${live.address}`,
      ...manyServers.map((name, index) => `_sip._udp.many IN SRV ${index} 0 5060 ${name}`),
    ];
  }

  before(async () => {
    silent = createSocket('udp4');
    silent.on('message', (datagram) => {
      const request = parseSip(datagram);
      if (request?.method === 'INVITE') unanswered.add(`${headerOf(request, 'call-id')} ${headerOf(request, 'cseq')}`);
    });
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    answering = createSocket('udp4');
    answering.on('message', (datagram, { port, address }) => {
      const request = parseSip(datagram);
      if (request === null) return;
      const copied = ['via', 'from', 'to', 'call-id', 'cseq'].map((name) => `${name}: ${headerOf(request, name)}`);
      answering.send(`SIP/2.0 200 OK\r\n${copied.join('\r\n')}\r\ncontent-length: 0\r\n\r\n`, port, address);
    });
    answering.bind(0, '127.0.0.1');
    await once(answering, 'listening');
    const carrier = await carrierAt('127.0.0.2', 2);
    nsd = await startNsd('carrier.test', zoneOf({ address: '127.0.0.2', port: carrier.port }));
    dns = createDnsResolver({ servers: [nsd.server], clock: systemClock, random: systemRandom() });
    const opened = await openLoopbackEngine(
      {},
      // Timer B after 3.2 s.
      { dns, timing: { t1: 50, t2: 400, t4: 500 }, onTrunkAddress: (address) => trunkAddresses.push(address) },
    );
    engine = opened.engine;
  });
  after(async () => {
    await engine?.close();
    for (const carrier of carriers) await carrier.stop();
    await nsd?.stop();
    silent?.close();
    answering?.close();
  });

  /** Calls, and hangs up when answered. */
  async function call(): Promise<void> {
    callCount += 1;
    const request: DialRequest = {
      sipCallId: `c-dns-${callCount}`,
      trunk,
      number: '8613800000000',
      displayNum: '1008',
      ringTimeoutMs: 30_000,
    };
    const leg = new ObservedLeg(engine, request);
    await leg.until('answered');
    leg.leg.hangUp();
    assert.equal((await leg.end()).cause, 'local-hangup');
  }

  it('NAPTR and SRV: a call goes to the second server when the first one is silent, with the same INVITE', async () => {
    await call();
    assert.deepEqual(
      [...unanswered].map((text) => text.replace(/@\S+/, '')),
      ['c-dns-1 1 INVITE'],
    );
    assert.deepEqual([...new Set(trunkAddresses)].sort(), ['127.0.0.1', '127.0.0.2']);
  });

  it('failover: the next call goes to the working server at once', async () => {
    await call();
    assert.equal(unanswered.size, 1);
    assert.equal((await carriers[0]?.finished(10_000))?.exitCode, 0);
  });

  it('TTL: a call goes to the new address when the old one has run out', async () => {
    const moved = await carrierAt('127.0.0.3', 2);
    await nsd.reload(zoneOf({ address: '127.0.0.3', port: moved.port }));
    await until(() => trunkAddresses.includes('127.0.0.3'), { what: 'the new address', timeoutMs: 20_000 });
    await call();
    assert.equal(unanswered.size, 1);
  });

  it('OPTIONS: a trunk is there by the word of one server, though the first one is silent', async () => {
    const pair = { ...trunk, trunkId: 2, host: 'pair.carrier.test' };
    assert.equal(await engine.probe(pair, AbortSignal.timeout(10_000)), 200);
  });

  it('DNS over TCP: a set of servers that does not fit into a datagram', async () => {
    const answer = await dns.srv('_sip._udp.many.carrier.test');
    assert.ok(answer.kind === 'records');
    assert.deepEqual(
      answer.records.map(({ priority, target }) => `${priority} ${target}`).sort(),
      manyServers.map((name, index) => `${index} ${name}.carrier.test`).sort(),
    );
  });

  it('a DNS outage: calls go where they went', async () => {
    await nsd.stop();
    // What was believed for a second has run out, and is given again for lack of a better one.
    const isStale = async (): Promise<boolean> => (await dns.a('live.carrier.test')).ttlS > 1;
    await until(isStale, { what: 'the address to run out', timeoutMs: 20_000 });
    assert.equal((await dns.a('never-asked.carrier.test')).kind, 'failed');
    await call();
    assert.equal((await carriers[1]?.finished(10_000))?.exitCode, 0);
  });
});
