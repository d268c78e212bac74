import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AddressAndPort, parseAddressAndPort } from './address-and-port.ts';

const cases: [text: string, parsed: AddressAndPort | null][] = [
  ['192.0.2.1', { address: '192.0.2.1', port: 53 }],
  ['192.0.2.1:5353', { address: '192.0.2.1', port: 5353 }],
  ['2001:db8::1', { address: '2001:db8::1', port: 53 }],
  ['[2001:db8::1]', { address: '2001:db8::1', port: 53 }],
  ['[2001:db8::1]:5353', { address: '2001:db8::1', port: 5353 }],
  ['dns.example', null],
  ['dns.example:53', null],
  ['192.0.2.1:0', null],
  ['192.0.2.1:70000', null],
  ['192.0.2.1:', null],
  ['192.0.2.300', null],
  ['[192.0.2.1]:53', null],
  ['', null],
];
for (const [text, parsed] of cases) {
  test(`"${text}" is ${parsed === null ? 'none' : 'one'}`, () => {
    assert.deepEqual(parseAddressAndPort(text, 53), parsed);
  });
}
