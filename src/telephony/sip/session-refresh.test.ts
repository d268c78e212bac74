import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutgoingCallEvent } from './endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, offerSdp, SipBench } from './testing/endpoint-pair.ts';

type Answered = ReturnType<typeof answered>;

/** A call whose 200 has these lines. Its INVITE asked for 90 s. */
function answered(lines: string) {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const observed = dial(bench.endpoint(callerAddress), { sessionExpiresS: 90 });
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '200 OK', { lines, sdp: answerSdp });
  const startedMs = bench.clock.monotonic();
  /** Lets time pass until so many seconds after the answer. */
  const until = (second: number): void => bench.clock.advance(startedMs + second * 1000 - bench.clock.monotonic());
  return { bench, peer, ...observed, invite, until };
}

const ours = 'Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n';
const theirs = 'Session-Expires: 90;refresher=uas\r\n';
const allowsUpdate = 'Allow: INVITE, ACK, BYE, UPDATE\r\n';
const sdpType = 'Content-Type: application/sdp\r\n';

/** Requests of ours, repetitions not counted. */
const sent = (peer: Answered['peer'], method: string): number =>
  new Set(peer.of(method).map(({ cseq }) => cseq?.number)).size;

const endOf = (events: readonly OutgoingCallEvent[]) =>
  events.flatMap((event) => (event.type === 'ended' ? [event.end] : []))[0];

/** The far side answers our BYE; what the call says of its end, and what the BYE said. */
function ending({ bench, peer, events }: Answered): string {
  const bye = peer.last('BYE');
  peer.respond(bye, '200 OK');
  bench.clock.advance(20);
  const end = endOf(events);
  return `${end?.cause}: ${end?.reason} (${/cause=(\d+)/.exec(bye.header('reason') ?? '')?.[1]})`;
}

test('the INVITE asks for a session timer where it is told to', () => {
  const { invite } = answered('');
  assert.equal(invite.header('session-expires'), '90');
  assert.equal(invite.header('min-se'), null);
  assert.ok(invite.hasToken('supported', 'timer'));
});

test('without one in the answer there is none', () => {
  const { peer, until } = answered(allowsUpdate);
  until(10_000);
  assert.deepEqual(
    ['UPDATE', 'BYE'].map((method) => sent(peer, method)),
    [0, 0],
  );
});

test('they refresh: when they do not, the session is over 30 s before its time', () => {
  const call = answered(theirs);
  call.until(59);
  assert.equal(sent(call.peer, 'BYE'), 0);
  call.until(61);
  assert.equal(ending(call), 'lost: the session was not refreshed in time (102)');
});

test('they refresh, by UPDATE and by re-INVITE: it goes on from there', () => {
  const call = answered(theirs);
  call.until(45);
  const lines = 'Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n';
  call.peer.requestInDialog(call.invite, 'UPDATE 1', { lines });
  call.bench.clock.advance(20);
  const reply = call.peer.of(200).at(-1);
  assert.equal(reply?.header('session-expires'), '90;refresher=uac');
  assert.equal(reply?.header('require'), 'timer');
  call.until(90);
  call.peer.requestInDialog(call.invite, 'INVITE 2', { lines: `${lines}${sdpType}`, body: answerSdp });
  const offer = call.events.at(-1);
  assert.ok(offer?.type === 'offer');
  offer.answer(offerSdp);
  call.bench.clock.advance(20);
  call.peer.requestInDialog(call.invite, 'ACK 2');
  call.until(149);
  assert.equal(sent(call.peer, 'BYE'), 0);
  call.until(151);
  assert.match(ending(call), /^lost: the session was not refreshed/);
});

test('we refresh by UPDATE where it is allowed, again and again', () => {
  const { peer, until } = answered(`${ours}${allowsUpdate}`);
  until(44);
  assert.equal(sent(peer, 'UPDATE'), 0);
  for (const second of [46, 92, 138]) {
    until(second);
    const update = peer.last('UPDATE');
    assert.deepEqual([update.header('session-expires'), update.body], ['90;refresher=uac', '']);
    peer.respond(update, '200 OK', { lines: ours });
  }
  assert.deepEqual([sent(peer, 'UPDATE'), sent(peer, 'INVITE'), sent(peer, 'BYE')], [3, 1, 0]);
});

