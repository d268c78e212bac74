import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waveformOf, waveformPoints } from './waveform.ts';

describe('waveformOf', () => {
  it('has the lowest and highest sample of each part', () => {
    const pcm = new Int16Array(waveformPoints * 10);
    pcm.set([32_767, -16_384], 20);
    pcm.fill(-32_768, pcm.length - 10);
    const waveform = waveformOf(pcm);
    assert.equal(waveform.length, waveformPoints * 2);
    assert.deepEqual([...waveform.subarray(2, 8)], [0, 0, -63, 127, 0, 0]);
    assert.deepEqual([...waveform.subarray(-2)], [-127, -127]);
  });

  it('covers every sample of an odd length, and is short for few', () => {
    const pcm = new Int16Array(waveformPoints * 3 + 7).fill(3000);
    assert.ok([...waveformOf(pcm)].every((value) => value === 12));
    assert.deepEqual([...waveformOf(Int16Array.of(0, 32_767))], [0, 0, 127, 127]);
    assert.equal(waveformOf(new Int16Array(0)).length, 0);
  });
});
