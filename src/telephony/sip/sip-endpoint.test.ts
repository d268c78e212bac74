import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncomingCall, IncomingCallEvent, OutgoingCallEvent } from './endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, offerSdp, SipBench } from './testing/endpoint-pair.ts';
import { udpHop } from './transport/hop.ts';

function endOf(events: readonly OutgoingCallEvent[]) {
  const ends = events.filter((event) => event.type === 'ended');
  assert.equal(ends.length, 1, `one end, not ${ends.length}`);
  assert.equal(events.at(-1)?.type, 'ended');
  return ends[0]?.end;
}

const typesOf = (events: readonly { type: string }[]) => events.map((event) => event.type);

function answeringBench(loss = 0, seed = 1) {
  const bench = new SipBench(seed, loss);
  const caller = bench.endpoint(callerAddress);
  const callee = bench.endpoint(calleeAddress);
  const calls: { call: IncomingCall; events: IncomingCallEvent[] }[] = [];
  callee.onInvite((call) => {
    const events: IncomingCallEvent[] = [];
    call.observe((event) => events.push(event));
    calls.push({ call, events });
  });
  return { bench, caller, callee, calls };
}

test('a call is made, answered and hung up by the caller', () => {
  const { bench, caller, calls } = answeringBench();
  const { call, events } = dial(caller);
  bench.clock.advance(20);
  const incoming = calls[0];
  assert.ok(incoming);
  assert.equal(incoming.call.offer, offerSdp);
  assert.equal(incoming.call.requestUri, 'sip:8613800000000@10.0.0.2:5060');
  incoming.call.provisional(183, 'Session Progress', answerSdp);
  bench.clock.advance(20);
  incoming.call.answer(answerSdp);
  bench.clock.advance(40);
  assert.deepEqual(events, [
    { type: 'trying' },
    { type: 'provisional', status: 183, reason: 'Session Progress', sdp: answerSdp },
    { type: 'answered', status: 200, sdp: answerSdp },
  ]);
  call.hangUp();
  call.hangUp();
  bench.clock.advance(40);
  assert.partialDeepStrictEqual(endOf(events), { cause: 'local-bye', status: 200, reason: 'OK', isCancelled: false });
  assert.deepEqual(incoming.events, [
    { type: 'acknowledged', sdp: null },
    { type: 'ended', cause: 'remote-bye' },
  ]);
  assert.equal(bench.network.seen.filter(({ text }) => text.startsWith('BYE')).length, 1);
});

test('an INVITE that must pass proxies names them in order, again with credentials, and so does its CANCEL', () => {
  const bench = new SipBench();
  const caller = bench.endpoint(callerAddress);
  const peer = bench.peer(calleeAddress);
  const routes = ['<sip:10.0.0.2;lr>', '<sip:inner.example;lr>'];
  const { call } = dial(caller, { routes, credentials: { username: 'a', password: 'b' } });
  bench.clock.advance(20);
  peer.respond(peer.last('INVITE'), '407 No', { lines: 'Proxy-Authenticate: Digest realm="r", nonce="n"\r\n' });
  peer.respond(peer.last('INVITE'), '180 Ringing');
  call.hangUp();
  bench.clock.advance(20);
  const requests = [...peer.of('INVITE'), peer.last('CANCEL')];
  assert.deepEqual(
    requests.map((request) => request.list('route')),
    [routes, routes, routes],
  );
});

test('the far end hangs up, and sends digits by INFO before', () => {
  const { bench, caller, calls } = answeringBench();
  const { events } = dial(caller);
  bench.clock.advance(20);
  calls[0]?.call.answer(answerSdp);
  bench.clock.advance(40);
  calls[0]?.call.sendInfoDigit('#', 120);
  bench.clock.advance(40);
  calls[0]?.call.hangUp();
  bench.clock.advance(40);
  assert.deepEqual(typesOf(events), ['trying', 'answered', 'info-digit', 'ended']);
  assert.equal(endOf(events)?.cause, 'remote-bye');
  assert.deepEqual(calls[0]?.events.at(-1), { type: 'ended', cause: 'local-bye' });
});

