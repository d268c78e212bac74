import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteStream } from '../../lib/byte-stream.ts';
import type { Hop, IncomingCall, OutgoingCallEvent } from './endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, offerSdp, SipBench } from './testing/endpoint-pair.ts';
import { systemTlsProfile, udpHop } from './transport/hop.ts';
import { streamTimes } from './transport/stream-connection.ts';
import type { IncomingStream } from './transport/stream-network.ts';

const tcp: Hop = { ...calleeAddress, transport: 'tcp', tls: null };

function streamBench() {
  const bench = new SipBench();
  const caller = bench.endpoint(callerAddress);
  const callee = bench.endpoint(calleeAddress);
  const calls: IncomingCall[] = [];
  callee.onInvite((call) => calls.push(call));
  const answerAll = (): void => {
    for (const call of calls.splice(0)) call.answer(answerSdp);
    bench.clock.advance(50);
  };
  return { bench, caller, callee, calls, answerAll };
}

const endOf = (events: readonly OutgoingCallEvent[]) =>
  events.flatMap((event) => (event.type === 'ended' ? [event.end] : []))[0];
const causeOf = (events: readonly OutgoingCallEvent[]) => endOf(events)?.cause ?? null;

/** The far side of connections, byte by byte: what came, and a way to write. */
function rawPeer(bench: SipBench) {
  const received: string[] = [];
  const streams: ByteStream[] = [];
  let closed = 0;
  bench.streams.host(calleeAddress).onIncoming((incoming: IncomingStream) => {
    const stream = incoming.accept({
      onConnected: () => assert.fail('an incoming stream is connected'),
      onBytes: (bytes) => received.push(bytes.toString('latin1')),
      onClosed: () => {
        closed++;
      },
    });
    streams.push(stream);
  });
  const write = (text: string): void => streams.at(-1)?.write(Buffer.from(text, 'latin1'));
  return { received, write, closed: () => closed };
}

test('calls share one connection, say so in Via and Contact, and send nothing twice', () => {
  const { bench, caller, callee, calls, answerAll } = streamBench();
  const made = Array.from({ length: 20 }, () => dial(caller, { hops: [tcp] }));
  bench.clock.advance(50);
  assert.equal(calls.length, 20);
  bench.clock.advance(5_000);
  answerAll();
  for (const { call } of made) call.hangUp();
  bench.clock.advance(50);
  for (const { events } of made) assert.equal(causeOf(events), 'local-bye');
  assert.equal(bench.streams.tried, 1);
  assert.equal(bench.network.seen.length, 0, 'no datagram');
  for (const figures of [caller.figures(), callee.figures()]) {
    assert.deepEqual([figures.requestsRetransmitted, figures.responsesRetransmitted, figures.connections], [0, 0, 1]);
  }
});

test('Via, Contact and what follows in the dialog are as the transport wants them', () => {
  const bench = new SipBench();
  const peer = rawPeer(bench);
  dial(bench.endpoint(callerAddress), { hops: [tcp] });
  bench.clock.advance(50);
  const invite = peer.received.join('');
  assert.match(invite, /\r\nVia: SIP\/2\.0\/TCP 10\.0\.0\.1:5060;branch=/);
  assert.match(invite, /\r\nContact: <sip:10\.0\.0\.1:5060;transport=tcp>\r\n/);
});

test('over a connection a refused call leaves no transaction behind: timers D, I, J and K are nothing', () => {
  const { bench, caller, callee, calls } = streamBench();
  const { events } = dial(caller, { hops: [tcp] });
  bench.clock.advance(50);
  calls[0]?.reject(486, 'Busy Here');
  bench.clock.advance(60);
  assert.equal(endOf(events)?.status, 486);
  assert.deepEqual([caller.figures().transactions, callee.figures().transactions], [0, 0]);
});

test('where nobody listens all that waited fail together, at once and with the reason', () => {
  const bench = new SipBench();
  const caller = bench.endpoint(callerAddress);
  const made = Array.from({ length: 10 }, () => dial(caller, { hops: [tcp] }));
  bench.clock.advance(50);
  for (const { events } of made) {
    assert.equal(causeOf(events), 'transport-error');
    assert.match(endOf(events)?.reason ?? '', /ECONNREFUSED/);
  }
  assert.equal(bench.streams.tried, 1);
  assert.equal(caller.figures().connections, 0);
});

test('a connection that is never answered is given up after its time', () => {
  const bench = new SipBench();
  bench.streams.silence(calleeAddress.address);
  const { events } = dial(bench.endpoint(callerAddress), { hops: [tcp] });
  bench.clock.advance(streamTimes.connect - 100);
  assert.equal(causeOf(events), null);
  bench.clock.advance(200);
  assert.equal(causeOf(events), 'transport-error');
  assert.equal(endOf(events)?.reason, 'no answer to our connection');
});

