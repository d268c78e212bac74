import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { Interludes } from './interludes.ts';
import { LoadedPrompt, Playout, type PlayoutEnd } from './playout.ts';
import { RtpSender } from './rtp-sender.ts';

/** A prompt of so many packets, filled with one code. */
function prompt(promptKey: string, code: number, packets: number): LoadedPrompt {
  const bytes = new Uint8Array(new SharedArrayBuffer(packets * 160)).fill(code);
  return new LoadedPrompt(promptKey, { PCMA: { bytes, frames: null } });
}

function setUp() {
  const ends: PlayoutEnd[] = [];
  const interludes = new Interludes();
  const playout = new Playout((end) => ends.push(end));
  const format = {
    payloadType: 8,
    eventPayloadType: null,
    silence: new Uint8Array(160).fill(0xd5),
    packetSamples: 160,
    payloadBytes: 160,
    unitsPerSample: 1,
    eventUnitsPerSample: 1,
    canSend: true,
  };
  const sender = new RtpSender(format, playout, seededRandom(1), interludes);
  /** The first code of each of the next packets, with `m` where the marker bit stands; `.` is silence. */
  const next = (count: number): string =>
    Array.from({ length: count }, () => {
      const packet = sender.next();
      assert.ok(packet !== null);
      const code = packet[12] ?? 0;
      return `${code === 0xd5 ? '.' : code}${((packet[1] ?? 0) & 0x80) === 0 ? '' : 'm'}`;
    }).join(' ');
  return { interludes, playout, ends, next };
}

describe('Interludes', () => {
  it('go before what plays, one after another, and it goes on where it was', () => {
    const { interludes, playout, ends, next } = setUp();
    playout.play(prompt('p', 1, 4), 1);
    assert.equal(next(2), '1m 1');
    interludes.add(prompt('a', 7, 2));
    interludes.add(prompt('b', 8, 1));
    assert.equal(next(5), '7m 7 . 8m .');
    assert.deepEqual(ends, []);
    assert.equal(next(3), '1 1 .');
    assert.deepEqual(ends, [{ promptKey: 'p', isComplete: true }]);
  });

  it('go where nothing plays', () => {
    const { interludes, next } = setUp();
    interludes.add(prompt('a', 7, 1));
    assert.equal(next(3), '7m . .');
  });
});
