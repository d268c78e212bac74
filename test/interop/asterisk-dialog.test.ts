import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TracedMessage } from '../../src/call/trace.ts';
import {
  type AsteriskCarrier,
  carrierTones,
  endpointSection,
  section,
  startAsteriskCarrier,
} from '../support/asterisk-carrier.ts';
import { startFarSide } from '../support/ledger.ts';
import { startSippServer } from '../support/sipp.ts';
import { heardTones } from '../support/tone.ts';
import { until } from '../support/until.ts';

const pjsip = [
  endpointSection('anonymous', { moh_passthrough: 'yes', timers: 'yes' }),
  endpointSection('phone', { moh_passthrough: 'yes' }),
  endpointSection('timed', { auth: 'timed', timers: 'required', timers_sess_expires: '120' }),
  section('timed', 'auth', { auth_type: 'userpass', username: 'timed', password: 'x' }),
  endpointSection('direct', { auth: 'direct', direct_media: 'yes' }),
  section('direct', 'auth', { auth_type: 'userpass', username: 'direct', password: 'x' }),
  endpointSection('direct-phone', { direct_media: 'yes' }),
].join('');

/** 5...: a phone behind Asterisk, whose port the test has put into a global variable. */
const dialplan = `
[carrier]
exten => _1X.,1,Answer()
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
exten => 5001,1,Dial(PJSIP/phone/sip:5001@127.0.0.1:\${PHONE})
exten => 5002,1,Dial(PJSIP/direct-phone/sip:5002@127.0.0.1:\${PHONE})
`;

const scenario = fileURLToPath(new URL('./carrier/uas-hold-and-resume.xml', import.meta.url));

/** Keeps what a call says on the wire. */
function keepMessages(): {
  readonly messages: TracedMessage[];
  readonly trace: { message(m: TracedMessage): void; note(): void };
} {
  const messages: TracedMessage[] = [];
  return { messages, trace: { message: (message) => messages.push(message), note: () => undefined } };
}

/** The direction of the audio in each description of ours, or of Asterisk's, in order. */
function directions(messages: readonly TracedMessage[], direction: TracedMessage['direction']): string[] {
  return messages
    .filter((message) => message.direction === direction && message.text.includes('m=audio'))
    .map(({ text }) => /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(text)?.[1] ?? 'sendrecv');
}

describe('Asterisk changes a call', () => {
  let carrier: AsteriskCarrier;
  before(async () => {
    carrier = await startAsteriskCarrier(pjsip, dialplan);
  });
  after(() => carrier?.close());

  const setPhone = (port: number): Promise<unknown> =>
    carrier.asterisk.remoteControl.act('Setvar', { Variable: 'PHONE', Value: String(port) });

  test('late offer: Asterisk offers in its 2xx, and hears the prompt', async () => {
    const { messages, trace } = keepMessages();
    await carrier.playAndHangUp(carrier.dial('1201', { offer: 'late' }, { trace }));
    const [invite] = messages;
    assert.ok(invite?.text.startsWith('INVITE') && !invite.text.includes('m=audio'));
    assert.deepEqual(heardTones(await carrier.asterisk.heard('1201'), carrierTones), carrierTones);
  });

  test('session timer (RFC 4028): Asterisk requires one, and both agree on it', async () => {
    const { messages, trace } = keepMessages();
    const timed = { username: 'timed', password: 'x', sessionExpiresS: 90 };
    await carrier.playAndHangUp(carrier.dial('1202', timed, { trace }));
    const answer = messages.find(
      ({ direction, text }) => direction === 'received' && /^SIP\/2\.0 200.*INVITE/s.test(text),
    );
    assert.match(answer?.text ?? '', /^Session-Expires: *90;refresher=(uac|uas)/m);
    assert.deepEqual(heardTones(await carrier.asterisk.heard('1202'), carrierTones), carrierTones);
  });

  test('session timer: Asterisk asks for one that we did not ask for', async () => {
    const { messages, trace } = keepMessages();
    await carrier.playAndHangUp(carrier.dial('1203', { username: 'timed', password: 'x' }, { trace }));
    const answer = messages.find(
      ({ direction, text }) => direction === 'received' && /^SIP\/2\.0 200.*INVITE/s.test(text),
    );
    assert.match(answer?.text ?? '', /^Session-Expires: *120;refresher=(uac|uas)/m);
  });

  test('hold and resume: re-INVITEs by Asterisk are answered, and the call goes on', async () => {
    const phone = await startSippServer({ scenario, calls: 1 });
    try {
      await setPhone(phone.port);
      const { messages, trace } = keepMessages();
      const call = carrier.dial('5001', { codecs: ['PCMA'] }, { trace });
      await call.until('answered');
      call.leg.play('tones', 10);
      assert.equal((await call.end()).cause, 'remote-hangup');
      assert.deepEqual(directions(messages, 'received'), ['sendrecv', 'sendonly', 'sendrecv']);
      assert.deepEqual(directions(messages, 'sent'), ['sendrecv', 'recvonly', 'sendrecv']);
      assert.equal((await phone.finished(10_000)).exitCode, 0);
    } finally {
      await phone.stop();
    }
  });

  test('direct media: a re-INVITE with another address, and the audio goes there', async () => {
    const phone = await startFarSide({ behave: () => ({ kind: 'answer', ringMs: 0, talkMs: null }) });
    try {
      await setPhone(phone.port);
      const { first, last } = carrier.ownRtpPorts;
      const call = carrier.dial('5002', { username: 'direct', password: 'x', codecs: ['PCMA'] });
      await call.until('answered');
      call.leg.play('tones', 10);
      await until(() => phone.rtp.streams().some(({ fromPort }) => fromPort >= first && fromPort <= last), {
        what: 'audio of ours at the phone itself',
        timeoutMs: 10_000,
        detail: () => JSON.stringify(phone.rtp.streams()),
      });
      call.leg.hangUp();
      assert.equal((await call.end()).cause, 'local-hangup');
    } finally {
      await phone.close();
    }
  });
});
