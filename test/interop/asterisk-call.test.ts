import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { outcomeOf } from '../../src/call/outcome.ts';
import {
  type AsteriskCarrier,
  carrierTones,
  endpointSection,
  section,
  startAsteriskCarrier,
} from '../support/asterisk-carrier.ts';
import type { ObservedLeg } from '../support/observed-leg.ts';
import { heardTones } from '../support/tone.ts';
import { trunkTarget } from '../support/trunk-target.ts';

const pjsip = [
  endpointSection('anonymous'),
  endpointSection('acme', { auth: 'acme', allow: 'ulaw', dtmf_mode: 'info' }),
  section('acme', 'auth', { auth_type: 'userpass', username: 'acme', password: 's3cret trunk' }),
].join('');

/** 1...: records what it hears; 2...: presses keys; 30NN: ends with the Q.850 cause NN; 4...: rings first. */
const dialplan = `
[carrier]
exten => _1X.,1,Answer()
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
exten => _2X.,1,Answer()
 same => n,Wait(0.3)
 same => n,SendDTMF(159#,200,100)
 same => n,Wait(0.5)
 same => n,Hangup(16)
exten => _30XX,1,Hangup(\${EXTEN:2})
exten => 4001,1,Ringing()
 same => n,Wait(0.2)
 same => n,Busy(5)
exten => 4002,1,Ringing()
 same => n,Wait(0.2)
 same => n,Congestion(5)
exten => 4003,1,Ringing()
 same => n,Wait(60)
exten => 4004,1,Progress()
 same => n,Wait(0.2)
 same => n,Hangup(19)
`;

const acme = { username: 'acme', password: 's3cret trunk' };

describe('Asterisk as the carrier', () => {
  let carrier: AsteriskCarrier;
  before(async () => {
    carrier = await startAsteriskCarrier(pjsip, dialplan);
  });
  after(() => carrier?.close());

  test('a call: Asterisk hears the prompt, in order', async () => {
    await carrier.playAndHangUp(carrier.dial('1001'));
    assert.deepEqual(heardTones(await carrier.asterisk.heard('1001'), carrierTones), carrierTones);
  });

  test('digest: the password is asked for (401), and the call is carried', async () => {
    await carrier.playAndHangUp(carrier.dial('1002', { ...acme, codecs: ['PCMA', 'PCMU'] }));
    assert.deepEqual(heardTones(await carrier.asterisk.heard('1002'), carrierTones), carrierTones);
  });

  test('digest: a wrong password is refused', async () => {
    const end = await carrier.dial('1003', { ...acme, password: 'guessed' }).end();
    assert.equal(end.cause, 'rejected');
    assert.equal(end.sipStatus, 401);
  });

  test('keys as telephone events (RFC 4733), and a hang-up by Asterisk with its cause', async () => {
    const call = carrier.dial('2001');
    const end = await call.end();
    assert.equal(end.cause, 'remote-hangup');
    assert.equal(end.q850Cause, 16);
    assert.deepEqual(keysOf(call), ['1 rfc4733', '5 rfc4733', '9 rfc4733', '# rfc4733']);
  });

  test('keys as SIP INFO', async () => {
    const call = carrier.dial('2002', acme);
    await call.end();
    assert.deepEqual(keysOf(call), ['1 sip-info', '5 sip-info', '9 sip-info', '# sip-info']);
  });

  const causes = [
    { cause: 1, sipStatus: 404, callStatus: 60 },
    { cause: 17, sipStatus: 486, callStatus: 10 },
    // Refused by the callee: 603 by its cause, whatever status Asterisk makes of it.
    { cause: 21, sipStatus: 403, callStatus: 30 },
    { cause: 28, sipStatus: 484, callStatus: 60 },
    { cause: 34, sipStatus: 503, callStatus: 60 },
    { cause: 38, sipStatus: 500, callStatus: 60 },
  ];
  for (const { cause, ...expected } of causes) {
    test(`its hangup cause ${cause} before ringing is in the record, with SIP ${expected.sipStatus}`, async () => {
      const { sipStatus, callStatus, q850Cause } = outcomeOf(
        await carrier.dial(`30${`${cause}`.padStart(2, '0')}`).end(),
      );
      assert.deepEqual({ sipStatus, callStatus, q850Cause }, { ...expected, q850Cause: cause });
    });
  }

  // Asterisk sends the response of Busy and Congestion before or after it sets their cause, as it happens.
  const ends = [
    { title: 'Busy', number: '4001', expected: { sipStatus: 486, callStatus: 10 }, causes: [17, null] },
    { title: 'Congestion', number: '4002', expected: { sipStatus: 503, callStatus: 30 }, causes: [34, null] },
    { title: 'no answer by its own clock', number: '4004', expected: { sipStatus: 480, callStatus: 20 }, causes: [19] },
  ];
  for (const { title, number, expected, causes: possible } of ends) {
    test(`${title} after ringing`, async () => {
      const { sipStatus, callStatus, q850Cause } = outcomeOf(await carrier.dial(number).end());
      assert.deepEqual({ sipStatus, callStatus }, expected);
      assert.ok(possible.includes(q850Cause), `cause ${q850Cause}`);
    });
  }

  test('no answer within our ring time: our CANCEL is taken with 487', async () => {
    const call = carrier.dial('4003', {}, { ringTimeoutMs: 1000 });
    const end = await call.end();
    assert.deepEqual(call.types, ['ringing', 'ended']);
    assert.equal(end.cause, 'ring-timeout');
    assert.equal(end.sipStatus, 487);
  });

  test('OPTIONS: Asterisk answers ours', async () => {
    assert.equal(
      await carrier.engine.probe(trunkTarget({ port: carrier.asterisk.sipPort }), AbortSignal.timeout(5000)),
      200,
    );
  });
});

function keysOf(call: ObservedLeg): string[] {
  return call.events.flatMap((event) => (event.type === 'digit' ? [`${event.digit} ${event.source}`] : []));
}
