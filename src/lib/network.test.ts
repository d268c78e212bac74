import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNetwork } from './network.ts';

test('networks: addresses and CIDR', () => {
  for (const text of ['127.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fd00::/8', '::/0'])
    assert.ok(isNetwork(text), text);
  for (const text of [
    '',
    'x',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    'fe80::1%eth0',
    '1.2.3.4/-1',
  ]) {
    assert.ok(!isNetwork(text), text);
  }
});
