import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalAddress, isSameHost, isUnicast } from './ip-address.ts';

test('one address has one spelling', () => {
  assert.equal(canonicalAddress('10.0.0.1'), '10.0.0.1');
  assert.equal(canonicalAddress('::FFFF:10.0.0.1'), '10.0.0.1');
  assert.equal(canonicalAddress('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
  assert.equal(canonicalAddress('fe80::1%eth0'), 'fe80::1');
  for (const other of ['', 'phone.example', '1:2', '::1::']) assert.equal(canonicalAddress(other), other);
  assert.ok(isSameHost('2001:db8::1', '2001:DB8::0:1'));
  assert.ok(isSameHost('::ffff:10.0.0.1', '10.0.0.1'));
  assert.ok(!isSameHost('10.0.0.1', '10.0.0.2'));
});

test('only what can be one host is sent to', () => {
  for (const address of ['10.0.0.1', '127.0.0.1', '223.255.255.255', '::1', '2001:db8::1', '::ffff:10.0.0.1']) {
    assert.ok(isUnicast(address), address);
  }
  const others = [
    '0.0.0.0',
    '224.0.0.1',
    '239.255.255.250',
    '255.255.255.255',
    '::',
    'ff02::1',
    '::ffff:224.0.0.1',
    'name',
  ];
  for (const address of others) assert.ok(!isUnicast(address), address);
});
