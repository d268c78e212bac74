import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Concealment } from './concealment.ts';
import { goertzelPower, meanPower } from './goertzel.ts';
import { generateTones } from './tones.ts';

describe('Concealment', () => {
  it('goes on with the tone that was heard, fading out to silence within 60 ms', () => {
    for (const frequencyHz of [100, 440, 1633]) {
      const concealment = new Concealment(8000);
      const heard = generateTones([{ frequencyHz, durationMs: 200 }], 8000).subarray(0, 1440);
      for (let at = 0; at < heard.length; at += 160) concealment.remember(heard.subarray(at, at + 160));
      const pcm = new Int16Array(640);
      for (let at = 0; at < pcm.length; at += 160) concealment.fill(pcm.subarray(at, at + 160));
      const first = pcm.subarray(0, 160);
      assert.ok(goertzelPower(first, 8000, frequencyHz) > 0.8 * meanPower(first), `${frequencyHz} Hz`);
      assert.ok(meanPower(first) > 0.15, 'nearly as loud as it was');
      assert.ok(meanPower(pcm.subarray(160, 320)) < meanPower(first));
      assert.ok(pcm.subarray(480).every((sample) => sample === 0));
    }
  });

  it('begins anew after something was heard, and is silent before', () => {
    const concealment = new Concealment(8000);
    const pcm = new Int16Array(80);
    concealment.fill(pcm);
    assert.ok(pcm.every((sample) => sample === 0));
    concealment.remember(new Int16Array(1000).fill(500));
    concealment.fill(pcm);
    assert.deepEqual(
      [...pcm],
      Array.from({ length: 80 }, () => 500),
    );
    concealment.remember(new Int16Array(10).fill(500));
    concealment.fill(pcm);
    assert.equal(pcm[79], 500);
  });
});
