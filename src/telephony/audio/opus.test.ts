import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { PacketDecoder } from './codec.ts';
import { goertzelPower, meanPower } from './goertzel.ts';
import { createOpusDecoder } from './opus-decoder.ts';
import { encodeOpus, type OpusFrameMs } from './opus-encoder.ts';
import { generateTones } from './tones.ts';

/** Waits until the library is there: a first packet can be decoded. */
async function readyDecoder(packet: Uint8Array): Promise<PacketDecoder> {
  const decoder = createOpusDecoder();
  assert.equal(decoder.decode(packet, new Int16Array(480)), 0, 'the library cannot be there at once');
  const probe = new Int16Array(480);
  while (decoder.decode(packet, probe) === 0) await setImmediate();
  decoder.close();
  assert.equal(decoder.decode(packet, probe), 0, 'nothing is decoded after close');
  const fresh = createOpusDecoder();
  // The library is there now, and a decoder made within the same turn of the loop.
  await setImmediate();
  return fresh;
}

const tone = generateTones([{ frequencyHz: 1000, durationMs: 1000 }], 16_000);

describe('Opus', () => {
  for (const frameMs of [10, 20, 40, 60] satisfies OpusFrameMs[]) {
    it(`carries a tone in frames of ${frameMs} ms, all of it`, async () => {
      const packets = await encodeOpus(tone, frameMs);
      assert.equal(packets.length, Math.ceil(1006.5 / frameMs));
      const decoder = await readyDecoder(packets[0] ?? assert.fail());
      const pcm = new Int16Array(packets.length * frameMs * 8);
      for (const [index, packet] of packets.entries()) {
        assert.equal(decoder.decode(packet, pcm.subarray(index * frameMs * 8)), frameMs * 8);
      }
      const heard = pcm.subarray(800, 7200);
      assert.ok(goertzelPower(heard, 8000, 1000) > 0.97 * meanPower(heard));
      assert.ok(meanPower(pcm.subarray(7600, 8000)) > 0.1, 'the end is there');
      decoder.close();
    });
  }

  it('conceals a lost packet, from the copy in the next one where there is one', async () => {
    const packets = await encodeOpus(tone, 20);
    const decoder = await readyDecoder(packets[0] ?? assert.fail());
    const pcm = new Int16Array(160);
    for (const packet of packets.slice(0, 20)) decoder.decode(packet, pcm);
    decoder.conceal(pcm, packets[21] ?? null);
    assert.ok(goertzelPower(pcm, 8000, 1000) > 0.9 * meanPower(pcm) && meanPower(pcm) > 0.1);
    decoder.decode(packets[21] ?? assert.fail(), pcm);
    decoder.conceal(pcm, null);
    assert.ok(meanPower(pcm) > 0.05);
    for (let count = 0; count < 30; count += 1) decoder.conceal(pcm, null);
    assert.ok(meanPower(pcm) < 0.001, 'what nobody said fades out');
    decoder.close();
  });

  it('makes nothing of what is no packet, and goes on', async () => {
    const packets = await encodeOpus(tone, 20);
    const decoder = await readyDecoder(packets[0] ?? assert.fail());
    const pcm = new Int16Array(160);
    assert.equal(decoder.decode(new Uint8Array(0), pcm), 0);
    assert.equal(decoder.decode(Uint8Array.of(0xff, 0xff, 0xff), pcm), 0);
    assert.equal(decoder.decode(packets[5] ?? assert.fail(), pcm), 160);
    decoder.close();
  });
});
