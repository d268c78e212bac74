import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { generateDtmf, sentDtmf } from '../audio/dtmf-tones.ts';
import { createG711Codec, type G711Law } from '../audio/g711.ts';
import { ReceivedAudio } from './received-audio.ts';
import { createThreadCodecs } from './received-codecs.ts';
import { prepareRtp, stampRtp } from './rtp-packet.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { type LossyNetwork, type TimedPacket, throughNetwork } from './testing/lossy-network.ts';
import { ToneListener } from './tone-listener.ts';

const keys = '0123456789*#ABCD';
const payloadTypes = { PCMU: 0, PCMA: 8 };

/** Keys of 100 ms and pauses of 100 ms, not at packets' edges. So five packets or six hold a key, and as many its pause. */
function transmit(sent: string, law: G711Law): TimedPacket[] {
  const pcm = new Int16Array(sent.length * 1603 + 8000);
  for (const [index, key] of Array.from(sent).entries())
    pcm.set(generateDtmf(key, sentDtmf, 8000), 4000 + index * 1603);
  const codec = createG711Codec(law);
  return Array.from({ length: Math.floor(pcm.length / 160) }, (_, index) => {
    const packet = Buffer.alloc(12 + 160);
    prepareRtp(packet, 7);
    stampRtp(packet, payloadTypes[law], index & 0xffff, index * 160);
    codec.encode(pcm.subarray(index * 160, (index + 1) * 160), packet.subarray(12));
    return { atMs: index * 20, packet };
  });
}

/** What is heard of two thousand keys: how many were missed, and how many there are that were not sent there. */
function tonesOver(network: LossyNetwork, seed: number, law: G711Law): { missed: number; invented: number } {
  const random = seededRandom(seed);
  const sent = Array.from({ length: 2000 }, () => keys[Math.floor(random.float() * keys.length)]).join('');
  const { [law]: codec } = createThreadCodecs({ PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') });
  const codecs = new Map([[payloadTypes[law], codec]]);
  const audio = new ReceivedAudio(codecs);
  let heard = '';
  new ToneListener(audio, ({ key }) => (heard += key)).turn(true);
  const observer = { onFirstPacket: () => undefined, onDigit: () => assert.fail('no events are sent') };
  const receiver = new RtpReceiver({ payloadType: payloadTypes[law], eventPayloadType: null }, codecs, observer, audio);
  let nowMs = 0;
  for (const { atMs, packet } of throughNetwork(transmit(sent, law), network, random)) {
    for (; nowMs < atMs; nowMs += 20) receiver.passTime(nowMs);
    receiver.receive(packet, atMs);
  }
  for (const endMs = nowMs + 1000; nowMs < endMs; nowMs += 20) receiver.passTime(nowMs);
  return differences(sent, heard);
}

/** By the longest common subsequence, in a band: what is apart by more than a few keys is lost anyway. */
function differences(sent: string, heard: string): { missed: number; invented: number } {
  let common = 0;
  for (let at = 0, from = 0; at < sent.length; at += 1) {
    const found = heard.slice(from, from + 3).indexOf(sent[at] ?? '');
    if (found === -1) continue;
    common += 1;
    from += found + 1;
  }
  return { missed: sent.length - common, invented: heard.length - common };
}

describe('two thousand keys as tones', () => {
  for (const law of ['PCMA', 'PCMU'] as const) {
    it(`come through a clean network, ${law} (seed 4501)`, () => {
      assert.deepEqual(tonesOver({ lost: 0, delayed: 0, copied: 0 }, 4501, law), { missed: 0, invented: 0 });
    });
    it(`come through reordering and copies, ${law} (seed 4502)`, () => {
      assert.deepEqual(tonesOver({ lost: 0, delayed: 0.02, copied: 0.02 }, 4502, law), { missed: 0, invented: 0 });
    });
    it(`come through 1 % loss, ${law} (seed 4503)`, () => {
      assert.deepEqual(tonesOver({ lost: 0.01, delayed: 0, copied: 0 }, 4503, law), { missed: 0, invented: 0 });
    });
    it(`come through 5 % loss, ${law} (seed 4504)`, () => {
      assert.deepEqual(tonesOver({ lost: 0.05, delayed: 0, copied: 0 }, 4504, law), { missed: 0, invented: 0 });
    });
  }
});