test('what waits for a connection is bounded: more fails at once, and the rest is not held up', async () => {
  const bench = new SipBench();
  bench.streams.silence(calleeAddress.address);
  const caller = bench.endpoint(callerAddress);
  const offer = `${offerSdp}${'a=x-padding:0123456789\r\n'.repeat(2_500)}`;
  const made = Array.from({ length: 200 }, () => dial(caller, { hops: [tcp], offer }));
  await new Promise(setImmediate);
  const early = made.filter(({ events }) => causeOf(events) === 'transport-error');
  assert.ok(early.length > 40 && early.length < 80, `${early.length} of 200`);
  for (const { events } of early) assert.match(endOf(events)?.reason ?? '', /too much waits/);
  bench.clock.advance(streamTimes.connect + 100);
  for (const { events } of made) assert.equal(causeOf(events), 'transport-error');
});

test('an INVITE that waits for its first answer ends with its connection', () => {
  const bench = new SipBench();
  rawPeer(bench);
  const { events } = dial(bench.endpoint(callerAddress), { hops: [tcp] });
  bench.clock.advance(50);
  bench.streams.cut();
  assert.equal(causeOf(events), 'transport-error');
});

test('a ringing call outlives its connection: the answer comes by a new one', () => {
  const { bench, caller, calls, answerAll } = streamBench();
  const { call, events } = dial(caller, { hops: [tcp] });
  bench.clock.advance(50);
  calls[0]?.provisional(180, 'Ringing');
  bench.clock.advance(50);
  bench.streams.cut();
  bench.clock.advance(1_000);
  answerAll();
  assert.equal(events.at(-1)?.type, 'answered');
  call.hangUp();
  bench.clock.advance(100);
  assert.equal(causeOf(events), 'local-bye');
  assert.equal(endOf(events)?.status, 200);
});

test('a call under way outlives its connection, and its BYE makes a new one', () => {
  const { bench, caller, answerAll } = streamBench();
  const { call, events } = dial(caller, { hops: [tcp] });
  bench.clock.advance(50);
  answerAll();
  bench.streams.cut();
  bench.clock.advance(60_000);
  assert.equal(causeOf(events), null);
  call.hangUp();
  bench.clock.advance(100);
  assert.equal(endOf(events)?.status, 200);
  assert.equal(bench.streams.tried, 2);
});

test('a connection whose far side has vanished is given up when a request went unanswered, and the next makes another', () => {
  const { bench, caller, calls } = streamBench();
  dial(caller, { hops: [tcp] });
  bench.clock.advance(50);
  assert.equal(calls.length, 1);
  bench.streams.freeze();
  const { events } = dial(caller, { hops: [tcp] });
  bench.clock.advance(33_000);
  assert.equal(causeOf(events), 'timeout');
  dial(caller, { hops: [tcp] });
  bench.clock.advance(50);
  assert.equal(calls.length, 2);
  assert.equal(bench.streams.tried, 2);
});

test('a far side that answered pings and stops to do so is dead, and those who wait are told', async () => {
  const { bench, caller, callee, calls } = streamBench();
  dial(caller, { hops: [tcp] });
  bench.clock.advance(50);
  calls[0]?.provisional(180, 'Ringing');
  bench.clock.advance(streamTimes.keepalive * 3);
  assert.equal(caller.figures().connections, 1);
  bench.streams.freeze();
  const unanswered = caller.options([tcp], new AbortController().signal);
  bench.clock.advance(streamTimes.keepalive + streamTimes.pong);
  assert.equal(caller.figures().connections, 0);
  assert.equal(callee.figures().connections, 1, 'who does not ping does not know');
  assert.equal(await unanswered, null);
});

test('a far side that never answered a ping is kept', async () => {
  const bench = new SipBench();
  const peer = rawPeer(bench);
  const caller = bench.endpoint(callerAddress);
  const answered = caller.options([tcp], new AbortController().signal);
  bench.clock.advance(50);
  peer.write(peer.received.join('').replace(/^OPTIONS [^\r]*/, 'SIP/2.0 200 OK'));
  bench.clock.advance(streamTimes.keepalive * 4);
  assert.equal(await answered, 200);
  const pings = peer.received.filter((text) => text === '\r\n\r\n').length;
  assert.ok(pings === 4 || pings === 5, `${pings} pings`);
});

test('their ping is answered, whole and in two pieces', () => {
  const bench = new SipBench();
  const callee = bench.endpoint(calleeAddress);
  const received: string[] = [];
  const stream = bench.streams.host(callerAddress).connect(tcp, {
    onConnected: () => undefined,
    onBytes: (bytes) => received.push(bytes.toString()),
    onClosed: () => undefined,
  });
  bench.clock.advance(50);
  for (const piece of ['\r\n\r\n', '\r\n', '\r\n', '\r', '\n\r', '\n']) {
    stream.write(Buffer.from(piece));
    bench.clock.advance(20);
  }
  assert.deepEqual(received, ['\r\n', '\r\n', '\r\n']);
  assert.equal(callee.figures().datagramsReceived, 0);
});

