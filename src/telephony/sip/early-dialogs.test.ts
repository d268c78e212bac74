import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InviteOptions, OutgoingCallEvent } from './endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, offerSdp, SipBench } from './testing/endpoint-pair.ts';

const otherSdp = answerSdp.replaceAll('10.0.0.2', '10.0.0.3');
const reliably = (rseq: number): string => `Require: 100rel\r\nRSeq: ${rseq}\r\n`;
const sdpType = 'Content-Type: application/sdp\r\n';

function ringing(options: Partial<InviteOptions> = {}) {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const observed = dial(bench.endpoint(callerAddress), options);
  bench.clock.advance(20);
  return { bench, peer, ...observed, invite: peer.last('INVITE') };
}

const short = (event: OutgoingCallEvent): string =>
  event.type === 'provisional' || event.type === 'answered'
    ? `${event.status} ${event.sdp === null ? '-' : event.sdp.slice(4, 20).trim()}`
    : event.type;

const answeredSdp = (events: readonly OutgoingCallEvent[]): string | null | undefined =>
  events.flatMap((event) => (event.type === 'answered' ? [event.sdp] : []))[0];

test('each fork has its own count of reliable responses', () => {
  const { bench, peer, invite } = ringing();
  peer.respond(invite, '183 Progress', { tag: 'a', lines: reliably(5), sdp: answerSdp });
  peer.respond(invite, '180 Ringing', { tag: 'b', lines: reliably(900) });
  peer.respond(invite, '180 Ringing', { tag: 'a', lines: reliably(6) });
  peer.respond(invite, '180 Ringing', { tag: 'a', lines: reliably(8) });
  peer.respond(invite, '180 Ringing', { tag: 'b', lines: reliably(900) });
  bench.clock.advance(20);
  assert.deepEqual(
    peer.of('PRACK').map((prack) => `${prack.toTag} ${prack.header('rack')}`),
    ['a 5 1 INVITE', 'b 900 1 INVITE', 'a 6 1 INVITE'],
  );
});

test('the fork that answers decides what is said of the session', () => {
  const { bench, peer, events, invite } = ringing();
  peer.respond(invite, '183 Progress', { tag: 'a', lines: reliably(1), sdp: answerSdp });
  peer.respond(invite, '183 Progress', { tag: 'b', lines: reliably(1), sdp: otherSdp });
  peer.respond(invite, '180 Ringing', { tag: 'a' });
  peer.respond(invite, '200 OK', { tag: 'a' });
  bench.clock.advance(20);
  assert.equal(answeredSdp(events), answerSdp);
  assert.equal(peer.last('ACK').toTag, 'a');
});

test('a fork that answers without a word of the session has none', () => {
  const { peer, events, invite } = ringing();
  peer.respond(invite, '183 Progress', { tag: 'a', sdp: answerSdp });
  peer.respond(invite, '200 OK', { tag: 'b' });
  assert.equal(answeredSdp(events), null);
});

test('the 2xx counts where it says otherwise than the response before', () => {
  const { peer, events, invite } = ringing();
  peer.respond(invite, '183 Progress', { tag: 'a', sdp: answerSdp });
  peer.respond(invite, '180 Ringing', { tag: 'a' });
  peer.respond(invite, '200 OK', { tag: 'a', sdp: otherSdp });
  assert.deepEqual(events.map(short), ['183 o=- 2 2 IN IP4', '180 -', '200 o=- 2 2 IN IP4']);
  assert.equal(answeredSdp(events), otherSdp);
});

test('an UPDATE in an early dialog is answered in it, and what it says holds', () => {
  const { bench, peer, events, invite } = ringing();
  peer.respond(invite, '183 Progress', { tag: 'a', lines: reliably(1), sdp: answerSdp });
  peer.requestInDialog(invite, 'UPDATE 7', { tag: 'a', lines: sdpType, body: otherSdp });
  const offer = events.at(-1);
  assert.ok(offer?.type === 'offer' && offer.sdp === otherSdp);
  offer.answer(offerSdp);
  bench.clock.advance(20);
  const answer = peer.received.find((message) => message.status === 200 && message.cseq?.method === 'UPDATE');
  assert.equal(answer?.body, offerSdp);
  peer.respond(invite, '200 OK', { tag: 'a', sdp: answerSdp });
  assert.equal(answeredSdp(events), otherSdp);
  // The count of their requests goes on.
  peer.requestInDialog(invite, 'OPTIONS 6', { tag: 'a' });
  assert.equal(peer.last(500).cseq?.method, 'OPTIONS');
  peer.requestInDialog(invite, 'OPTIONS 8', { tag: 'a' });
  assert.equal(peer.last(200).cseq?.method, 'OPTIONS');
});

