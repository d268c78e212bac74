import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messageEvent, sampleTrace, sipMessage } from '../../../test/support/sample-trace.ts';
import { writeLadder } from './ladder-text.ts';

const expected = `Call 9 of task 5000001
Seconds from the first INVITE, at 2026-11-26T12:00:00.251Z; by process 6f1c1c52-8ad5-4b1c-9f3e-0a4c6c1e9d10.

             Carillon                                              198.51.100.1:5060                                         198.51.100.2:5080
          192.0.2.10:5060                                                 udp                                                       udp
                 |                                                         |                                                         |
     -0.001500   |  * call: task 5000001, callee 9: 8613800000001          |                                                         |
     -0.001480   |  * trunk: attempt 1: trunk 1 (north), shown as 1008     |                                                         |
      0.000000   |------------------------ INVITE ------------------------>|                                                         |
                 |  to sip:8613800000001@carrier.example                   |                                                         |
                 |  SDP audio 192.0.2.10:20004 PCMA PCMU telephone-event   |                                                         |
      0.500500   |-------------------- INVITE (again) -------------------->|                                                         |
      0.508750   |<--------------- 503 Service Unavailable ----------------|                                                         |
                 |  Retry-After: 120                                       |                                                         |
      0.508900   |-------------------------- ACK ------------------------->|                                                         |
      0.509000   |  * trunk: attempt 2: trunk 2 (south), shown as 1008     |                                                         |
      0.509500   |----------------------------------------------------- INVITE ----------------------------------------------------->|
                 |  to sip:8613800000001@carrier.example                   |                                                         |
                 |  SDP audio 192.0.2.10:20004 PCMA PCMU telephone-event   |                                                         |
      0.529500   |<-------------------------------------------------- 180 Ringing ---------------------------------------------------|
      4.529500   |<---------------------------------------------------- 200 OK ------------------------------------------------------|
                 |  SDP audio 198.51.100.9:4000 PCMA telephone-event       |                                                         |
      4.529800   |------------------------------------------------------- ACK ------------------------------------------------------>|
      5.998500   |  * digit: a key by RFC 4733, 160 ms                     |                                                         |
      8.998500   |<------------------------------------------------------ BYE -------------------------------------------------------|
                 |  Reason: Q.850;cause=16;text="Normal call clearing"     |                                                         |
      8.998700   |-------------------------------------------------- 200 OK (BYE) -------------------------------------------------->|
                 |                                                         |                                                         |
`;

describe('writeLadder', () => {
  it('draws a call over two carriers', () => {
    const text = writeLadder(['Call 9 of task 5000001'], sampleTrace());
    assert.equal(text, expected);
  });

  it('says what is missing, and draws nothing that came from outside raw', () => {
    const text = sipMessage('SIP/2.0 404 \u001b[31mNot\u0007 Found', { cseq: '1 INVITE' });
    const events = [messageEvent({ atUs: 0, direction: 'received', text })];
    const ladder = writeLadder([], sampleTrace({ events, droppedEvents: 3 }));
    assert.match(ladder, /^3 messages and notes were over the bounds of a trace\.$/m);
    assert.match(ladder, /404 \[31mNot Found/);
    assert.doesNotMatch(ladder, /[^\n\x20-\x7e]/);
  });

  it('draws a trace of notes alone', () => {
    const note =
      'ended with status 60, code 1007: no trunk serves the number, and this is a reason that takes more than one line';
    const ladder = writeLadder([], sampleTrace({ events: [{ type: 'note', atUs: 5, kind: 'call', text: note }] }));
    assert.match(ladder, /0\.000005 {3}\| {2}\* call: ended with status 60, code 1007: no trunk$/m);
    assert.match(ladder, /^ +\| {4}serves the number, and this is a reason that takes$/m);
  });
});
