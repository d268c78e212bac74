import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TrunkTarget } from '../../src/call/engine.ts';
import { type Asterisk, startAsterisk } from '../support/asterisk.ts';
import { type LoopbackEngine, openLoopbackEngine } from '../support/loopback-engine.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { heardTones } from '../support/tone.ts';
import { trunkTarget } from '../support/trunk-target.ts';

const tones = [500, 900, 1500];

const pjsip = `
[anonymous]
type = endpoint
context = carrier
disallow = all
allow = alaw,ulaw
media_address = 127.0.0.1
bind_rtp_to_media_address = yes

[acme]
type = endpoint
context = carrier
auth = acme
disallow = all
allow = ulaw
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
dtmf_mode = info

[acme]
type = auth
auth_type = userpass
username = acme
password = s3cret trunk
`;

/** 1...: records what it hears; 2...: presses keys; the others end by a cause of their own. */
const dialplan = `
[carrier]
exten => _1X.,1,Answer()
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
exten => _2X.,1,Answer()
 same => n,Wait(0.3)
 same => n,SendDTMF(159#,200,100)
 same => n,Wait(0.5)
 same => n,Hangup()
`;

let asterisk: Asterisk;
let own: LoopbackEngine;
before(async () => {
  asterisk = await startAsterisk({ pjsip, dialplan });
  own = await openLoopbackEngine({ tones });
});
after(async () => {
  await own?.engine.close();
  await asterisk?.stop();
});

let calls = 0;
function dial(number: string, trunk: Partial<TrunkTarget> = {}, ringTimeoutMs = 20_000): ObservedLeg {
  calls += 1;
  return new ObservedLeg(own.engine, {
    sipCallId: `asterisk-${calls}`,
    trunk: trunkTarget({ port: asterisk.sipPort, ...trunk }),
    number,
    displayNum: '1008',
    ringTimeoutMs,
  });
}

const acme = { username: 'acme', password: 's3cret trunk' };

describe('Asterisk as the carrier', () => {
  test('a call: Asterisk hears the prompt, in order', async () => {
    const call = dial('1001');
    await call.until('answered');
    call.leg.play('tones', 1);
    await call.until('play-ended');
    call.leg.hangUp();
    assert.equal((await call.end()).cause, 'local-hangup');
    assert.deepEqual(heardTones(await asterisk.heard('1001'), tones), tones);
  });

  test('digest: the password is asked for (401), and the call is carried', async () => {
    const call = dial('1002', { ...acme, codecs: ['PCMA', 'PCMU'] });
    await call.until('answered');
    call.leg.play('tones', 1);
    await call.until('play-ended');
    call.leg.hangUp();
    assert.equal((await call.end()).sipStatus, 200);
    assert.deepEqual(heardTones(await asterisk.heard('1002'), tones), tones);
  });

  test('digest: a wrong password is refused', async () => {
    const end = await dial('1003', { ...acme, password: 'guessed' }).end();
    assert.equal(end.cause, 'rejected');
    assert.equal(end.sipStatus, 401);
  });

  test('keys as telephone events (RFC 4733), and a hang-up by Asterisk', async () => {
    const call = dial('2001');
    const end = await call.end();
    assert.equal(end.cause, 'remote-hangup');
    assert.deepEqual(keysOf(call), ['1 rfc4733', '5 rfc4733', '9 rfc4733', '# rfc4733']);
  });

  test('keys as SIP INFO', async () => {
    const call = dial('2002', acme);
    await call.end();
    assert.deepEqual(keysOf(call), ['1 sip-info', '5 sip-info', '9 sip-info', '# sip-info']);
  });
});

function keysOf(call: ObservedLeg): string[] {
  return call.events.flatMap((event) => (event.type === 'digit' ? [`${event.digit} ${event.source}`] : []));
}
