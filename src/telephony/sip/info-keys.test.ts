import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutgoingCallEvent } from './endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, SipBench } from './testing/endpoint-pair.ts';

const relay = 'Content-Type: application/dtmf-relay\r\n';

function answered() {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { call, events } = dial(bench.endpoint(callerAddress));
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  bench.clock.advance(20);
  return { bench, peer, call, events, invite };
}

const keysOf = (events: readonly OutgoingCallEvent[]): string =>
  events.map((event) => (event.type === 'info-digit' ? event.digit : '')).join('');

const signalsOf = (messages: readonly { readonly body: string }[]): string =>
  messages.map(({ body }) => /Signal=(.)/.exec(body)?.[1] ?? '?').join('');

test('what is no key is understood, what is of another type is refused with the types that are', () => {
  const { bench, peer, events, invite } = answered();
  peer.requestInDialog(invite, 'INFO 10', { lines: relay, body: 'Signal= 5\r\nDuration= 160\r\n' });
  peer.requestInDialog(invite, 'INFO 11', { lines: relay, body: 'Signal=16\r\nDuration=160\r\n' });
  peer.requestInDialog(invite, 'INFO 12', { lines: 'c: application/dtmf\r\n', body: '*' });
  peer.requestInDialog(invite, 'INFO 13', { lines: 'Content-Type: application/x-nothing\r\n', body: 'Signal=7' });
  peer.requestInDialog(invite, 'INFO 14', { body: 'Signal=8' });
  peer.requestInDialog(invite, 'INFO 15');
  peer.requestInDialog(invite, 'INFO 16', { lines: `Info-Package: infoDtmf\r\n${relay}`, body: 'Signal=9' });
  peer.requestInDialog(invite, 'INFO 17', { lines: 'Info-Package: foo\r\n' });
  bench.clock.advance(20);
  const answers = peer.received.filter((message) => message.cseq?.method === 'INFO');
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 415, 415, 200, 200, 469],
  );
  assert.equal(answers[3]?.header('accept'), 'application/dtmf-relay, application/dtmf');
  assert.equal(keysOf(events), '5*9');
});

test('a key that is sent again because our answer was lost counts once', () => {
  const { bench, peer, events, invite } = answered();
  for (let time = 0; time < 3; time += 1) peer.requestInDialog(invite, 'INFO 10', { lines: relay, body: 'Signal=5' });
  bench.clock.advance(20);
  assert.equal(peer.of(200).length, 3);
  assert.equal(keysOf(events), '5');
});

test('keys before the answer are answered, in a dialog that a provisional response made', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { events } = dial(bench.endpoint(callerAddress));
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '183 Session Progress', { sdp: answerSdp });
  peer.requestInDialog(invite, 'INFO 10', { lines: relay, body: 'Signal=5' });
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  peer.requestInDialog(invite, 'INFO 11', { lines: relay, body: 'Signal=6' });
  bench.clock.advance(20);
  assert.equal(peer.of(200).filter((response) => response.cseq?.method === 'INFO').length, 2);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['provisional', 'info-digit', 'answered', 'info-digit'],
  );
});

test('digits of ours go one after another, each when the one before was answered', () => {
  const { bench, peer, call } = answered();
  for (const digit of '12#') call.sendInfoDigit(digit, 100);
  bench.clock.advance(20);
  assert.equal(signalsOf(peer.of('INFO')), '1');
  peer.respond(peer.last('INFO'), '200 OK');
  // One that is refused does not hold up the others.
  peer.respond(peer.last('INFO'), '415 Unsupported Media Type');
  assert.equal(signalsOf(peer.of('INFO')), '12#');
  peer.respond(peer.last('INFO'), '200 OK');
  call.sendInfoDigit('4', 100);
  bench.clock.advance(20);
  assert.equal(signalsOf(peer.of('INFO')), '12#4');
  const sequences = peer.of('INFO').map((info) => info.cseq?.number ?? 0);
  assert.deepEqual(
    sequences.map((number) => number - (sequences[0] ?? 0)),
    [0, 1, 2, 3],
  );
});

test('a far side that has forgotten the call ends it, and hears no further digit', () => {
  const { bench, peer, call, events } = answered();
  for (const digit of '123') call.sendInfoDigit(digit, 100);
  bench.clock.advance(20);
  peer.respond(peer.last('INFO'), '481 Call/Transaction Does Not Exist');
  bench.clock.advance(20);
  assert.equal(signalsOf(peer.of('INFO')), '1');
  peer.respond(peer.last('BYE'), '200 OK');
  bench.clock.advance(20);
  assert.equal(events.at(-1)?.type, 'ended');
});
