import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { outcomeOf } from '../../src/call/outcome.ts';
import type { ScriptPlan } from '../../src/call/script.ts';
import { generateTones } from '../../src/telephony/audio/tones.ts';
import {
  type AsteriskCarrier,
  carrierTones,
  endpointSection,
  startAsteriskCarrier,
} from '../support/asterisk-carrier.ts';
import { heardUnbroken } from '../support/heard-unbroken.ts';
import { ClipStore } from '../support/machine-set/clip-store.ts';
import { ScriptedCall } from '../support/scripted-call.ts';
import { energyShare, heardTones, type Samples } from '../support/tone.ts';
import { trunkTarget } from '../support/trunk-target.ts';
import { encodeWav } from '../support/wav.ts';

/** 50.. voicemail with a beep, 51.. without; 52.. a person; 53.. an announcement before the answer. All record what they hear after their greeting. */
const dialplan = `
[carrier]
exten => _50XX,1,Answer()
 same => n,Wait(0.1)
 same => n,Playback(\${SPOOL}/greeting)
 same => n,Playback(\${SPOOL}/beep)
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
exten => _51XX,1,Answer()
 same => n,Wait(0.1)
 same => n,Playback(\${SPOOL}/greeting)
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
exten => _52XX,1,Answer()
 same => n,Wait(0.1)
 same => n,Playback(\${SPOOL}/hello)
 same => n,Record(\${SPOOL}/\${EXTEN}.wav,0,20,qk)
 same => n,Hangup()
exten => _53XX,1,Progress()
 same => n,Wait(0.2)
 same => n,Playback(\${SPOOL}/vacant,noanswer)
 same => n,Wait(0.4)
 same => n,Hangup(31)
`;

const pause = (ms: number): Int16Array => new Int16Array(ms * 8);

function join16(...parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

/** What Asterisk plays: sentences of the machine detection set, a beep, and the tones before "number not assigned". */
function recordings(): Readonly<Record<string, Int16Array>> {
  const clips = new ClipStore('held-apart');
  const says = (role: string): Int16Array => clips.pcm(`EN/0/${role}`);
  const tone = (frequencyHz: number, durationMs: number) => ({ frequencyHz, durationMs, level: 0.2 });
  const sentences = ['opening', 'middle-0', 'middle-1', 'closing'].flatMap((role) => [says(role), pause(350)]);
  return {
    greeting: join16(...sentences),
    beep: generateTones([tone(1000, 400)], 8000),
    hello: says('hello-0'),
    vacant: generateTones([tone(985.2, 380), tone(1370.6, 274), tone(1776.7, 380)], 8000),
  };
}

const loops = 5;
const wholePrompt = Array.from({ length: loops }, () => carrierTones).flat();

const plan: ScriptPlan = {
  delayPlayMs: 0,
  // So long that the greeting is known to be one before the prompt ends.
  loopCount: loops,
  delayHangupMs: 500,
  maxCallMs: 60_000,
  onMachine: 'leave-message',
};

/** How long a tone was heard, ms. */
function heardMs({ pcm, sampleRate }: Samples, hz: number): number {
  const length = Math.round(0.04 * sampleRate);
  let windows = 0;
  for (let at = 0; at + length <= pcm.length; at += length)
    if (energyShare(pcm.subarray(at, at + length), sampleRate, hz) > 0.7) windows += 1;
  return windows * 40;
}

describe('Asterisk behind which machines and people answer', () => {
  let carrier: AsteriskCarrier;
  before(async () => {
    carrier = await startAsteriskCarrier(endpointSection('anonymous'), dialplan);
    for (const [name, pcm] of Object.entries(recordings()))
      await writeFile(join(carrier.asterisk.spoolFolder, `${name}.wav`), encodeWav({ pcm, sampleRate: 8000 }, 1));
  });
  after(() => carrier?.close());

  function call(number: string, changes: Partial<ScriptPlan> = {}): ScriptedCall {
    const trunk = trunkTarget({ port: carrier.asterisk.sipPort });
    const request = { sipCallId: `machine-${number}`, trunk, number, displayNum: '1008', ringTimeoutMs: 20_000 };
    return new ScriptedCall({
      engine: carrier.engine,
      request: { ...request, detectsMachine: true },
      plan: { ...plan, ...changes },
      promptKey: 'tones',
    });
  }

  test('machine detection: the message that is left after the beep is recorded whole', (t) =>
    heardUnbroken(t, async (nth) => {
      const number = `500${nth}`;
      const leaving = call(number);
      const end = await leaving.end();
      assert.equal(end.machine?.result, 'machine', JSON.stringify(end));
      assert.ok(Math.abs(Number(end.machine?.evidence.beepHz) - 1000) <= 5, JSON.stringify(end.machine));
      assert.equal(leaving.script.machineDone, 'message after beep');
      assert.equal(outcomeOf(end, leaving.script.answerer).callStatus, 40);
      const recorded = await carrier.asterisk.heard(number);
      assert.deepEqual(heardTones(recorded, carrierTones), wholePrompt);
      // Each is 400 ms long; a window at either end may be half of it.
      const leastMs = loops * 320;
      for (const hz of carrierTones)
        assert.ok(heardMs(recorded, hz) >= leastMs, `${hz} Hz for ${heardMs(recorded, hz)} ms`);
    }));

  test('machine detection: without a beep the message begins after silence', (t) =>
    heardUnbroken(t, async (nth) => {
      const number = `510${nth}`;
      const leaving = call(number);
      const end = await leaving.end();
      assert.equal(leaving.script.machineDone, 'message after silence', JSON.stringify(end));
      assert.deepEqual(heardTones(await carrier.asterisk.heard(number), carrierTones), wholePrompt);
    }));

  test('machine detection: a machine is hung up on before its greeting is over', (t) =>
    heardUnbroken(t, async (nth) => {
      const number = `505${nth}`;
      const hanging = call(number, { onMachine: 'hang-up' });
      const end = await hanging.end();
      assert.equal(end.cause, 'local-hangup');
      assert.deepEqual([hanging.script.answerer, hanging.script.machineDone], ['machine', 'hung up']);
      assert.equal(end.machine?.evidence.rule, 'long-speech', JSON.stringify(end.machine));
    }));

  test('machine detection: a person hears the prompt at once, whole, and once', (t) =>
    heardUnbroken(t, async (nth) => {
      const number = `520${nth}`;
      const talking = call(number);
      const end = await talking.end();
      assert.equal(end.machine?.result, 'person', JSON.stringify(end));
      assert.equal(talking.playedMs.length, 1);
      assert.ok((end.machine?.decidedAfterMs ?? 0) <= 2500);
      assert.equal(outcomeOf(end, talking.script.answerer).callStatus, 50);
      assert.deepEqual(heardTones(await carrier.asterisk.heard(number), carrierTones), wholePrompt);
    }));

  test('early media: special information tones say why Asterisk releases the call', (t) =>
    heardUnbroken(t, async (nth) => {
      const number = `530${nth}`;
      const failing = call(number);
      const end = await failing.end();
      assert.equal(end.isAnswered, false);
      assert.equal(end.earlyTone, 'vacant', JSON.stringify(end));
      assert.match(outcomeOf(end).terminationReason, /number not assigned/);
    }));
});