test('else by a re-INVITE that repeats our description; its answer is told, its 200 ACKed whenever it comes', () => {
  const { bench, peer, events, until } = answered(ours);
  until(46);
  const reinvite = peer.last('INVITE');
  assert.deepEqual([reinvite.body, reinvite.toTag, reinvite.cseq?.number], [offerSdp, 'far', 2]);
  peer.respond(reinvite, '100 Trying');
  for (const _ of [1, 2]) peer.respond(reinvite, '200 OK', { lines: ours, sdp: answerSdp });
  bench.clock.advance(20);
  assert.deepEqual(
    peer.of('ACK').map(({ cseq }) => cseq?.number),
    [1, 2, 2],
  );
  assert.deepEqual(events.at(-1), { type: 'reanswer', sdp: answerSdp });
  until(92);
  assert.equal(sent(peer, 'INVITE'), 3);
});

test('a far side that does not take UPDATE after all gets a re-INVITE', () => {
  const { bench, peer, until } = answered(`${ours}${allowsUpdate}`);
  until(46);
  peer.respond(peer.last('UPDATE'), '501 Not Implemented');
  bench.clock.advance(20);
  assert.equal(sent(peer, 'INVITE'), 2);
});

test('glare: a refresh that meets theirs is sent again after 2.1 to 4 s', () => {
  const { bench, peer, until } = answered(ours);
  until(46);
  peer.requestInDialog(peer.of('INVITE')[0] ?? peer.last('INVITE'), 'INVITE 1', { lines: sdpType, body: answerSdp });
  assert.equal(peer.last(491).cseq?.number, 1);
  peer.respond(peer.last('INVITE'), '491 Request Pending');
  bench.clock.advance(2_000);
  assert.equal(sent(peer, 'INVITE'), 2);
  bench.clock.advance(2_200);
  assert.equal(sent(peer, 'INVITE'), 3);
});

test('our re-INVITE waits until theirs is over', () => {
  const { bench, peer, events, until, invite } = answered(ours);
  until(44);
  peer.requestInDialog(invite, 'INVITE 1', { lines: sdpType, body: answerSdp });
  until(50);
  assert.equal(sent(peer, 'INVITE'), 1);
  const offer = events.at(-1);
  assert.ok(offer?.type === 'offer');
  offer.answer(offerSdp);
  bench.clock.advance(20);
  peer.requestInDialog(invite, 'ACK 1');
  bench.clock.advance(4_100);
  assert.equal(sent(peer, 'INVITE'), 1, 'theirs has refreshed the session: ours is due later');
});

test('a refused refresh keeps the session until its time is up, and comes again after Retry-After', () => {
  const call = answered(`${ours}${allowsUpdate}`);
  call.until(46);
  call.peer.respond(call.peer.last('UPDATE'), '500 Server Internal Error', { lines: 'Retry-After: 5\r\n' });
  call.until(50);
  assert.equal(sent(call.peer, 'UPDATE'), 1);
  call.until(52);
  assert.equal(sent(call.peer, 'UPDATE'), 2);
  call.peer.respond(call.peer.last('UPDATE'), '302 Moved Temporarily');
  assert.equal(sent(call.peer, 'BYE'), 0);
  call.until(61);
  assert.match(ending(call), /^lost: the session was not refreshed/);
});

