import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SocketAddress } from '../endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, SipBench } from '../testing/endpoint-pair.ts';

const strangerAddress: SocketAddress = { address: '10.0.0.66', port: 5060 };

/** An endpoint that knows the callee alone, with a call to it that is answered. */
function answeredCall() {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const stranger = bench.peer(strangerAddress);
  const endpoint = bench.endpoint(callerAddress, (address) => address === calleeAddress.address);
  const { call, events } = dial(endpoint);
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  const types = (): string[] => events.map((event) => event.type);
  return { bench, peer, stranger, endpoint, call, types, invite };
}

type RequestOptions = {
  readonly branch?: string;
  readonly from?: string;
  readonly more?: string;
  readonly to?: string;
};

function request(method: string, options: RequestOptions = {}): string {
  const {
    branch = `z9hG4bK${method}`,
    from = '<sip:100@1.1.1.1>;tag=s',
    more = '',
    to = '<sip:100@10.0.0.1>',
  } = options;
  return (
    `${method} sip:100@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.66:5060;branch=${branch};rport\r\nMax-Forwards: 70\r\n` +
    `From: ${from}\r\nTo: ${to}\r\nCall-ID: scan\r\nCSeq: 1 ${method}\r\nUser-Agent: friendly-scanner\r\n${more}Content-Length: 0\r\n\r\n`
  );
}

const methods = ['INVITE', 'REGISTER', 'OPTIONS', 'SUBSCRIBE', 'MESSAGE', 'BYE', 'CANCEL', 'ACK', 'INFO', 'FLY'];

test('a stranger learns nothing: no request outside a call gets an answer, sound or broken', () => {
  const { stranger, endpoint } = answeredCall();
  const before = endpoint.figures();
  for (const method of methods) stranger.send(request(method), callerAddress);
  for (const method of methods) stranger.send(request(method, { to: '<sip:x@y>;tag=guessed' }), callerAddress);
  stranger.send(request('OPTIONS').replace('SIP/2.0\r\n', 'SIP/7.0\r\n'), callerAddress);
  stranger.send(request('OPTIONS').replace('CSeq: 1', 'CSeq: -1'), callerAddress);
  stranger.send(request('INVITE', { more: 'Require: x\r\n' }), callerAddress);
  stranger.send(`${'garbage '.repeat(100)}\r\n\r\n`, callerAddress);
  assert.equal(stranger.received.length, 0);
  const after = endpoint.figures();
  assert.equal(after.transactions, before.transactions);
  assert.equal(after.datagramsDropped - before.datagramsDropped, 2 * methods.length + 4);
});

test('the peer that is known gets its answers', () => {
  const { peer } = answeredCall();
  for (const method of ['OPTIONS', 'REGISTER', 'INVITE']) {
    peer.send(request(method).replaceAll('10.0.0.66', '10.0.0.2'), callerAddress);
  }
  assert.deepEqual(
    peer.received.filter((message) => !message.isRequest).map((message) => message.status),
    [200, 405, 403],
  );
});

test('a gateway that nobody asked may end the call that it is part of, and its repeated BYE is answered again', () => {
  const { bench, peer, stranger, types, invite } = answeredCall();
  const from = `${invite.header('to')};tag=far`;
  const bye = request('BYE', { from, to: invite.header('from') ?? '' }).replace(
    'Call-ID: scan',
    `Call-ID: ${invite.callId}`,
  );
  stranger.send(bye.replace(';tag=far', ';tag=wrong').replace('z9hG4bKBYE', 'z9hG4bKwrong'), callerAddress);
  assert.deepEqual(types(), ['answered']);
  stranger.send(bye, callerAddress);
  assert.deepEqual(types(), ['answered', 'ended']);
  stranger.send(bye, callerAddress);
  bench.clock.advance(20);
  assert.deepEqual(
    stranger.received.map((message) => message.status),
    [481, 200, 200],
  );
  assert.equal(peer.of('BYE').length, 0);
});