test('a refusal is ACKed and ends the call with its status', () => {
  const { bench, caller, calls } = answeringBench();
  const { events } = dial(caller);
  bench.clock.advance(20);
  calls[0]?.call.reject(486, 'Busy Here', [['Retry-After', '5']]);
  bench.clock.advance(40);
  assert.partialDeepStrictEqual(endOf(events), {
    cause: 'rejected',
    status: 486,
    reason: 'Busy Here',
    isCancelled: false,
  });
  assert.equal(bench.network.seen.filter(({ text }) => text.startsWith('ACK')).length, 1);
});

test('hanging up while it rings cancels', () => {
  const { bench, caller, calls } = answeringBench();
  const { call, events } = dial(caller);
  bench.clock.advance(40);
  call.hangUp();
  bench.clock.advance(40);
  assert.partialDeepStrictEqual(endOf(events), {
    cause: 'rejected',
    status: 487,
    reason: 'Request Terminated',
    isCancelled: true,
  });
  assert.deepEqual(calls[0]?.events, [{ type: 'cancelled' }]);
});

test('a CANCEL waits for a provisional response, and a 200 that crosses it is ACKed and BYEd', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { call, events } = dial(bench.endpoint(callerAddress));
  bench.clock.advance(20);
  call.hangUp();
  bench.clock.advance(100);
  assert.equal(peer.of('CANCEL').length, 0);
  const invite = peer.last('INVITE');
  peer.respond(invite, '180 Ringing');
  bench.clock.advance(20);
  const cancel = peer.last('CANCEL');
  assert.equal(cancel.branch, invite.branch);
  assert.equal(cancel.cseq?.number, invite.cseq?.number);
  peer.respond(cancel, '200 OK');
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  bench.clock.advance(20);
  assert.equal(peer.of('ACK').length, 1);
  peer.respond(peer.last('BYE'), '200 OK');
  bench.clock.advance(20);
  assert.deepEqual(typesOf(events), ['ended']);
  assert.partialDeepStrictEqual(endOf(events), { cause: 'local-bye', status: 200, reason: 'OK', isCancelled: true });
});

test('a far end that never answers a CANCELled INVITE ends it as timeout, and a 200 after that is still ended', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const endpoint = bench.endpoint(callerAddress);
  const { call, events } = dial(endpoint);
  bench.clock.advance(20);
  peer.respond(peer.last('INVITE'), '180 Ringing');
  call.hangUp();
  bench.clock.advance(31_000);
  assert.deepEqual(typesOf(events), ['provisional']);
  bench.clock.advance(1_100);
  assert.partialDeepStrictEqual(endOf(events), {
    cause: 'timeout',
    status: null,
    reason: 'no final response',
    isCancelled: true,
  });
  peer.respond(peer.last('INVITE'), '200 OK');
  bench.clock.advance(20);
  assert.equal(peer.of('ACK').length, 1);
  assert.equal(peer.of('BYE').length, 1);
  assert.equal(events.length, 2);
  bench.clock.advance(100_000);
  assert.equal(endpoint.figures().transactions, 0);
});

test('nobody there: timer B', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const endpoint = bench.endpoint(callerAddress);
  const { events } = dial(endpoint);
  bench.clock.advance(31_900);
  assert.deepEqual(events, []);
  bench.clock.advance(200);
  assert.partialDeepStrictEqual(endOf(events), {
    cause: 'timeout',
    status: null,
    reason: 'no final response',
    isCancelled: false,
  });
  assert.equal(peer.of('INVITE').length, 7);
  assert.deepEqual(endpoint.figures().transactions, 0);
  assert.equal(bench.clock.pendingCount, 0);
});

test('a repeated 200 is ACKed again without a word, a fork is ACKed and BYEd', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { events } = dial(bench.endpoint(callerAddress));
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  peer.respond(invite, '200 OK', { tag: 'other', sdp: answerSdp });
  peer.respond(invite, '200 OK', { tag: 'other', sdp: answerSdp });
  bench.clock.advance(20);
  assert.deepEqual(
    peer.of('ACK').map((ack) => ack.toTag),
    ['far', 'far', 'other', 'other'],
  );
  assert.deepEqual(
    peer.of('BYE').map((bye) => bye.toTag),
    ['other'],
  );
  assert.deepEqual(typesOf(events), ['answered']);
});

