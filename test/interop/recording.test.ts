import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TrunkTarget } from '../../src/call/engine.ts';
import {
  type AsteriskCarrier,
  carrierTones,
  endpointSection,
  startAsteriskCarrier,
} from '../support/asterisk-carrier.ts';
import { heardUnbroken } from '../support/heard-unbroken.ts';
import { energyShare, heardTones } from '../support/tone.ts';
import { decodeStereoWav } from '../support/wav.ts';

const pjsip = [endpointSection('anonymous', { allow: 'alaw,ulaw,g722' })].join('');

/** 1...: a tone of its own for as long as the call lasts; 2...: gives back what it hears. */
const dialplan = `
[carrier]
exten => _1X.,1,Answer()
 same => n,Milliwatt()
exten => _2X.,1,Answer()
 same => n,Echo()
`;

type Sides = ReturnType<typeof decodeStereoWav>;

/** Where a tone begins, in ms, to 10 ms. */
function onsetMs(pcm: Int16Array, sampleRate: number, hz: number): number {
  const length = sampleRate / 50;
  for (let at = 0; at + length <= pcm.length; at += length / 2) {
    if (energyShare(pcm.subarray(at, at + length), sampleRate, hz) > 0.7) return (at * 1000) / sampleRate;
  }
  assert.fail(`${hz} Hz is not heard`);
}

describe('a call with Asterisk is recorded', () => {
  let carrier: AsteriskCarrier;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-interop-recording-'));
    carrier = await startAsteriskCarrier(pjsip, dialplan);
  });
  after(async () => {
    await carrier?.close();
    await rm(folder, { recursive: true });
  });

  async function recorded(number: string, trunk: Partial<TrunkTarget>): Promise<Sides> {
    const file = join(folder, `${number}.wav`);
    const call = carrier.dial(number, trunk);
    await call.until('answered');
    const outcome = call.leg.record(file);
    call.leg.play('tones', 1);
    await call.until('play-ended');
    call.leg.hangUp();
    await call.end();
    const result = await outcome;
    assert.ok(result.isKept, JSON.stringify(result));
    assert.equal(result.problem, null);
    // Three tones of 0.4 s with gaps of 0.1 s; the rest is what the machine took.
    assert.ok(result.durationMs >= 1480, `${result.durationMs} ms`);
    const sides = decodeStereoWav(await readFile(file));
    assert.equal(Math.round((sides.left.length / sides.sampleRate) * 1000), result.durationMs);
    return sides;
  }

  const codecs = [
    { name: 'PCMA', trunk: { codecs: ['PCMA'] } },
    { name: 'PCMU', trunk: { codecs: ['PCMU'] } },
    { name: 'G.722', trunk: { codecs: ['G722'] } },
  ] as const;
  for (const [index, { name, trunk }] of codecs.entries()) {
    test(`${name}: its tone is on the left and ours are on the right`, (t) =>
      heardUnbroken(t, async (nth) => {
        const { left, right, sampleRate } = await recorded(`10${nth}${index}`, trunk);
        assert.deepEqual(heardTones({ pcm: left, sampleRate }, [1004, ...carrierTones]), [1004]);
        assert.deepEqual(heardTones({ pcm: right, sampleRate }, [1004, ...carrierTones]), carrierTones);
      }));

    test(`${name}: what Asterisk gives back lies where it came, right behind what was sent`, (t) =>
      heardUnbroken(t, async (nth) => {
        const { left, right, sampleRate } = await recorded(`20${nth}${index}`, trunk);
        assert.deepEqual(heardTones({ pcm: right, sampleRate }, carrierTones), carrierTones);
        const [first = 0] = carrierTones;
        const lagMs = onsetMs(left, sampleRate, first) - onsetMs(right, sampleRate, first);
        // A packet time there and one back; the rest is what a busy machine takes.
        assert.ok(lagMs >= 0 && lagMs <= 300, `${lagMs} ms`);
        t.diagnostic(`the echo is ${lagMs} ms behind`);
      }));
  }
});
