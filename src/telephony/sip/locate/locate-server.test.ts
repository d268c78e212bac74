import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedResolver } from '../../dns/testing/scripted-resolver.ts';
import { type LocateTarget, locateServer, locateTargetOf } from './locate-server.ts';

const host = 'example.com';

/** The domain of the examples, as a carrier publishes it. */
function carrier(): ScriptedResolver {
  return new ScriptedResolver()
    .sayAddresses('a.example.com', ['192.0.2.1'])
    .sayAddresses('b.example.com', ['192.0.2.2', '192.0.2.3'])
    .sayAddresses('example.com', ['192.0.2.9', '2001:db8::9']);
}

function target(changes: Partial<LocateTarget> = {}): LocateTarget {
  return { host, port: null, transport: null, isSecure: false, ...changes };
}

/** Tiers by `/`, servers by ` | ` with their weight, hops by `,`; or the reason. */
async function located(dns: ScriptedResolver, changes: Partial<LocateTarget> = {}, families: readonly (4 | 6)[] = [4]) {
  const location = await locateServer(target(changes), { dns, families });
  if (!location.isLocated) return location.reason;
  const tiers = location.tiers.map((tier) =>
    tier
      .map(({ weight, hops }) => {
        const texts = hops.map(({ transport, address, port }) => `${transport} ${address} ${port}`);
        return `${weight}: ${texts.join(', ')}`;
      })
      .join(' | '),
  );
  return tiers.join(' / ');
}

describe('RFC 3263 section 4: what needs no service records', () => {
  const cases: [what: string, changes: Partial<LocateTarget>, servers: string, asked: string[]][] = [
    ['an address', { host: '192.0.2.7' }, '0: udp 192.0.2.7 5060', []],
    ['an address with a port', { host: '192.0.2.7', port: 5080 }, '0: udp 192.0.2.7 5080', []],
    ['an address, secure', { host: '192.0.2.7', isSecure: true }, '0: tls 192.0.2.7 5061', []],
    ['an address with a transport', { host: '192.0.2.7', transport: 'tcp' }, '0: tcp 192.0.2.7 5060', []],
    ['an address with TLS', { host: '192.0.2.7', transport: 'tls' }, '0: tls 192.0.2.7 5061', []],
    ['a name with a port', { port: 5080 }, '0: udp 192.0.2.9 5080', ['a example.com']],
    ['a name with a port, secure', { port: 5080, isSecure: true }, '0: tls 192.0.2.9 5080', ['a example.com']],
    ['a name with port and transport', { port: 5080, transport: 'tcp' }, '0: tcp 192.0.2.9 5080', ['a example.com']],
  ];
  for (const [what, changes, servers, asked] of cases) {
    it(what, async () => {
      const dns = carrier().sayNaptr(host, ['1 1 s SIP+D2T _sip._tcp.example.com']);
      assert.equal(await located(dns, changes), servers);
      assert.deepEqual(dns.asked, asked);
    });
  }

  it('an address of a family that we do not have', async () => {
    assert.match(await located(carrier(), { host: '2001:db8::1' }), /no address that we can send to/);
    assert.equal(await located(carrier(), { host: '2001:db8::1' }, [6]), '0: udp 2001:db8::1 5060');
  });

  it('an address comes in the spelling that senders are compared by', async () => {
    assert.equal(await located(carrier(), { host: '2001:0DB8:0:0::1' }, [6]), '0: udp 2001:db8::1 5060');
  });

  it('TLS over UDP is nothing', async () => {
    assert.match(await located(carrier(), { isSecure: true, transport: 'udp' }), /no TLS over UDP/);
  });
});