test('requests in a dialog: OPTIONS, unknown methods, REFER, strangers, BYE', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { events } = dial(bench.endpoint(callerAddress));
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  peer.requestInDialog(invite, 'OPTIONS 10');
  peer.requestInDialog(invite, 'FLY 11');
  peer.requestInDialog(invite, 'REFER 12', { lines: 'Refer-To: <sip:x@y>\r\n' });
  peer.requestInDialog(invite, 'INFO 9');
  peer.requestInDialog(invite, 'BYE 13', { tag: 'stranger' });
  peer.requestInDialog(invite, 'INFO 14', { lines: 'Content-Type: application/dtmf\r\n', body: '7' });
  peer.requestInDialog(invite, 'BYE 15');
  peer.requestInDialog(invite, 'BYE 16');
  bench.clock.advance(20);
  const statuses = peer.received
    .filter((message) => !message.isRequest)
    .map((message) => `${message.cseq?.method} ${message.status}`);
  assert.deepEqual(statuses, [
    'OPTIONS 200',
    'FLY 405',
    'REFER 603',
    'INFO 500',
    'BYE 481',
    'INFO 200',
    'BYE 200',
    'BYE 481',
  ]);
  assert.match(peer.last(405).header('allow') ?? '', /INVITE/);
  assert.deepEqual(typesOf(events), ['answered', 'info-digit', 'ended']);
});

test('a re-INVITE is handed up; its 200 is repeated until the ACK; without an offer it gets ours', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { events } = dial(bench.endpoint(callerAddress));
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  const sdpLine = 'Content-Type: application/sdp\r\n';
  peer.requestInDialog(invite, 'INVITE 20', { lines: sdpLine, body: 'v=0\r\nnew' });
  const reoffer = events.at(-1);
  assert.ok(reoffer?.type === 'offer');
  assert.equal(reoffer.sdp, 'v=0\r\nnew');
  peer.requestInDialog(invite, 'UPDATE 21', { lines: sdpLine, body: 'v=0\r\nglare' });
  assert.equal(peer.last(500).cseq?.method, 'UPDATE');
  assert.equal(peer.last(500).header('retry-after'), '2');
  reoffer.answer('v=0\r\nmine');
  bench.clock.advance(600);
  assert.deepEqual(
    peer.of(200).map((message) => message.body),
    ['v=0\r\nmine', 'v=0\r\nmine'],
  );
  peer.requestInDialog(invite, 'ACK 20');
  bench.clock.advance(10_000);
  assert.equal(peer.of(200).length, 2);
  peer.requestInDialog(invite, 'INVITE 22');
  bench.clock.advance(15);
  assert.equal(peer.last(200).body, 'v=0\r\nmine');
  peer.requestInDialog(invite, 'ACK 22', { lines: sdpLine, body: 'v=0\r\nanswer' });
  const last = events.at(-1);
  assert.ok(last?.type === 'reanswer' && last.sdp === 'v=0\r\nanswer');
  peer.requestInDialog(invite, 'UPDATE 23', { lines: sdpLine, body: 'v=0\r\nagain' });
  const update = events.at(-1);
  assert.ok(update?.type === 'offer');
  update.answer(null);
  bench.clock.advance(15);
  assert.equal(peer.last(488).cseq?.method, 'UPDATE');
});

test('a BYE that is never answered, or answered with 481, ends the call', () => {
  for (const answer of [null, '481 Gone']) {
    const bench = new SipBench();
    const peer = bench.peer(calleeAddress);
    const { call, events } = dial(bench.endpoint(callerAddress));
    bench.clock.advance(20);
    peer.respond(peer.last('INVITE'), '200 OK', { sdp: answerSdp });
    call.hangUp();
    bench.clock.advance(20);
    if (answer !== null) peer.respond(peer.last('BYE'), answer);
    bench.clock.advance(answer === null ? 33_000 : 20);
    assert.equal(endOf(events)?.cause, 'local-bye');
  }
});

