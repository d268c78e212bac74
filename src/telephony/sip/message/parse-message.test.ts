import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { udpHop } from '../transport/hop.ts';
import { parseNameAddr } from './name-addr.ts';
import { type ParsedDatagram, parseMessage } from './parse-message.ts';
import { ResponseTemplate, responseDestination } from './response-template.ts';
import { parseSipUri } from './sip-uri.ts';
import { parseVia } from './via.ts';
import { fromWire, toWireBody, toWireValue } from './wire-text.ts';
import { writeRequest } from './write-request.ts';

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/);
const value = fc.string({ unit: 'binary', maxLength: 30 }).map((text) =>
  toWireValue(text)
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim(),
);
const fields = fc.record({
  method: token,
  uri: token.map((user) => `sip:${user}@10.0.0.1:5060;lr`),
  branch: token.map((text) => `z9hG4bK${text}`),
  routes: fc.array(
    token.map((host) => `<sip:${host};lr>`),
    { maxLength: 3 },
  ),
  from: fc.tuple(value, token).map(([name, tag]) => `"${name.replace(/["\\]/g, '\\$&')}" <sip:a@b>;tag=${tag}`),
  to: token.map((user) => `<sip:${user}@b>`),
  callId: token,
  cseq: fc.nat(),
  lines: fc.tuple(token, value).map(([name, text]) => `X-${name}: ${text}\r\n`),
  contentType: fc.constant('application/sdp'),
  body: fc.string({ unit: 'binary', maxLength: 100 }).map(toWireBody),
});

function readAll(parsed: ParsedDatagram): void {
  if (parsed === null) return;
  const { message } = parsed;
  for (const name of ['via', 'contact', 'route', 'record-route', 'allow', 'require']) message.list(name);
  const remote = { ...udpHop({ address: '10.0.0.9', port: 9 }), connectionId: null };
  parseNameAddr(message.header('contact') ?? '');
  parseSipUri(message.uri);
  assert.ok(message.fromTag !== undefined && message.toTag !== undefined && message.cseq !== undefined);
  new ResponseTemplate(message, remote).write({
    status: 200,
    reason: 'OK',
    toTag: 't',
    lines: '',
    contentType: null,
    body: '',
  });
  if (message.via !== null) responseDestination(message.via, remote);
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(fields, (request) => {
      const message = parseMessage(writeRequest(request, 'SIP/2.0/UDP 10.0.0.1:5060'))?.message;
      assert.ok(message);
      assert.equal(message.method, request.method);
      assert.equal(message.uri, request.uri);
      assert.deepEqual(message.list('route'), request.routes);
      assert.equal(message.header('from'), request.from);
      assert.equal(message.fromTag, /;tag=([^;]*)$/.exec(request.from)?.[1]);
      assert.equal(message.callId, request.callId);
      assert.deepEqual(message.cseq, { number: request.cseq, method: request.method });
      assert.equal(message.branch, request.branch);
      assert.deepEqual(message.via?.host, '10.0.0.1');
      const [, name = '', text = ''] = /^([^:]*): (.*)\r\n$/s.exec(request.lines) ?? [];
      assert.equal(message.header(name.toLowerCase()), text);
      assert.equal(message.body, request.body);
    }),
    { numRuns: 300 },
  );
});

test('wire text is the same text again', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(fromWire(toWireBody(text)), text)));
});

test('changed bytes never throw', () => {
  const changes = fc.array(
    fc.tuple(fc.nat(700), fc.constantFrom(0, 9, 10, 13, 32, 34, 44, 58, 59, 60, 61, 62, 64, 92, 128, 255)),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(fields, changes, fc.nat(700), (request, edits, length) => {
      const datagram = writeRequest(request, 'SIP/2.0/UDP 10.0.0.1:5060');
      for (const [at, byte] of edits) if (at < datagram.length) datagram[at] = byte;
      readAll(parseMessage(datagram));
      readAll(parseMessage(datagram.subarray(0, length)));
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readAll(parseMessage(Buffer.from(bytes)))));
});

const folder = join(import.meta.dirname, '..', 'fixtures');

/** The files' names end with what must come of them: `-ok`, `-drop`, or the status that the sender is told. */
for (const name of readdirSync(folder)) {
  test(`odd message: ${name}`, () => {
    const parsed = parseMessage(readFileSync(join(folder, name)));
    readAll(parsed);
    const outcome = parsed === null ? 'drop' : (parsed.flaw?.status ?? 'ok');
    assert.equal(String(outcome), /-([a-z0-9]+)\.sip$/.exec(name)?.[1]);
  });
}

test('compact names, folding, several values in a line, a body that is shorter than the datagram', () => {
  const { message } = parseMessage(readFileSync(join(folder, 'compact-folded-list-ok.sip'))) ?? assert.fail('dropped');
  assert.equal(message.callId, 'compact.1');
  assert.equal(message.fromTag, 'from-1');
  assert.deepEqual(message.list('via').length, 3);
  assert.equal(message.branch, 'z9hG4bK1');
  assert.equal(message.header('subject'), 'a subject that goes on');
  assert.deepEqual(message.list('contact'), ['"A, B" <sip:a@10.0.0.1;x=1,2>', 'sip:c@d']);
  assert.equal(message.body, 'v=0\r\n');
});

test('URIs, Vias and names', () => {
  assert.deepEqual(parseSipUri('sips:a%20b:pw@[2001:db8::1]:5061;lr?x=y'), {
    scheme: 'sips',
    user: 'a%20b',
    host: '2001:db8::1',
    port: 5061,
    params: ';lr',
  });
  for (const bad of ['tel:1', 'sip:', 'sip:a@', 'sip:a@b:99999', 'sip:a b@c', 'sip:a@b:0'])
    assert.equal(parseSipUri(bad), null, bad);
  assert.equal(parseVia('SIP / 2.0 / udp [::1]:5070 ;RPORT;Branch=z9hG4bKx')?.branch, 'z9hG4bKx');
  assert.equal(parseVia('SIP/2.0/UDP h;rport')?.rport, '');
  for (const bad of ['', 'SIP/2.0/UDP', 'SIP/2.0/UDP h:0', 'SIP/2.0/UDP h:70000'])
    assert.equal(parseVia(bad), null, bad);
  assert.deepEqual(parseNameAddr('"a \\" <b>" <sip:c@d;e=f>;tag=g'), {
    displayName: 'a " <b>',
    uri: 'sip:c@d;e=f',
    params: ';tag=g',
  });
  assert.deepEqual(parseNameAddr('sip:c@d;tag=g'), { displayName: '', uri: 'sip:c@d', params: ';tag=g' });
  for (const bad of ['', '<>', '<sip:a', 'hello', '"<sip:a@b>']) assert.equal(parseNameAddr(bad), null, bad);
});

test('a response goes back by where its request came from', () => {
  const source = { ...udpHop({ address: '192.0.2.9', port: 7000 }), connectionId: null };
  const to = (via: string) => responseDestination(parseVia(via) ?? assert.fail(via), source);
  assert.deepEqual(to('SIP/2.0/UDP 10.0.0.1:5080;rport'), source);
  assert.deepEqual(to('SIP/2.0/UDP 10.0.0.1:5080'), { ...source, port: 5080 });
  assert.deepEqual(to('SIP/2.0/UDP phone.example;maddr=198.51.100.1'), { ...source, port: 5060 });
});
