import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hop } from '../endpoint-types.ts';
import { hopOf, systemTlsProfile, udpHop } from './hop.ts';

const udp = udpHop({ address: '10.0.0.9', port: 5060 });
const tcp: Hop = { ...udp, transport: 'tcp' };
const tls: Hop = { ...udp, transport: 'tls', tls: { serverName: 'carrier.example', profile: systemTlsProfile } };

const cases: [uri: string, source: Hop, hop: string][] = [
  ['sip:a@10.0.0.2', udp, 'udp 10.0.0.2:5060'],
  ['sip:a@10.0.0.2:5070', udp, 'udp 10.0.0.2:5070'],
  ['sip:a@10.0.0.2;transport=TCP', udp, 'tcp 10.0.0.2:5060'],
  ['sip:a@10.0.0.2;transport=udp', tcp, 'udp 10.0.0.2:5060'],
  ['sip:a@10.0.0.2;transport=sctp', udp, 'udp 10.0.0.2:5060'],
  ['sip:a@10.0.0.2', tcp, 'tcp 10.0.0.2:5060'],
  ['sip:a@[2001:db8::2]:5070;lr', udp, 'udp 2001:db8::2:5070'],
  // Nothing goes on in the clear that began encrypted, and the name stays the one that was checked.
  ['sip:a@10.0.0.2', tls, 'tls 10.0.0.2:5061 carrier.example'],
  ['sips:a@10.0.0.2', udp, 'tls 10.0.0.2:5061 10.0.0.2'],
  ['sip:a@10.0.0.2;transport=tls', udp, 'tls 10.0.0.2:5061 10.0.0.2'],
  // Only DNS could tell, or nobody is there.
  ['sip:a@host.example;transport=tcp', udp, 'udp 10.0.0.9:5060'],
  ['sip:a@0.0.0.0', udp, 'udp 10.0.0.9:5060'],
  ['tel:+8613800000000', tcp, 'tcp 10.0.0.9:5060'],
];
for (const [uri, source, expected] of cases) {
  test(`${uri}, from ${source.transport}`, () => {
    const hop = hopOf(uri, source);
    const name = hop.tls === null ? '' : ` ${hop.tls.serverName}`;
    assert.equal(`${hop.transport} ${hop.address}:${hop.port}${name}`, expected);
  });
}