test('a refresh that finds no dialog, or nobody, ends the call', () => {
  for (const [answer, reason] of [
    ['481 Call/Transaction Does Not Exist', 'SIP 481 to the session refresh'],
    ['408 Request Timeout', 'SIP 408 to the session refresh'],
    ['404 Not Found', 'SIP 404 to the session refresh'],
  ] as const) {
    const call = answered(`${ours}${allowsUpdate}`);
    call.until(46);
    call.peer.respond(call.peer.last('UPDATE'), answer);
    call.bench.clock.advance(20);
    assert.equal(ending(call), `lost: ${reason} (102)`);
  }
  const silent = answered(`Session-Expires: 200;refresher=uac\r\nRequire: timer\r\n${allowsUpdate}`);
  silent.until(134);
  assert.equal(ending(silent), 'lost: no answer to the session refresh (102)');
});

test('an INFO that finds no dialog ends the call, a refused one does not', () => {
  const call = answered('');
  call.call.sendInfoDigit('1', 100);
  call.bench.clock.advance(20);
  call.peer.respond(call.peer.last('INFO'), '415 Unsupported Media Type');
  call.call.sendInfoDigit('2', 100);
  call.bench.clock.advance(20);
  assert.equal(sent(call.peer, 'BYE'), 0);
  call.peer.respond(call.peer.last('INFO'), '481 Call/Transaction Does Not Exist');
  call.bench.clock.advance(20);
  assert.match(ending(call), /^lost: SIP 481 to INFO/);
});

test('what goes wrong while we hang up is no other end', () => {
  const { bench, peer, call, events } = answered('');
  call.sendInfoDigit('1', 100);
  call.hangUp();
  bench.clock.advance(20);
  peer.respond(peer.last('INFO'), '481 Call/Transaction Does Not Exist');
  peer.respond(peer.last('BYE'), '200 OK');
  bench.clock.advance(20);
  assert.deepEqual([endOf(events)?.cause, sent(peer, 'BYE')], ['local-bye', 1]);
});

test('too short an interval is raised, in the INVITE and in a refresh, and not for ever', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { events } = dial(bench.endpoint(callerAddress), { sessionExpiresS: 90 });
  bench.clock.advance(20);
  const tooSmall = (minSe: number) => ({ lines: `Min-SE: ${minSe}\r\n`, tag: `t${minSe}` });
  peer.respond(peer.last('INVITE'), '422 Session Interval Too Small', tooSmall(120));
  bench.clock.advance(20);
  const second = peer.last('INVITE');
  assert.deepEqual(
    [second.header('session-expires'), second.header('min-se'), second.cseq?.number, second.toTag],
    ['120', '120', 2, null],
  );
  peer.respond(second, '200 OK', { lines: `Session-Expires: 120;refresher=uac\r\n${allowsUpdate}`, sdp: answerSdp });
  bench.clock.advance(60_100);
  peer.respond(peer.last('UPDATE'), '422 Session Interval Too Small', { lines: 'Min-SE: 300\r\n' });
  bench.clock.advance(20);
  assert.deepEqual(
    [peer.last('UPDATE').header('session-expires'), peer.last('UPDATE').header('min-se')],
    ['300;refresher=uac', '300'],
  );
  assert.equal(endOf(events), undefined);

  const stubborn = new SipBench();
  const never = stubborn.peer(calleeAddress);
  const refused = dial(stubborn.endpoint(callerAddress), { sessionExpiresS: 90 });
  stubborn.clock.advance(20);
  for (let minSe = 200; minSe < 300; minSe += 10) {
    never.respond(never.last('INVITE'), '422 Session Interval Too Small', tooSmall(minSe));
    stubborn.clock.advance(20);
  }
  assert.partialDeepStrictEqual(endOf(refused.events), { cause: 'rejected', status: 422 });
  assert.equal(sent(never, 'INVITE'), 4);
});

