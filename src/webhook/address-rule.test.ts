import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressRule } from './address-rule.ts';
import { urlProblem } from './url-problem.ts';

const everywhere = createAddressRule([]);

const refused = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
  ...['172.31.255.255', '192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.7'],
  ...['203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', '100::1'],
  // IPv4 in IPv6: mapped (both spellings), compatible, NAT64, NAT64 for local use, Teredo, 6to4.
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1'],
  ...['2001::1', '2002:7f00:1::', '2001:db8::1', '3fff::1', '4000::1'],
  ...['', 'localhost', '127.1', '8.8.8.8/32', '1.2.3.4.5'],
];
const allowed = [
  ...[
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.1.1',
    '223.255.255.255',
  ],
  ...['2606:4700::1111', '2a00:1450:4001::8', '2001:4860:4860::8888', '2003::1'],
];

test('addresses: only public ones are posted to', () => {
  for (const address of refused) assert.equal(everywhere.allows(address), false, address);
  for (const address of allowed) assert.equal(everywhere.allows(address), true, address);
});

test('addresses: what the operator allows, and nothing beside it', () => {
  const rule = createAddressRule(['127.0.0.1', '10.1.0.0/16', 'fd00::/8']);
  for (const address of ['127.0.0.1', '10.1.200.3', 'fd12::1', '8.8.8.8']) assert.ok(rule.allows(address), address);
  for (const address of ['127.0.0.2', '10.2.0.1', 'fe80::1', '::1', '64:ff9b::a01:1']) {
    assert.ok(!rule.allows(address), address);
  }
});

test('URLs: what is no address to post to is refused when it is set', () => {
  const good = ['https://example.com/reports?x=1', 'http://8.8.8.8:8080/', 'https://[2606:4700::1111]/a'];
  for (const url of good) assert.equal(urlProblem(url, everywhere), null, url);
  const bad: [url: string, problem: RegExp][] = [
    ['example.com', /must be a URL/],
    ['ftp://example.com/', /must begin with/],
    ['file:///etc/passwd', /must begin with/],
    ['https://me:secret@example.com/', /user name/],
    ['https://me@example.com/', /user name/],
    ['https://example.com/#a', /fragment/],
    ['http://127.0.0.1/', /127\.0\.0\.1, which is no public address/],
    // Other spellings of the same.
    ['http://127.1/', /127\.0\.0\.1/],
    ['http://0x7f000001/', /127\.0\.0\.1/],
    ['http://2130706433/', /127\.0\.0\.1/],
    ['http://0177.0.0.1/', /127\.0\.0\.1/],
    ['http://[::1]/', /::1/],
    ['http://[::ffff:127.0.0.1]/', /::ffff:7f00:1/],
    ['http://169.254.169.254/latest/meta-data', /169\.254/],
  ];
  for (const [url, problem] of bad) assert.match(urlProblem(url, everywhere) ?? 'none', problem, url);
  assert.equal(urlProblem('http://127.0.0.1:9/', createAddressRule(['127.0.0.0/8'])), null);
});
