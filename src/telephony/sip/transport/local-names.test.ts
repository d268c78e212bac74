import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipTransport } from '../endpoint-types.ts';
import { LocalNames } from './local-names.ts';

const ipv4 = { address: '192.0.2.1', port: 5060 };
const ipv6 = { address: '2001:db8::1', port: 5060 };

test('a peer reads the address of its family and its own transport', () => {
  const names = new LocalNames({ ipv4, ipv6, tlsPort: 5071 });
  const told = (transport: SipTransport, address: string): string[] => {
    const { via, contact } = names.of({ address, port: 5060, transport, tls: null });
    return [via, contact];
  };
  assert.deepEqual(told('udp', '10.0.0.2'), ['SIP/2.0/UDP 192.0.2.1:5060', 'Contact: <sip:192.0.2.1:5060>\r\n']);
  assert.deepEqual(told('tcp', '2001:db8::2'), [
    'SIP/2.0/TCP [2001:db8::1]:5060',
    'Contact: <sip:[2001:db8::1]:5060;transport=tcp>\r\n',
  ]);
  assert.deepEqual(told('tls', '10.0.0.2')[0], 'SIP/2.0/TLS 192.0.2.1:5071');
});

test('without a TLS listener we are where our end of the connection is', () => {
  const hop = { address: '10.0.0.2', port: 5061, transport: 'tls', tls: null } as const;
  assert.equal(new LocalNames({ ipv4, ipv6, tlsPort: 5061 }).isReachedByConnection(hop), false);
  const names = new LocalNames({ ipv4, ipv6: null, tlsPort: null });
  assert.equal(names.isReachedByConnection(hop), true);
  assert.equal(names.isReachedByConnection({ ...hop, transport: 'tcp' }), false);
  assert.equal(names.overConnection(hop, 40_000).contact, 'Contact: <sip:192.0.2.1:40000;transport=tls>\r\n');
  assert.equal(names.of(hop).contact, 'Contact: <sip:192.0.2.1:5061;transport=tls>\r\n', 'while there is none');
});

test('an endpoint without any address cannot be', () => {
  assert.throws(() => new LocalNames({ ipv4: null, ipv6: null, tlsPort: null }), RangeError);
});