test('a 2xx of ours without an ACK is repeated, then given up on with a BYE', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const callee = bench.endpoint(callerAddress);
  const events: IncomingCallEvent[] = [];
  callee.onInvite((call) => {
    call.observe((event) => events.push(event));
    call.answer(answerSdp);
  });
  peer.send(
    'INVITE sip:x@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKa\r\nRecord-Route: <sip:10.0.0.2;lr>\r\n' +
      'From: <sip:y@10.0.0.2>;tag=y\r\nTo: <sip:x@10.0.0.1>\r\nCall-ID: i\r\nCSeq: 1 INVITE\r\nContact: <sip:y@192.0.2.1>\r\n\r\n',
    callerAddress,
  );
  bench.clock.advance(32_100);
  // 0, 0.5, 1.5, 3.5, 7.5, ... every 4 s until 31.5
  assert.equal(peer.of(200).length, 11);
  assert.deepEqual(events, [{ type: 'ended', cause: 'no-ack' }]);
  const bye = peer.last('BYE');
  assert.equal(bye.uri, 'sip:y@192.0.2.1');
  assert.equal(bye.header('route'), '<sip:10.0.0.2;lr>');
  assert.equal(peer.last(200).header('record-route'), '<sip:10.0.0.2;lr>');
});

test('a provisional response that must arrive gets a PRACK, once', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const { events } = dial(bench.endpoint(callerAddress));
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  const lines = 'Require: 100rel\r\nRSeq: 17\r\n';
  peer.respond(invite, '183 Progress', { lines, sdp: answerSdp });
  peer.respond(invite, '183 Progress', { lines, sdp: answerSdp });
  bench.clock.advance(20);
  const prack = peer.last('PRACK');
  assert.equal(peer.of('PRACK').length, 1);
  assert.equal(prack.header('rack'), '17 1 INVITE');
  assert.equal(prack.toTag, 'far');
  assert.deepEqual(typesOf(events), ['provisional']);
});

