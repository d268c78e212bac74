import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MessageTap, TappedMessage } from '../endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, SipBench } from '../testing/endpoint-pair.ts';
import { udpHop } from '../transport/hop.ts';

/** Keeps what a tap sees, one line a message. */
function listeningTap() {
  const messages: TappedMessage[] = [];
  const lines: string[] = [];
  const tap: MessageTap = {
    message: (message) => {
      messages.push(message);
      lines.push(`${message.direction} ${message.text.split('\r\n')[0]}`);
    },
    ignored: (reason) => lines.push(`ignored: ${reason}`),
    movedOn: (from) => lines.push(`moved on from ${from.address}`),
  };
  return { tap, lines, messages };
}

describe('a tapped call', () => {
  it('shows every message in both directions, repetitions and forks included', () => {
    const bench = new SipBench();
    const caller = bench.endpoint(callerAddress);
    const peer = bench.peer(calleeAddress);
    const { tap, lines, messages } = listeningTap();
    const { call } = dial(caller, { tap, sipCallId: 'traced@10.0.0.1' });
    bench.clock.advance(520);
    const invite = peer.last('INVITE');
    peer.respond(invite, '200 OK', { sdp: answerSdp });
    peer.respond(invite, '200 OK', { sdp: answerSdp });
    peer.respond(invite, '200 OK', { sdp: answerSdp, tag: 'fork' });
    peer.requestInDialog(invite, 'OPTIONS 7');
    call.hangUp();
    bench.clock.advance(25);
    for (const bye of peer.of('BYE')) peer.respond(bye, '200 OK');
    assert.deepEqual(lines, [
      'sent INVITE sip:8613800000000@10.0.0.2:5060 SIP/2.0',
      'sent INVITE sip:8613800000000@10.0.0.2:5060 SIP/2.0',
      'received SIP/2.0 200 OK',
      'sent ACK sip:far@10.0.0.2:5060 SIP/2.0',
      'received SIP/2.0 200 OK',
      'sent ACK sip:far@10.0.0.2:5060 SIP/2.0',
      'received SIP/2.0 200 OK',
      'sent ACK sip:far@10.0.0.2:5060 SIP/2.0',
      'sent BYE sip:far@10.0.0.2:5060 SIP/2.0',
      'received OPTIONS sip:10.0.0.1:5060 SIP/2.0',
      'sent SIP/2.0 200 OK',
      'sent BYE sip:far@10.0.0.2:5060 SIP/2.0',
      'received SIP/2.0 200 OK',
      'received SIP/2.0 200 OK',
    ]);
    assert.deepEqual(
      messages.map(({ transport, local, remote }) => [transport, local, remote]),
      messages.map(() => ['udp', callerAddress, calleeAddress]),
    );
  });

  it('says of a message that it changed nothing', () => {
    const bench = new SipBench();
    const caller = bench.endpoint(callerAddress, (address) => address === calleeAddress.address);
    const peer = bench.peer(calleeAddress);
    const stranger = bench.peer({ address: '10.0.0.3', port: 5060 });
    const { tap, lines } = listeningTap();
    dial(caller, { tap });
    bench.clock.advance(20);
    const invite = peer.last('INVITE');
    stranger.respond(invite, '486 Busy Here');
    stranger.send(
      `BYE sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n` +
        `Call-ID: ${invite.callId}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n`,
      callerAddress,
    );
    assert.deepEqual(lines.slice(1), [
      'received SIP/2.0 486 Busy Here',
      'ignored: it came from an address that was not asked',
      'received BYE sip:10.0.0.1 SIP/2.0',
      'ignored: it came from a stranger, and named no call of ours',
    ]);
  });

  it('tells that another hop is asked', () => {
    const bench = new SipBench();
    const caller = bench.endpoint(callerAddress);
    const peer = bench.peer(calleeAddress);
    const { tap, lines } = listeningTap();
    dial(caller, { tap, hops: [udpHop(calleeAddress), udpHop({ address: '10.0.0.4', port: 5060 })] });
    bench.clock.advance(20);
    peer.respond(peer.last('INVITE'), '503 Service Unavailable');
    assert.deepEqual(
      lines.slice(1).map((line) => line.split(' sip:')[0]),
      ['received SIP/2.0 503 Service Unavailable', 'sent ACK', 'moved on from 10.0.0.2', 'sent INVITE'],
    );
  });

  it('is not mixed up with others, and listens no longer than anything can come', () => {
    const bench = new SipBench();
    const caller = bench.endpoint(callerAddress);
    const peer = bench.peer(calleeAddress);
    const { tap, lines } = listeningTap();
    dial(caller, { tap, sipCallId: 'traced' });
    dial(caller, { sipCallId: 'other' });
    bench.clock.advance(20);
    const [traced, other] = peer.of('INVITE');
    assert.ok(traced && other);
    peer.respond(other, '404 Not Found');
    peer.respond(traced, '486 Busy Here');
    assert.deepEqual(lines.slice(1), [
      'received SIP/2.0 486 Busy Here',
      'sent ACK sip:8613800000000@10.0.0.2:5060 SIP/2.0',
    ]);
    bench.clock.advance(31_000);
    assert.equal(caller.layer.taps.isEmpty, false);
    bench.clock.advance(2_000);
    assert.equal(caller.layer.taps.isEmpty, true);
  });

  it('shows no password, and what was made with it neither', () => {
    const bench = new SipBench();
    const caller = bench.endpoint(callerAddress);
    const peer = bench.peer(calleeAddress);
    const { tap, messages } = listeningTap();
    dial(caller, { tap, credentials: { username: 'acme', password: 'hunter2' } });
    bench.clock.advance(20);
    peer.respond(peer.last('INVITE'), '401 Unauthorized', {
      lines: 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n',
    });
    const onTheWire = /response="(\w{32})"/.exec(peer.last('INVITE').header('authorization') ?? '')?.[1];
    assert.ok(onTheWire);
    const tapped = messages.map((message) => message.text).join('');
    assert.match(tapped, /Authorization: Digest username="acme", realm="r", nonce="n".*response="\*{8}"/);
    assert.ok(!tapped.includes(onTheWire) && !tapped.includes('hunter2'));
  });
});