describe('RFC 3263 section 4.1: the transport', () => {
  const srv = (): ScriptedResolver =>
    carrier()
      .saySrv('_sip._udp.example.com', ['0 0 5060 a.example.com'])
      .saySrv('_sip._tcp.example.com', ['0 0 5062 a.example.com'])
      .saySrv('_sips._tcp.example.com', ['0 0 5061 b.example.com']);
  const udp = '0: udp 192.0.2.1 5060';
  const tcp = '0: tcp 192.0.2.1 5062';
  const tls = '0: tls 192.0.2.2 5061, tls 192.0.2.3 5061';
  const cases: [what: string, naptr: string[], changes: Partial<LocateTarget>, servers: string][] = [
    // The RFC's own example.
    [
      'as the domain prefers it, and never in the clear behind TLS',
      [
        '50 50 s SIPS+D2T _sips._tcp.example.com',
        '90 50 s SIP+D2T _sip._tcp.example.com',
        '100 50 s SIP+D2U _sip._udp.example.com',
      ],
      {},
      tls,
    ],
    [
      'never in the clear behind TLS, of the same order either',
      ['50 50 s SIPS+D2T _sips._tcp.example.com', '50 60 s SIP+D2U _sip._udp.example.com'],
      {},
      tls,
    ],
    [
      'by preference within an order',
      ['10 20 s SIP+D2U _sip._udp.example.com', '10 10 S sip+d2t _sip._tcp.example.com'],
      {},
      `${tcp} / ${udp}`,
    ],
    [
      'nothing of a higher order',
      ['10 20 s SIP+D2U _sip._udp.example.com', '20 10 s SIP+D2T _sip._tcp.example.com'],
      {},
      udp,
    ],
    [
      'what we do not speak is passed over',
      [
        '10 1 s SIP+D2S _sip._sctp.example.com',
        '10 2 s SIP+D2W _sip._ws.example.com',
        '10 3 u E2U+sip .',
        '10 4 a SIP+D2T a.example.com',
        '20 1 s SIP+D2U _sip._udp.example.com',
      ],
      {},
      udp,
    ],
    ['secure: of NAPTR only TLS', ['10 1 s SIP+D2U _sip._udp.example.com'], { isSecure: true }, tls],
    [
      'secure: TLS though it comes last',
      ['10 1 s SIP+D2U _sip._udp.example.com', '20 1 s SIPS+D2T _sips._tcp.example.com'],
      { isSecure: true },
      tls,
    ],
    ['without NAPTR: UDP where there is SRV for it', [], {}, udp],
    ['with a transport NAPTR is not asked', ['10 1 s SIP+D2U _sip._udp.example.com'], { transport: 'tcp' }, tcp],
    ['with TLS neither', ['10 1 s SIP+D2U _sip._udp.example.com'], { transport: 'tls' }, tls],
    ['secure over TCP is TLS', [], { isSecure: true, transport: 'tcp' }, tls],
  ];
  for (const [what, naptr, changes, servers] of cases) {
    it(what, async () => {
      const dns = naptr.length === 0 ? srv() : srv().sayNaptr(host, naptr);
      assert.equal(await located(dns, changes), servers);
      const hasTransport = changes.transport !== undefined;
      assert.equal(dns.asked.includes(`naptr ${host}`), !hasTransport);
    });
  }

  it('goes where NAPTR says, though it is another domain', async () => {
    const dns = carrier()
      .sayNaptr(host, ['1 1 s SIP+D2U _sip._udp.other.example'])
      .saySrv('_sip._udp.other.example', ['1 0 5090 b.example.com']);
    assert.equal(await located(dns), '0: udp 192.0.2.2 5090, udp 192.0.2.3 5090');
  });

  it('without NAPTR takes TCP where only that has SRV', async () => {
    const dns = carrier().saySrv('_sip._tcp.example.com', ['0 0 5062 a.example.com']);
    assert.equal(await located(dns), tcp);
    assert.deepEqual(dns.asked.slice(0, 3), [
      'naptr example.com',
      'srv _sip._udp.example.com',
      'srv _sip._tcp.example.com',
    ]);
  });

  it('falls back to the addresses of the name, at the default port', async () => {
    assert.equal(await located(carrier()), '0: udp 192.0.2.9 5060');
    assert.equal(await located(carrier(), { transport: 'tcp' }), '0: tcp 192.0.2.9 5060');
    assert.equal(await located(carrier(), { isSecure: true }), '0: tls 192.0.2.9 5061');
    assert.equal(await located(carrier(), {}, [6, 4]), '0: udp 2001:db8::9 5060, udp 192.0.2.9 5060');
  });
});

