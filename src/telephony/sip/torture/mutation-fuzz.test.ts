import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../../../lib/random.ts';
import { parseMessage } from '../message/parse-message.ts';
import { answerSdp, calleeAddress, callerAddress, dial, SipBench } from '../testing/endpoint-pair.ts';
import { fuzzCorpus } from './fuzz-corpus.ts';
import { Mutator } from './mutator.ts';
import { readEverything } from './read-everything.ts';

/** `SIP_FUZZ_COUNT=1000000 SIP_FUZZ_SEED=7` for a long run; a failure names its seed and number. */
const count = Number(process.env.SIP_FUZZ_COUNT ?? 100_000);
const seed = Number(process.env.SIP_FUZZ_SEED ?? 4475);

test(`${count} changed messages: nothing throws, and what we answer can be read`, () => {
  const mutator = new Mutator(seededRandom(seed), fuzzCorpus(), 65_507);
  for (let number = 0; number < count; number++) {
    const text = mutator.next();
    try {
      const response = readEverything(Buffer.from(text, 'latin1'));
      // A header of theirs may be broken in itself, but it must not break the response that repeats it.
      if (response !== null) assert.equal(response.indexOf('\r\n\r\n'), response.length - 4);
    } catch (cause) {
      throw new Error(`seed ${seed}, number ${number}: ${JSON.stringify(text.slice(0, 2_000))}`, { cause });
    }
  }
});

test('changed messages leave nothing behind in an endpoint, and its call goes on', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const endpoint = bench.endpoint(callerAddress);
  endpoint.onInvite((call) => call.reject(486, 'Busy Here'));
  const { call, events } = dial(endpoint);
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  const mutator = new Mutator(seededRandom(seed + 1), fuzzCorpus(), 2_000);
  for (let number = 0; number < 5_000; number++) {
    // What names our tag might rightly end the call.
    const text = mutator.next().replaceAll(invite.fromTag ?? '', 'other');
    peer.send(text, callerAddress);
    peer.received.length = 0;
    bench.network.seen.length = 0;
  }
  bench.clock.advance(100_000);
  const { activeCalls, transactions } = endpoint.figures();
  assert.deepEqual([activeCalls, transactions], [1, 0]);
  call.hangUp();
  bench.clock.advance(20);
  peer.respond(peer.last('BYE'), '200 OK');
  assert.deepEqual(
    events.map((event) => event.type),
    ['answered', 'ended'],
  );
});

const headers = ['Via', 'From', 'To', 'Contact', 'Route', 'Require', 'CSeq', 'Content-Length', 'WWW-Authenticate', 'X'];
const units = [
  ' ',
  ';',
  ',',
  '"',
  '\\',
  '<',
  '>',
  '; ',
  ', ',
  ';a',
  '";"',
  '\\"',
  ';received ',
  '=',
  'a',
  '@',
  ':',
  '[',
  '?',
  '0',
];
const starts: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1;received',
  From: '"x" <sip:a@b>;tag=1',
  To: 'sip:a@b',
  Contact: '<sip:a@b>',
  CSeq: '1',
  'WWW-Authenticate': 'Digest realm="',
};

test('no header costs the square of its length', () => {
  for (const header of headers) {
    for (const unit of units) {
      for (const start of ['', starts[header] ?? 'x']) {
        const value = `${start}${unit.repeat((256 * 1024) / unit.length)}x`;
        withinReason(`${header}: ${start}${unit}...`, () => readEverything(messageWith(header, value)));
      }
    }
  }
});

test('nor do many lines, many folds, or a long body', () => {
  const long = 256 * 1024;
  const shapes = ['\n', '\r\n ', '\r\n \r\n', 'a:\r\n', 'Via: SIP/2.0/UDP h\r\n', '\r', '\0', ' \n'];
  for (const shape of shapes) {
    const repeated = shape.repeat(long / shape.length);
    withinReason(`start ${JSON.stringify(shape)}`, () => readEverything(Buffer.from(repeated)));
    withinReason(`line ${JSON.stringify(shape)}`, () => readEverything(messageWith('X', repeated)));
    withinReason(`body ${JSON.stringify(shape)}`, () =>
      readEverything(messageWith('Content-Type', `application/dtmf-relay\r\n\r\n${repeated}`)),
    );
    withinReason(`URI ${JSON.stringify(shape)}`, () =>
      readEverything(Buffer.from(`INVITE sip:${repeated} SIP/2.0\r\n\r\n`)),
    );
  }
});

/** A request in which one header is given. */
function messageWith(header: string, value: string): Buffer {
  const lines: Record<string, string> = {
    [header]: value,
    Via: 'SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1',
    From: '<sip:a@b>;tag=1',
    To: '<sip:c@d>',
    'Call-ID': 'x',
    CSeq: '1 INFO',
  };
  // Last in the message, because it may bring a body along.
  const { [header]: _replaced, ...others } = lines;
  const all = [...Object.entries(others), [header, value] as const];
  return Buffer.from(
    `INFO sip:c@d SIP/2.0\r\n${all.map(([name, text]) => `${name}: ${text}\r\n`).join('')}\r\n`,
    'latin1',
  );
}

/**
 * A guard against hanging, not a measure of speed: four times the largest datagram takes some milliseconds to read, and the square of
 * its length would take minutes.
 */
function withinReason(what: string, run: () => unknown): void {
  try {
    runInNewContext('run()', { run }, { timeout: 20_000 });
  } catch (cause) {
    throw new Error(`does not come to an end: ${what}`, { cause });
  }
}

test('a datagram of 64 KB with two hundred lines at most is read, more lines are not', () => {
  const lines = (number: number): Buffer => messageWith('X', `y\r\n${'X: y\r\n'.repeat(number)}Z: z`);
  assert.notEqual(parseMessage(lines(193)), null);
  assert.equal(parseMessage(lines(194)), null);
});
