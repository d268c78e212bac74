import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stereoWavDurationMs, stereoWavHeader, stereoWavRate, wavHeaderBytes, wholeFrames } from './stereo-wav.ts';

test('a header says format and lengths', () => {
  const header = stereoWavHeader(8000, 32_000);
  assert.equal(header.length, wavHeaderBytes);
  assert.equal(header.toString('latin1', 0, 4) + header.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  assert.equal(header.readUInt32LE(4), 36 + 32_000);
  const numbers = [header.readUInt16LE(20), header.readUInt16LE(22), header.readUInt32LE(24), header.readUInt32LE(28)];
  assert.deepEqual(numbers, [1, 2, 8000, 32_000]);
  assert.deepEqual([header.readUInt16LE(32), header.readUInt16LE(34), header.readUInt32LE(40)], [4, 16, 32_000]);
});

test('its rate is read back whatever the lengths say, and from nothing else', () => {
  assert.equal(stereoWavRate(stereoWavHeader(8000, 0)), 8000);
  assert.equal(stereoWavRate(stereoWavHeader(16_000, 123_456)), 16_000);
  assert.equal(stereoWavRate(stereoWavHeader(8000, 0).subarray(0, 43)), null);
  assert.equal(stereoWavRate(Buffer.alloc(44)), null);
  const mono = stereoWavHeader(8000, 0);
  mono.writeUInt16LE(1, 22);
  assert.equal(stereoWavRate(mono), null);
});

test('lengths are in whole frames', () => {
  assert.equal(stereoWavDurationMs(8000, 32_000), 1000);
  assert.deepEqual([0, 3, 4, 7, 8].map(wholeFrames), [0, 0, 4, 4, 8]);
});