describe('RFC 3263 section 4.2 and RFC 2782: servers', () => {
  it('come by priority, each with its weight and all its addresses', async () => {
    const dns = carrier().saySrv('_sip._udp.example.com', [
      '20 5 5070 b.example.com',
      '10 60 5060 a.example.com',
      '10 40 5080 b.example.com',
    ]);
    assert.equal(
      await located(dns),
      '60: udp 192.0.2.1 5060 | 40: udp 192.0.2.2 5080, udp 192.0.2.3 5080 / 5: udp 192.0.2.2 5070, udp 192.0.2.3 5070',
    );
  });

  it('that have no address are passed over', async () => {
    const dns = carrier().saySrv('_sip._udp.example.com', ['1 0 5060 gone.example.com', '2 0 5060 a.example.com']);
    assert.equal(await located(dns), '0: udp 192.0.2.1 5060');
  });

  it('that all have none leave nothing: the name itself is not meant', async () => {
    const dns = carrier().saySrv('_sip._udp.example.com', ['1 0 5060 gone.example.com']);
    assert.equal(await located(dns), 'cannot resolve example.com: it has no address that we can send to');
  });

  it('a dot alone says that there is no such service', async () => {
    const dns = carrier().saySrv('_sip._udp.example.com', ['0 0 0 .']);
    assert.equal(await located(dns), 'cannot resolve example.com: it says that it offers no such service');
    dns.saySrv('_sip._tcp.example.com', ['0 0 5062 a.example.com']);
    assert.equal(await located(dns), '0: tcp 192.0.2.1 5062');
  });

  it('that cannot be one host are not sent to', async () => {
    const dns = carrier().sayAddresses(host, ['0.0.0.0', '224.0.1.75', '255.255.255.255', '192.0.2.9']);
    assert.equal(await located(dns), '0: udp 192.0.2.9 5060');
  });

  it('come once each, and 32 addresses at most', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `192.0.2.${index}`);
    const dns = carrier()
      .sayAddresses('many.example.com', many)
      .saySrv('_sip._udp.example.com', [
        '1 0 5060 a.example.com',
        '2 0 5060 a.example.com',
        '3 0 5060 many.example.com',
      ]);
    const location = await locateServer(target(), { dns, families: [4] });
    assert.ok(location.isLocated);
    assert.deepEqual(
      location.tiers.map((tier) => tier.map(({ hops }) => hops.length)),
      [[1], [31]],
    );
  });

  it('are asked for in a bounded number of questions, whatever the domain says', async () => {
    const records = Array.from({ length: 200 }, (_, index) => `${index} 0 5060 s${index}.example.com`);
    const naptr = Array.from({ length: 200 }, (_, index) => `1 ${index} s SIP+D2U _sip._udp.n${index}.example.com`);
    const dns = carrier().sayNaptr(host, naptr);
    for (let index = 0; index < 200; index++) dns.saySrv(`_sip._udp.n${index}.example.com`, records);
    await located(dns);
    assert.equal(dns.asked.length, 1 + 8 + 8 * 16);
  });
});

describe('how long it may be believed', () => {
  it('as long as the shortest of what was asked, also of what was not there', async () => {
    const dns = carrier().saySrv('_sip._udp.example.com', ['0 0 5060 a.example.com'], 120);
    dns.sayAddresses('a.example.com', ['192.0.2.1'], 90);
    const ttlS = async (): Promise<number> => (await locateServer(target(), { dns, families: [4] })).ttlS;
    // There is no NAPTR record, for 30 s.
    assert.equal(await ttlS(), 30);
    dns.sayNaptr(host, ['1 1 s SIP+D2U _sip._udp.example.com'], 300);
    assert.equal(await ttlS(), 90);
  });

  it('as long as one likes for an address', async () => {
    const location = await locateServer(target({ host: '192.0.2.7' }), { dns: carrier(), families: [4] });
    assert.equal(location.ttlS, 3_600);
  });

  it('five seconds where a question failed, which counts as nothing found', async () => {
    const failed = { kind: 'failed', reason: 'no DNS server answered', ttlS: 5 } as const;
    const dns = carrier().say('naptr', host, failed).say('srv', '_sip._udp.example.com', failed);
    assert.equal(await located(dns), '0: udp 192.0.2.9 5060');
    assert.equal((await locateServer(target(), { dns, families: [4] })).ttlS, 5);
    dns.say('a', host, failed);
    assert.equal(await located(dns), 'cannot resolve example.com: no DNS server answered');
  });
});

describe('what a URI asks for', () => {
  const cases: [uri: string, target: LocateTarget | null][] = [
    ['sip:example.com', target()],
    ['sip:86138@Example.com:5080;transport=TCP;lr', target({ port: 5080, transport: 'tcp' })],
    ['sips:example.com', target({ isSecure: true })],
    ['sip:[2001:db8::1]', target({ host: '2001:db8::1' })],
    ['sip:example.com;transport=tls', target({ transport: 'tls' })],
    ['sip:example.com;transport=ws', null],
    ['tel:+86138', null],
  ];
  for (const [uri, expected] of cases) {
    it(uri, () => assert.deepEqual(locateTargetOf(uri), expected));
  }
});
