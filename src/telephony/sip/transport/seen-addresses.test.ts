import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '../../../lib/logger.ts';
import { parseMessage } from '../message/parse-message.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { udpHop } from './hop.ts';
import { LocalNames } from './local-names.ts';
import { SeenAddresses } from './seen-addresses.ts';
import type { Source } from './transport.ts';

const own = { address: '10.0.0.1', port: 5060 };
const names = new LocalNames({ ipv4: own, ipv6: null, tlsPort: null });
const source: Source = { ...udpHop({ address: '192.0.2.9', port: 5060 }), connectionId: null };

function response(params: string): SipMessage {
  const text = `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1${params}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n`;
  return parseMessage(Buffer.from(text))?.message ?? assert.fail('not read');
}

function setup() {
  const told: string[] = [];
  const logger: Logger = Object.assign(silentLogger(), {
    warn: ({ seen }: { seen: { address: string; port: number } }) => told.push(`${seen.address}:${seen.port}`),
  });
  return { seen: new SeenAddresses(names, logger), told };
}

const same = ['', ';rport=5060;received=10.0.0.1', ';received=::ffff:10.0.0.1', ';rport', ';received=nonsense'];
for (const params of same) {
  test(`Via with "${params}": nothing to tell`, () => {
    const { seen, told } = setup();
    seen.learn(response(params), source);
    assert.deepEqual([seen.differing, told], [[], []]);
  });
}

test('another address is told once for each peer, and again when it changes', () => {
  const { seen, told } = setup();
  const natted = response(';received=198.51.100.7;rport=61000');
  for (let count = 0; count < 1_000; count++) seen.learn(natted, source);
  assert.deepEqual(told, ['198.51.100.7:61000']);
  assert.deepEqual(seen.differing, [
    { peer: '192.0.2.9', transport: 'udp', own, seen: { address: '198.51.100.7', port: 61_000 } },
  ]);
  assert.deepEqual(seen.by('192.0.2.9'), { address: '198.51.100.7', port: 61_000 });
  assert.equal(seen.by('192.0.2.10'), null);
  seen.learn(natted, { ...source, address: '192.0.2.10' });
  const moved = response(';received=198.51.100.8;rport=61000');
  for (let count = 0; count < 300; count++) seen.learn(moved, source);
  assert.deepEqual(told.slice(1), ['198.51.100.7:61000', '198.51.100.8:61000']);
});

test('the port of a connection is no matter', () => {
  const { seen } = setup();
  const tcp: Source = { ...source, transport: 'tcp', connectionId: 1 };
  seen.learn(response(';received=10.0.0.1;rport=40000'), tcp);
  assert.equal(seen.differing.length, 0);
  seen.learn(response(';received=198.51.100.7;rport=40000'), { ...tcp, address: '192.0.2.10' });
  assert.deepEqual(
    seen.differing.map((difference) => difference.seen),
    [{ address: '198.51.100.7', port: 5060 }],
  );
});
