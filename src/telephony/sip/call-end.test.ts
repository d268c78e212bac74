import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutgoingCallEnd } from './endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, type ObservedCall, SipBench } from './testing/endpoint-pair.ts';

function scripted() {
  const bench = new SipBench();
  const caller = bench.endpoint(callerAddress);
  const peer = bench.peer(calleeAddress);
  const observed = dial(caller);
  bench.clock.advance(20);
  return { bench, peer, observed, invite: peer.last('INVITE') };
}

function endOf({ events }: ObservedCall): OutgoingCallEnd | undefined {
  return events.flatMap((event) => (event.type === 'ended' ? [event.end] : [])).at(0);
}

test('a refusal says why, and for how long', () => {
  const { peer, observed, invite } = scripted();
  const lines = 'Reason: Q.850;cause=34;text="Kein Kan\xc3\xa4le"\r\nRetry-After: 30 (later)\r\n';
  peer.respond(invite, '503 Service Unavailable', { lines });
  const said = { q850Cause: 34, causeText: 'Kein Kan\u00e4le', retryAfterS: 30 };
  assert.partialDeepStrictEqual(endOf(observed), { cause: 'rejected', status: 503, ...said });
});

test('a refusal that says nothing more', () => {
  const { peer, observed, invite } = scripted();
  peer.respond(invite, '486 Busy Here');
  assert.partialDeepStrictEqual(endOf(observed), { status: 486, q850Cause: null, causeText: null, retryAfterS: null });
});

test('a BYE says why', () => {
  const { bench, peer, observed, invite } = scripted();
  peer.respond(invite, '200 OK', { sdp: answerSdp });
  peer.requestInDialog(invite, 'BYE 1', { lines: 'Reason: Q.850 ;cause=16 ;text="Normal call clearing"\r\n' });
  bench.clock.advance(20);
  const said = { q850Cause: 16, causeText: 'Normal call clearing', retryAfterS: null };
  assert.partialDeepStrictEqual(endOf(observed), { cause: 'remote-bye', status: 200, ...said });
});

test('our CANCEL and BYE say that nothing is wrong', () => {
  const ringing = scripted();
  ringing.peer.respond(ringing.invite, '180 Ringing');
  ringing.observed.call.hangUp();
  ringing.bench.clock.advance(20);
  assert.match(ringing.peer.last('CANCEL').header('reason') ?? '', /^Q\.850;cause=16;/);
  const talking = scripted();
  talking.peer.respond(talking.invite, '200 OK', { sdp: answerSdp });
  talking.observed.call.hangUp();
  talking.bench.clock.advance(20);
  assert.match(talking.peer.last('BYE').header('reason') ?? '', /^Q\.850;cause=16;/);
});