test('a response counts only from the address that was asked, from whichever port', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const otherPort = bench.peer({ ...calleeAddress, port: 5099 });
  const stranger = bench.peer(strangerAddress);
  const endpoint = bench.endpoint(callerAddress);
  const { events } = dial(endpoint);
  bench.clock.advance(20);
  const invite = peer.last('INVITE');
  stranger.respond(invite, '200 OK', { sdp: answerSdp });
  stranger.respond(invite, '486 Busy Here');
  assert.equal(events.length, 0);
  assert.equal(endpoint.figures().datagramsDropped, 2);
  assert.equal(stranger.received.length, 0);
  otherPort.respond(invite, '200 OK', { sdp: answerSdp });
  assert.deepEqual(
    events.map((event) => event.type),
    ['answered'],
  );
});

test('a response with a second Via was meant for somebody else', () => {
  for (const further of ['Via: SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKother\r\n', 'v: SIP/2.0/UDP h\r\n']) {
    const bench = new SipBench();
    const peer = bench.peer(calleeAddress);
    const { events } = dial(bench.endpoint(callerAddress));
    bench.clock.advance(20);
    peer.respond(peer.last('INVITE'), '200 OK', { lines: further, sdp: answerSdp });
    assert.equal(events.length, 0);
  }
});

test('a stranger over its limit is not read, even within a call; others are, and it is again when it has been silent', () => {
  const { bench, peer, stranger, call, types, invite } = answeredCall();
  const to = invite.header('from') ?? '';
  const info = (number: number): string =>
    request('INFO', { from: `${invite.header('to')};tag=far`, to, branch: `z9hG4bKinfo${number}` })
      .replace('Call-ID: scan', `Call-ID: ${invite.callId}`)
      .replace('CSeq: 1', `CSeq: ${number}`);
  const network = bench.network.bind({ ...strangerAddress, port: 7_000 });
  for (let number = 0; number < 30_000; number++) {
    network.send(Buffer.from(request('REGISTER')), callerAddress, () => undefined);
  }
  network.send(Buffer.from(info(1)), callerAddress, () => undefined);
  bench.clock.advance(11);
  assert.equal(stranger.received.length, 0);
  bench.clock.advance(1_000);
  stranger.send(info(2), callerAddress);
  assert.deepEqual(
    stranger.received.map((message) => message.status),
    [200],
  );
  call.hangUp();
  bench.clock.advance(20);
  peer.respond(peer.last('BYE'), '200 OK');
  assert.deepEqual(types(), ['answered', 'ended']);
});

test('nothing longer than a message can be is read, not even from a peer', () => {
  const { peer, endpoint } = answeredCall();
  const dropped = endpoint.figures().datagramsDropped;
  const padded = (length: number): string => {
    const text = request('OPTIONS', { more: 'X: \r\n' });
    return text.replace('X: ', `X: ${'y'.repeat(length - text.length)}`).replaceAll('10.0.0.66', '10.0.0.2');
  };
  peer.send(padded(16_386), callerAddress);
  assert.equal(endpoint.figures().datagramsDropped, dropped + 1);
  peer.send(padded(16_000), callerAddress);
  assert.equal(peer.of(200).length, 1);
});

test('responses go to no port that is none', () => {
  const { bench, peer, endpoint } = answeredCall();
  bench.network.seen.length = 0;
  const dropped = endpoint.figures().datagramsDropped;
  const sentBys = ['10.0.0.2:0', '10.0.0.2:65536', '10.0.0.2:-1', '10.0.0.2:', '10.0.0.2:5060x'];
  for (const sentBy of sentBys) {
    peer.send(request('OPTIONS').replace('10.0.0.66:5060', sentBy).replace(';rport', ''), callerAddress);
  }
  assert.equal(endpoint.figures().datagramsDropped, dropped + sentBys.length);
  assert.equal(bench.network.seen.length, sentBys.length);
  // Where the Via names a group or everybody, the answer still goes to who sent the request.
  for (const host of ['255.255.255.255', '224.0.1.75', '0.0.0.0', '10.0.0.2;maddr=224.0.1.75']) {
    const text = request('OPTIONS', { branch: `z9hG4bK${host.length}` });
    peer.send(text.replace('10.0.0.66:5060', host).replace(';rport', ''), callerAddress);
  }
  const answers = bench.network.seen.filter(({ text }) => text.startsWith('SIP/2.0 200'));
  assert.deepEqual(
    answers.map(({ to }) => to),
    Array.from({ length: 4 }, () => calleeAddress),
  );
});