test('as a callee: a short interval is refused, a timer is agreed on, and kept by us where we are asked to', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const endpoint = bench.endpoint(callerAddress);
  const told: string[] = [];
  endpoint.onInvite((call) => {
    call.observe((event) => told.push(event.type === 'ended' ? event.cause : event.type));
    call.provisional(180, 'Ringing');
    call.answer(answerSdp);
  });
  const send = (cseq: number, lines: string): void =>
    peer.send(
      `INVITE sip:x@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK${cseq}\r\nFrom: <sip:y@10.0.0.2>;tag=y\r\nTo: <sip:x@10.0.0.1>\r\n` +
        `Call-ID: i\r\nCSeq: ${cseq} INVITE\r\nContact: <sip:y@10.0.0.2>\r\nSupported: timer\r\n${lines}Content-Length: 0\r\n\r\n`,
      callerAddress,
    );
  send(1, 'Session-Expires: 60\r\n');
  assert.equal(peer.last(422).header('min-se'), '90');
  send(2, 'Session-Expires: 90;refresher=uas\r\nRequire: timer, 100rel\r\nAllow: UPDATE\r\n');
  const ok = peer.last(200);
  assert.equal(ok.header('session-expires'), '90;refresher=uas');
  assert.equal(peer.of(180).length, 0, 'reliably or not at all');
  peer.send(
    `ACK sip:x@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK3\r\nFrom: <sip:y@10.0.0.2>;tag=y\r\nTo: ${ok.header('to')}\r\n` +
      'Call-ID: i\r\nCSeq: 2 ACK\r\nContent-Length: 0\r\n\r\n',
    callerAddress,
  );
  bench.clock.advance(46_000);
  const update = peer.last('UPDATE');
  assert.equal(update.header('session-expires'), '90;refresher=uac');
  bench.clock.advance(16_000);
  assert.match(peer.last('BYE').header('reason') ?? '', /cause=102/);
  peer.respond(peer.last('BYE'), '200 OK');
  bench.clock.advance(20);
  assert.deepEqual(told, ['acknowledged', 'local-bye']);
});

test('what can be required depends on the method', () => {
  const { bench, peer, invite } = answered('');
  const require = (what: string) => ({ lines: `Require: ${what}\r\n` });
  peer.requestInDialog(invite, 'UPDATE 1', require('timer'));
  peer.requestInDialog(invite, 'UPDATE 2', require('timer, 100rel, gin'));
  peer.requestInDialog(invite, 'OPTIONS 3', require('timer'));
  peer.requestInDialog(invite, 'INFO 4', {
    lines: 'Info-Package: weather\r\nContent-Type: text/plain\r\n',
    body: 'sun',
  });
  peer.requestInDialog(invite, 'INFO 5', { lines: 'Content-Type: text/plain\r\n', body: 'sun' });
  peer.requestInDialog(invite, 'MESSAGE 6', { lines: 'Content-Type: text/plain\r\n', body: 'hi' });
  peer.requestInDialog(invite, 'BYE 7', require('gin'));
  bench.clock.advance(20);
  assert.deepEqual(
    peer.received.filter(({ isRequest }) => !isRequest).map(({ cseq, status }) => `${cseq?.method} ${status}`),
    ['UPDATE 200', 'UPDATE 420', 'OPTIONS 420', 'INFO 469', 'INFO 415', 'MESSAGE 405', 'BYE 200'],
  );
  assert.deepEqual(
    peer.of(420).map((message) => message.header('unsupported')),
    ['100rel, gin', 'timer'],
  );
});

test('two of us keep a call for two hours, with every tenth message lost', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const bench = new SipBench(seed, 0.1);
    const [caller, callee] = [bench.endpoint(callerAddress), bench.endpoint(calleeAddress)];
    callee.onInvite((call) => call.answer(answerSdp));
    const { call, events } = dial(caller, { sessionExpiresS: 300 });
    bench.clock.advance(7_200_000);
    assert.equal(endOf(events), undefined, `seed ${seed}`);
    const refreshes = bench.network.seen.filter(({ text, isLost }) => text.startsWith('UPDATE') && !isLost);
    assert.ok(refreshes.length >= 47, `${refreshes.length} refreshes`);
    call.hangUp();
    bench.clock.advance(100_000);
    assert.equal(endOf(events)?.cause, 'local-bye');
    assert.deepEqual([caller.figures().activeCalls, callee.figures().activeCalls], [0, 0]);
  }
});
