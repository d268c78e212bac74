import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressList } from './address-list.ts';

const cases: readonly [networks: string[], address: string, allowed: boolean][] = [
  [[], '203.0.113.7', true],
  [['203.0.113.7/32'], '203.0.113.7', true],
  [['203.0.113.7'], '203.0.113.7', true],
  [['203.0.113.7/32'], '203.0.113.8', false],
  [['203.0.113.0/24'], '203.0.113.255', true],
  [['203.0.113.0/24'], '203.0.114.0', false],
  [['203.0.113.0/24'], '::ffff:203.0.113.9', true],
  [['203.0.113.0/24'], '::FFFF:203.0.113.9', true],
  [['0.0.0.0/0'], '198.51.100.1', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['2001:db8::/32'], '2001:db8:1::1', true],
  [['2001:db8::/32'], '2001:db9::1', false],
  [['2001:db8::1'], '2001:db8:0::1', true],
  [['10.0.0.0/8', '203.0.113.0/24'], '203.0.113.1', true],
  [['10.0.0.0/8'], 'not an address', false],
];

for (const [networks, address, allowed] of cases) {
  test(`[${networks}] ${allowed ? 'allows' : 'refuses'} ${address}`, () => {
    assert.equal(new AddressList(networks).allows(address), allowed);
  });
}