test('an offer has to wait while ours is open, and other requests of forks have their answers', () => {
  const { bench, peer, invite } = ringing();
  peer.respond(invite, '183 Progress', { tag: 'a', sdp: answerSdp });
  peer.requestInDialog(invite, 'UPDATE 1', { tag: 'a', lines: sdpType, body: otherSdp });
  peer.requestInDialog(invite, 'INVITE 2', { tag: 'a', lines: sdpType, body: otherSdp });
  peer.requestInDialog(invite, 'BYE 3', { tag: 'a' });
  peer.requestInDialog(invite, 'UPDATE 4', { tag: 'nobody' });
  peer.requestInDialog(invite, 'OPTIONS 5', { tag: 'a' });
  bench.clock.advance(20);
  assert.deepEqual(
    peer.received.filter(({ isRequest }) => !isRequest).map(({ cseq, status }) => `${cseq?.method} ${status}`),
    ['UPDATE 491', 'INVITE 491', 'BYE 481', 'UPDATE 481', 'OPTIONS 200'],
  );
});

test('a fork that has ended is not the call', () => {
  const { bench, peer, events, invite } = ringing();
  peer.respond(invite, '183 Progress', { tag: 'a', sdp: otherSdp });
  peer.respond(invite, '199 Early Dialog Terminated', { tag: 'a', lines: reliably(1) });
  peer.requestInDialog(invite, 'OPTIONS 1', { tag: 'a' });
  peer.respond(invite, '180 Ringing', { tag: 'b' });
  peer.respond(invite, '200 OK', { tag: 'b', sdp: answerSdp });
  bench.clock.advance(20);
  assert.equal(peer.of('PRACK').length, 1);
  assert.equal(peer.of(481).length, 1);
  assert.deepEqual(events.map(short), ['183 o=- 2 2 IN IP4', '180 -', '200 o=- 2 2 IN IP4']);
  assert.equal(answeredSdp(events), answerSdp);
});

test('a late offer in the 2xx is answered in the ACK, again when the 2xx is repeated', () => {
  const { bench, peer, events, invite } = ringing({ offer: null });
  assert.deepEqual([invite.body, invite.header('content-type')], ['', null]);
  peer.respond(invite, '183 Progress', { tag: 'a', sdp: otherSdp });
  peer.respond(invite, '200 OK', { tag: 'a', sdp: answerSdp });
  assert.deepEqual(
    events.map(({ type }) => type),
    ['provisional', 'offer', 'answered'],
  );
  assert.equal(peer.of('ACK').length, 0, 'the ACK waits for the answer');
  const offer = events[1];
  assert.ok(offer?.type === 'offer' && offer.sdp === answerSdp);
  offer.answer(offerSdp);
  bench.clock.advance(20);
  peer.respond(invite, '200 OK', { tag: 'a', sdp: answerSdp });
  bench.clock.advance(20);
  assert.deepEqual(
    peer.of('ACK').map(({ body }) => body),
    [offerSdp, offerSdp],
  );
  assert.equal(answeredSdp(events), answerSdp);
});

test('a late offer that is not taken is answered without streams', () => {
  const { bench, peer, events, call, invite } = ringing({ offer: null });
  peer.respond(invite, '200 OK', { sdp: `${answerSdp}m=audio 4000 RTP/AVP 18\r\n` });
  const offer = events[0];
  assert.ok(offer?.type === 'offer');
  offer.answer(null);
  call.hangUp();
  bench.clock.advance(20);
  assert.match(peer.last('ACK').body, /\r\nm=audio 0 RTP\/AVP 18\r\n$/);
  assert.equal(peer.of('BYE').length, 1);
});

test('hung up before a late offer was answered: the ACK takes nothing, and goes before the BYE', () => {
  const { bench, peer, call, invite } = ringing({ offer: null });
  peer.respond(invite, '200 OK', { sdp: `${answerSdp}m=audio 4000 RTP/AVP 0\r\n` });
  call.hangUp();
  bench.clock.advance(20);
  assert.match(peer.last('ACK').body, /m=audio 0 RTP\/AVP 0/);
  assert.equal(peer.of('BYE').length, 1);
});

