import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DtmfMode } from '../../src/call/dtmf-mode.ts';
import { type AsteriskCarrier, endpointSection, section, startAsteriskCarrier } from '../support/asterisk-carrier.ts';
import type { ObservedLeg } from '../support/observed-leg.ts';

/** Asterisk's own `dtmf_mode` is the account's name. */
const modes = ['rfc4733', 'info', 'inband', 'auto'];

const pjsip = modes
  .map((mode) =>
    [
      endpointSection(mode, { auth: mode, dtmf_mode: mode }),
      section(mode, 'auth', { auth_type: 'userpass', username: mode, password: mode }),
    ].join(''),
  )
  .join('');

/** 1...: presses keys, two of them alike; 2...: reads five keys and tells them. */
const dialplan = `
[carrier]
exten => _1X.,1,Answer()
 same => n,Wait(0.5)
 same => n,SendDTMF(1559*#,200,100)
 same => n,Wait(0.7)
 same => n,Hangup()
exten => _2X.,1,Answer()
 same => n,Read(KEYS,,5,,1,8)
 same => n,UserEvent(Keys,Number: \${EXTEN},Keys: \${KEYS})
 same => n,Hangup()
`;

const accountOf = (mode: string) => ({ username: mode, password: mode });

describe('keys to and from Asterisk', () => {
  let carrier: AsteriskCarrier;
  before(async () => {
    carrier = await startAsteriskCarrier(pjsip, dialplan);
  });
  after(() => carrier?.close());

  const heard: readonly (readonly [ours: DtmfMode, theirs: string, source: string])[] = [
    ['auto', 'rfc4733', 'rfc4733'],
    ['all', 'rfc4733', 'rfc4733'],
    ['auto', 'info', 'sip-info'],
    ['rfc4733', 'info', 'sip-info'],
    ['auto', 'inband', 'in-band'],
    ['inband', 'auto', 'in-band'],
  ];
  for (const [index, [ours, theirs, source]] of heard.entries()) {
    test(`keys are heard: dtmf ${ours}, Asterisk's dtmf_mode ${theirs}`, async () => {
      const call = carrier.dial(`100${index}`, { ...accountOf(theirs), dtmf: ours });
      await call.end();
      assert.deepEqual(
        keysOf(call),
        Array.from('1559*#', (key) => `${key} ${source}`),
      );
    });
  }

  const sent: readonly (readonly [ours: DtmfMode, theirs: string, what: string])[] = [
    ['auto', 'rfc4733', 'as events'],
    ['info', 'info', 'by INFO'],
    ['auto_info', 'info', 'by INFO'],
    ['inband', 'inband', 'as tones'],
    ['auto', 'inband', 'as tones'],
  ];
  for (const [index, [ours, theirs, what]] of sent.entries()) {
    test(`keys are understood ${what}: dtmf ${ours}, Asterisk's dtmf_mode ${theirs}`, async () => {
      const number = `200${index}`;
      const call = carrier.dial(number, { ...accountOf(theirs), dtmf: ours });
      await call.until('answered');
      call.leg.play('tones', 1);
      call.leg.sendDigits('7700');
      call.leg.sendDigits('*');
      const { remoteControl } = carrier.asterisk;
      const event = await remoteControl.waitForEvent('UserEvent', (candidate) => candidate.Number === number, 20_000);
      assert.equal(event.Keys, '7700*');
      await call.end();
    });
  }
});

function keysOf(call: ObservedLeg): string[] {
  return call.events.flatMap((event) => (event.type === 'digit' ? [`${event.digit} ${event.source}`] : []));
}
