import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StreamFramer, type StreamPart } from './stream-framer.ts';

const message = (body: string, lines = ''): string =>
  `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n${lines}Content-Length: ${body.length}\r\n\r\n${body}`;

/** In words: the text of messages, `crlf`, and why it broke. */
function read(text: string, cuts: readonly number[] = []): string[] {
  const framer = new StreamFramer();
  const bytes = Buffer.from(text, 'latin1');
  const edges = [0, ...[...cuts].sort((one, other) => one - other), bytes.length];
  const parts = edges.slice(1).flatMap((edge, index) => framer.push(bytes.subarray(edges[index], edge)));
  return parts.map(inWords);
}

function inWords(part: StreamPart): string {
  if (part.type === 'message') return part.message.toString('latin1');
  return part.type === 'broken' ? `broken: ${part.reason}` : 'crlf';
}

test('messages, line breaks between them, and bodies that look like either', () => {
  const bodies = ['', 'v=0\r\n', '\r\n\r\n', message('')];
  const text = bodies.map((body) => `\r\n\r\n${message(body)}`).join('');
  assert.deepEqual(
    read(text),
    bodies.flatMap((body) => ['crlf', 'crlf', message(body)]),
  );
});

test('lengths are read in every spelling', () => {
  for (const line of [
    'l: 2',
    'CONTENT-LENGTH : 2',
    'Content-Length:2',
    'Content-Length:\r\n 2',
    'Content-Length: 2\t',
  ]) {
    const text = `OPTIONS sip:a@b SIP/2.0\r\n${line}\r\nX: y\r\n\r\nab`;
    assert.deepEqual(read(`${text}\r\n`), [text, 'crlf'], line);
  }
  const twice = message('ab', 'l: 2\r\n');
  assert.deepEqual(read(twice), [twice]);
});

test('lone line feeds end lines, as they do in a datagram', () => {
  const text = 'OPTIONS sip:a@b SIP/2.0\nl: 1\n\nx';
  assert.deepEqual(read(`${text}${text}`), [text, text]);
});

const broken: [name: string, text: string, reason: RegExp][] = [
  ['no length', 'OPTIONS sip:a@b SIP/2.0\r\nX: y\r\n\r\n', /no Content-Length/],
  ['a length in a body alone', 'OPTIONS sip:a@b SIP/2.0\r\nX: y\r\n\r\nl: 2\r\n', /no Content-Length/],
  ['two lengths', message('ab', 'l: 3\r\n'), /no Content-Length/],
  ['a negative length', message('').replace(': 0', ': -1'), /no Content-Length/],
  ['four gigabytes', message('').replace(': 0', ': 4294967296'), /a body of 4294967296 bytes/],
  ['a length of a thousand digits', message('').replace(': 0', `: ${'9'.repeat(1_000)}`), /no Content-Length/],
  ['a length that goes on in the next line', message('').replace(': 0', ': 1\r\n 2'), /no Content-Length/],
  ['garbage', 'x'.repeat(20_000), /headers without an end/],
  ['lines without an end', 'a: b\r\n'.repeat(4_000), /headers without an end/],
];
for (const [name, text, reason] of broken) {
  test(`${name} ends the stream`, () => {
    const parts = read(`${message('before')}${text}${message('after')}`);
    assert.equal(parts.length, 2);
    assert.equal(parts[0], message('before'));
    assert.match(parts[1] ?? '', reason);
  });
}

test('a message that is not complete is all that is held', () => {
  const framer = new StreamFramer();
  framer.push(Buffer.from(message('x'.repeat(100)).slice(0, -1)));
  assert.equal(framer.isWithinMessage, true);
  framer.push(Buffer.from('x\r\n'));
  assert.equal(framer.isWithinMessage, false);
});

const unit = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((body) => message(body)),
  fc.constantFrom('\r\n', '\r\n\r\n', '\r', '\n'),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
);

test('any cut of the bytes gives the same parts', () => {
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 6 }), fc.array(fc.nat(600), { maxLength: 12 }), (units, cuts) => {
      const text = units.join('');
      const within = cuts.map((cut) => cut % (text.length + 1));
      const whole = read(text);
      assert.deepEqual(read(text, within), whole);
      assert.deepEqual(
        read(
          text,
          Array.from(text, (_, index) => index),
        ),
        whole,
      );
    }),
  );
});