test('requests outside a dialog, and strays', async () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const endpoint = bench.endpoint(callerAddress);
  const rest = (cseq: string, to = '<sip:x@10.0.0.1>', more = '') =>
    `From: <sip:y@10.0.0.2>;tag=y\r\nTo: ${to}\r\nCall-ID: i\r\nCSeq: ${cseq}\r\n${more}\r\n`;
  const head = (method: string) =>
    `${method} sip:x@10.0.0.1 SIP/2.0\r\nv: SIP/2.0/UDP 192.168.0.9:5060;branch=z9hG4bK${method};rport\r\n`;
  peer.send(head('OPTIONS') + rest('1 OPTIONS'), callerAddress);
  assert.match(peer.last(200).header('via') ?? '', /received=10\.0\.0\.2;rport=5060/);
  peer.send(head('MESSAGE') + rest('2 MESSAGE'), callerAddress);
  peer.send(head('BYE') + rest('3 BYE', '<sip:x@10.0.0.1>;tag=none'), callerAddress);
  peer.send(head('CANCEL') + rest('4 CANCEL'), callerAddress);
  peer.send(head('INVITE') + rest('5 INVITE'), callerAddress);
  peer.send(head('INFO') + rest('6 INFO', '<sip:x@10.0.0.1>', 'Require: gin\r\n'), callerAddress);
  peer.send(head('NOTIFY') + rest('7 OTHER'), callerAddress);
  assert.deepEqual(
    peer.received.map((message) => message.status),
    [200, 405, 481, 481, 403, 420, 400],
  );
  peer.send(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKnone\r\n${rest('1 INVITE')}`, callerAddress);
  peer.send('\r\n\r\n', callerAddress);
  assert.equal(peer.received.length, 7);
  assert.equal(endpoint.figures().datagramsDropped, 3);
});

test('OPTIONS asks somebody behind the hop where that is wanted', async () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const target = { uri: 'sip:carrier.example', routes: ['<sip:10.0.0.2;lr>'] };
  const status = bench.endpoint(callerAddress).options([udpHop(calleeAddress)], new AbortController().signal, target);
  bench.clock.advance(20);
  const asked = peer.last('OPTIONS');
  assert.deepEqual([asked.uri, asked.list('route')], [target.uri, target.routes]);
  peer.respond(peer.last('OPTIONS'), '404 Not Found');
  assert.equal(await status, 404);
});

test('OPTIONS resolves to the status, or to null when nobody answers or it is aborted', async () => {
  const { bench, caller } = answeringBench();
  const answered = caller.options([udpHop(calleeAddress)], new AbortController().signal);
  const silent = caller.options([udpHop({ address: '10.0.0.9', port: 5060 })], new AbortController().signal);
  const controller = new AbortController();
  const aborted = caller.options([udpHop({ address: '10.0.0.9', port: 5060 })], controller.signal);
  controller.abort();
  bench.clock.advance(33_000);
  assert.deepEqual(await Promise.all([answered, silent, aborted]), [200, null, null]);
});

test('OPTIONS to one hop tells the whole answer, or why there is none', async () => {
  const { bench, caller } = answeringBench();
  const nobody = udpHop({ address: '10.0.0.9', port: 5060 });
  const controller = new AbortController();
  const asked = [
    caller.examine(udpHop(calleeAddress), new AbortController().signal),
    caller.examine(nobody, new AbortController().signal),
    caller.examine(nobody, controller.signal),
  ];
  controller.abort(new Error('no answer in time'));
  bench.clock.advance(33_000);
  const [answered, silent, aborted] = await Promise.all(asked);
  assert.deepEqual(answered, { status: 200, reason: 'OK' });
  assert.deepEqual(silent, { status: null, reason: 'no answer' });
  assert.deepEqual(aborted, { status: null, reason: 'no answer in time' });
});

test('close hangs up what is there and reports it', async () => {
  const { bench, caller, callee, calls } = answeringBench();
  const answered = dial(caller);
  bench.clock.advance(20);
  calls[0]?.call.answer(answerSdp);
  bench.clock.advance(40);
  const ringing = dial(caller);
  bench.clock.advance(40);
  const silent = dial(caller, { hops: [udpHop({ address: '10.0.0.9', port: 5060 })] });
  const closed = caller.close(1_000);
  bench.clock.advance(1_500);
  await closed;
  assert.equal(endOf(answered.events)?.cause, 'local-bye');
  assert.partialDeepStrictEqual(endOf(ringing.events), {
    cause: 'rejected',
    status: 487,
    reason: 'Request Terminated',
    isCancelled: true,
  });
  assert.equal(endOf(silent.events)?.cause, 'closed');
  assert.equal(callee.figures().activeCalls, 0);
});

test('with every tenth datagram lost all calls still end right', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { bench, caller, callee, calls } = answeringBench(0.1, seed);
    const made = Array.from({ length: 40 }, (_, index) => ({ index, ...dial(caller) }));
    const handled = new Set<IncomingCall>();
    for (let second = 0; second < 200; second++) {
      bench.clock.advance(1_000);
      for (const { call } of calls) {
        if (handled.has(call)) continue;
        handled.add(call);
        call.provisional(180, 'Ringing');
        if (handled.size % 4 === 0) call.reject(486, 'Busy Here');
        else if (handled.size % 4 !== 1) call.answer(answerSdp);
      }
      if (second === 40) for (const { call } of made) call.hangUp();
    }
    const causes = made.map(({ events }) => {
      const end = endOf(events);
      return `${typesOf(events).includes('answered') ? 'answered ' : ''}${end?.cause} ${end?.status} ${end?.isCancelled}`;
    });
    assert.equal(calls.length, 40);
    assert.deepEqual(
      { busy: count(causes, 'rejected 486 false'), cancelled: count(causes, 'rejected 487 true') },
      { busy: 10, cancelled: 10 },
      causes.join(),
    );
    assert.equal(count(causes, 'answered local-bye 200 false'), 20);
    assert.deepEqual([caller.figures().activeCalls, callee.figures().activeCalls], [0, 0]);
    assert.deepEqual([caller.figures().transactions, callee.figures().transactions], [0, 0]);
    assert.ok(caller.figures().requestsRetransmitted > 0);
  }
});

function count(list: readonly string[], value: string): number {
  return list.filter((entry) => entry === value).length;
}