test('after an hour without a message a connection is closed', () => {
  const { bench, caller, callee } = streamBench();
  void caller.options([tcp], new AbortController().signal);
  bench.clock.advance(streamTimes.idle - 1_000);
  assert.equal(caller.figures().connections, 1);
  bench.clock.advance(2_000);
  assert.deepEqual([caller.figures().connections, callee.figures().connections], [0, 0]);
});

test('connections of strangers are refused at once, and those of a peer beyond what it needs', () => {
  const bench = new SipBench();
  const callee = bench.endpoint(calleeAddress, (address) => address === callerAddress.address);
  const connect = (address: string): void => {
    const observer = { onConnected: () => undefined, onBytes: () => undefined, onClosed: () => undefined };
    bench.streams.host({ address, port: 5060 }).connect(tcp, observer);
  };
  for (let count = 0; count < 10_000; count++) connect('10.0.0.66');
  bench.clock.advance(50);
  assert.deepEqual([callee.figures().connections, callee.figures().connectionsRefused], [0, 10_000]);
  for (let count = 0; count < 500; count++) connect(callerAddress.address);
  bench.clock.advance(50);
  assert.equal(callee.figures().connections, 100);
  bench.clock.advance(streamTimes.message);
  assert.equal(callee.figures().connections, 0, 'those who say nothing do not stay');
});

test('what is no SIP, has no length, or comes byte by byte, ends its connection', () => {
  const shapes = [
    'x'.repeat(20_000),
    'OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n\r\n',
    'OPTIONS sip:a SIP/2.0\r\nl: 4294967295\r\n\r\n',
  ];
  for (const shape of [...shapes, null]) {
    const bench = new SipBench();
    const callee = bench.endpoint(calleeAddress);
    let isClosed = false;
    const observer = {
      onConnected: () => undefined,
      onBytes: () => assert.fail('nothing is answered'),
      onClosed: () => {
        isClosed = true;
      },
    };
    const stream = bench.streams.host(callerAddress).connect(tcp, observer);
    bench.clock.advance(50);
    if (shape !== null) stream.write(Buffer.from(shape));
    for (let second = 0; second < 20 && shape === null; second++) {
      stream.write(Buffer.from('O'));
      bench.clock.advance(1_000);
    }
    bench.clock.advance(50);
    assert.equal(isClosed, true);
    assert.equal(callee.figures().connections, 0);
  }
});

const udp = udpHop(calleeAddress);
const largeOffer = `${offerSdp}${'a=x-padding:0123456789\r\n'.repeat(60)}`;

test('a request over 1,300 bytes goes by TCP, its CANCEL too, and the dialog on as its Contact says', () => {
  const { bench, caller, callee, calls } = streamBench();
  const cancelled = dial(caller, { hops: [udp], offer: largeOffer });
  bench.clock.advance(50);
  assert.equal(calls.length, 1);
  assert.equal(calls[0]?.remote.transport, 'tcp');
  calls[0]?.provisional(180, 'Ringing');
  bench.clock.advance(50);
  cancelled.call.hangUp();
  bench.clock.advance(50);
  assert.equal(endOf(cancelled.events)?.status, 487);
  assert.equal(bench.network.seen.length, 0);
  assert.equal(callee.figures().datagramsDropped, 0);
});

test('where TCP is refused it goes back to UDP, with the Via rewritten, and TCP is not tried again at once', () => {
  const bench = new SipBench();
  const peer = bench.peer(calleeAddress);
  const caller = bench.endpoint(callerAddress);
  const { events } = dial(caller, { hops: [udp], offer: largeOffer });
  bench.clock.advance(600);
  const invites = peer.of('INVITE');
  assert.ok(invites.length >= 2, 'sent, and sent again after T1');
  assert.equal(invites[0]?.via?.transport, 'UDP');
  peer.respond(peer.last('INVITE'), '486 Busy Here');
  assert.equal(endOf(events)?.status, 486);
  assert.equal(peer.last('ACK').via?.transport, 'UDP');
  dial(caller, { hops: [udp], offer: largeOffer });
  bench.clock.advance(20);
  assert.equal(bench.streams.tried, 1);
  bench.clock.advance(300_000);
  dial(caller, { hops: [udp], offer: largeOffer });
  bench.clock.advance(20);
  assert.equal(bench.streams.tried, 2);
});

test('connections are kept apart by whom they are to be with', () => {
  const { bench, caller } = streamBench();
  const target = (serverName: string, isVerified: boolean): Hop => ({
    ...tcp,
    transport: 'tls',
    tls: { serverName, profile: { ...systemTlsProfile, isVerified } },
  });
  for (const hop of [target('a', true), target('a', true), target('b', true), target('a', false), tcp]) {
    void caller.options([hop], new AbortController().signal);
  }
  bench.clock.advance(100);
  assert.equal(bench.streams.tried, 4);
});
