import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { udpHop } from '../../telephony/sip/transport/hop.ts';
import { audioAddressFor } from './audio-address.ts';

const [ipv4, ipv6] = ['10.0.0.1', '2001:db8::1'];

describe('audioAddressFor', () => {
  const cases: [string, string[], string[], { address: string; family: 4 | 6 }][] = [
    ['follows signalling over IPv4', ['10.9.9.9', '2001:db8::9'], [ipv6, ipv4], { address: ipv4, family: 4 }],
    ['follows signalling over IPv6', ['2001:db8::9', '10.9.9.9'], [ipv4, ipv6], { address: ipv6, family: 6 }],
    ['takes what there is', ['2001:db8::9'], [ipv4], { address: ipv4, family: 4 }],
    ['takes the preferred one where nothing is known', [], [ipv6, ipv4], { address: ipv6, family: 6 }],
  ];
  for (const [name, hops, rtpHosts, expected] of cases) {
    it(name, () => {
      const route = hops.map((address) => udpHop({ address, port: 5060 }));
      assert.deepEqual(audioAddressFor(route, rtpHosts), expected);
    });
  }
});
