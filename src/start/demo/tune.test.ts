import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goertzelPower } from '../../telephony/audio/goertzel.ts';
import { ringTune, wavOf } from './tune.ts';

describe('ringTune', () => {
  const pcm = ringTune(8000);

  it('lasts five seconds, is loud and never clipped', () => {
    assert.equal(pcm.length, 40_000);
    const peak = pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assert.ok(peak > 8_000 && peak < 32_767, `${peak}`);
  });

  it('begins with the note it should', () => {
    const first = pcm.subarray(0, 2400);
    assert.ok(goertzelPower(first, 8000, 659.25) > 10 * goertzelPower(first, 8000, 392));
  });
});

describe('wavOf', () => {
  it('writes a header that says what follows', () => {
    const wav = wavOf(Int16Array.of(1, -2), 16_000);
    assert.equal(wav.length, 48);
    assert.equal(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
    assert.deepEqual([wav.readUInt32LE(24), wav.readUInt32LE(40), wav.readInt16LE(46)], [16_000, 4, -2]);
  });
});