test('a late offer that crosses the CANCEL is answered without streams, and so are those of other forks', () => {
  const { bench, peer, call, events, invite } = ringing({ offer: null });
  peer.respond(invite, '180 Ringing', { tag: 'a' });
  call.hangUp();
  bench.clock.advance(20);
  for (const tag of ['a', 'b']) peer.respond(invite, '200 OK', { tag, sdp: `${answerSdp}m=audio 4000 RTP/AVP 0\r\n` });
  bench.clock.advance(20);
  assert.deepEqual(
    peer.of('ACK').map(({ toTag, body }) => [toTag, body.includes('m=audio 0')]),
    [
      ['a', true],
      ['b', true],
    ],
  );
  assert.deepEqual(
    peer.of('BYE').map(({ toTag }) => toTag),
    ['a', 'b'],
  );
  assert.ok(!events.some(({ type }) => type === 'offer' || type === 'answered'));
});

test('a late offer in a reliable response is answered in the PRACK', () => {
  const { bench, peer, events, invite } = ringing({ offer: null });
  peer.respond(invite, '183 Progress', { tag: 'a', lines: reliably(1), sdp: answerSdp });
  const offer = events[0];
  assert.ok(offer?.type === 'offer' && offer.sdp === answerSdp);
  offer.answer(offerSdp);
  bench.clock.advance(20);
  assert.deepEqual([peer.last('PRACK').body, peer.last('PRACK').header('rack')], [offerSdp, '1 1 INVITE']);
  peer.respond(invite, '200 OK', { tag: 'a' });
  bench.clock.advance(20);
  assert.deepEqual([answeredSdp(events), peer.last('ACK').body], [answerSdp, '']);
});

test('an answer without any offer', () => {
  const { bench, peer, events, invite } = ringing({ offer: null });
  peer.respond(invite, '200 OK');
  bench.clock.advance(20);
  assert.deepEqual([answeredSdp(events), peer.last('ACK').body], [null, '']);
});

test('a caller without an offer gets ours, and its answer is told with its ACK', () => {
  const bench = new SipBench();
  const [caller, callee] = [bench.endpoint(callerAddress), bench.endpoint(calleeAddress)];
  const told: unknown[] = [];
  callee.onInvite((call) => {
    assert.equal(call.offer, null);
    call.observe((event) => told.push(event));
    call.answer(answerSdp);
  });
  const events: OutgoingCallEvent[] = [];
  caller.invite(
    {
      hops: [{ ...calleeAddress, transport: 'udp', tls: null }],
      targetUri: 'sip:1@10.0.0.2',
      from: '<sip:2@10.0.0.1>',
      sipCallId: 'late',
      offer: null,
      credentials: null,
    },
    (event) => {
      events.push(event);
      if (event.type === 'offer') event.answer(offerSdp);
    },
  );
  bench.clock.advance(60);
  assert.equal(answeredSdp(events), answerSdp);
  assert.deepEqual(told, [{ type: 'acknowledged', sdp: offerSdp }]);
});

test('late offers, with every tenth datagram lost: every call is agreed on once and ends right', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const bench = new SipBench(seed, 0.1);
    const [caller, callee] = [bench.endpoint(callerAddress), bench.endpoint(calleeAddress)];
    const told: string[] = [];
    callee.onInvite((call) => {
      call.observe((event) => told.push(event.type === 'acknowledged' ? `acknowledged ${event.sdp}` : event.type));
      call.answer(answerSdp);
    });
    const { call, events } = dial(caller, { offer: null });
    bench.clock.setTimer(function answerOffer() {
      const offer = events.find((event) => event.type === 'offer');
      if (offer === undefined) bench.clock.setTimer(answerOffer, 10);
      else offer.answer(offerSdp);
    }, 10);
    bench.clock.advance(20_000);
    call.hangUp();
    bench.clock.advance(100_000);
    const types = events.map(({ type }) => type).filter((type) => type !== 'trying');
    assert.deepEqual(types, ['offer', 'answered', 'ended'], `seed ${seed}`);
    assert.deepEqual(told, [`acknowledged ${offerSdp}`, 'ended'], `seed ${seed}`);
    assert.deepEqual([caller.figures().transactions, callee.figures().transactions], [0, 0]);
  }
});
