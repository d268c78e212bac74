import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Random, seededRandom } from '../../lib/random.ts';
import { Playout } from './playout.ts';
import { ReceivedAudio } from './received-audio.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { RtpSender } from './rtp-sender.ts';
import { type LossyNetwork, type TimedPacket, throughNetwork } from './testing/lossy-network.ts';

const count = 10_000;
const packetMs = 20;
const eventPayloadType = 101;
const keys = '0123456789*#ABCD';

/**
 * 10,000 keys of 40 to 200 ms, each 60 to 100 ms after the one before, in a stream of silence, as our own sender writes them. So a press has four packets or
 * more, and the chance that a network which loses one in twenty, each by itself, takes all of one is 0.05^4, or one in 160,000: with it nobody could know of
 * the press. The seeds below have no such press. A delayed packet may come behind the next press's first ones.
 */
function digitsOver(network: LossyNetwork, seed: number, gateway: Gateway): { sent: string; heard: string } {
  const random = seededRandom(seed);
  const { keys: sent, packets } = transmit(random, gateway);
  let heard = '';
  const receiver = new RtpReceiver(
    { payloadType: 8, eventPayloadType },
    new Map(),
    { onFirstPacket: () => undefined, onDigit: (digit) => (heard += digit) },
    new ReceivedAudio(new Map()),
  );
  let nowMs = 0;
  for (const { atMs, packet } of throughNetwork(packets, network, random)) {
    for (; nowMs < atMs; nowMs += packetMs) receiver.passTime(nowMs);
    receiver.receive(packet, atMs);
  }
  receiver.passTime(nowMs + 1000);
  return { sent, heard };
}

/** moving: events get the timestamp of the moment, each packet another, as some gateways do it. */
type Gateway = 'right' | 'moving';

function transmit(random: Random, gateway: Gateway): { keys: string; packets: TimedPacket[] } {
  const format = {
    payloadType: 8,
    eventPayloadType,
    silence: new Uint8Array(160).fill(0xd5),
    packetSamples: 160,
    payloadBytes: 160,
    unitsPerSample: 1,
    eventUnitsPerSample: 1,
    canSend: true,
  };
  const sender = new RtpSender(format, new Playout(() => undefined), random);
  const below = (bound: number): number => Math.floor(random.float() * bound);
  const packets: TimedPacket[] = [];
  let pressed = '';
  let nextKeyMs = 0;
  for (let nowMs = 0; pressed.length < count || nowMs < nextKeyMs + 500; nowMs += packetMs) {
    if (nowMs >= nextKeyMs && pressed.length < count) {
      const key = keys[below(keys.length)] ?? '0';
      const durationMs = 40 + below(161);
      sender.sendDigit(key, durationMs * 8);
      pressed += key;
      nextKeyMs = nowMs + Math.ceil(durationMs / packetMs) * packetMs + 60 + below(3) * packetMs;
    }
    const packet = Buffer.from(sender.next() ?? assert.fail('the sender may always send'));
    const isEvent = ((packet[1] ?? 0) & 0x7f) === eventPayloadType;
    if (isEvent && gateway === 'moving') packet.writeUInt32BE((nowMs * 8) >>> 0, 4);
    packets.push({ atMs: nowMs, packet });
  }
  return { keys: pressed, packets };
}

describe('ten thousand digits, none missed and none doubled', () => {
  const rows: readonly (readonly [name: string, network: LossyNetwork, seed: number, gateway: Gateway])[] = [
    ['5 % lost', { lost: 0.05, delayed: 0, copied: 0 }, 4101, 'right'],
    ['10 % delayed behind others', { lost: 0, delayed: 0.1, copied: 0 }, 4102, 'right'],
    ['5 % lost, 10 % delayed', { lost: 0.05, delayed: 0.1, copied: 0 }, 4103, 'right'],
    ['5 % lost, 10 % delayed, 5 % copied', { lost: 0.05, delayed: 0.1, copied: 0.05 }, 4104, 'right'],
    // What such a gateway sends may be counted twice where the network also delays or copies it: late packets of it cannot be told from a press before.
    [
      '5 % lost, from a gateway that moves the timestamp within a press',
      { lost: 0.05, delayed: 0, copied: 0 },
      4105,
      'moving',
    ],
  ];
  for (const [name, network, seed, gateway] of rows) {
    it(`${name} (seed ${seed})`, () => {
      const { sent, heard } = digitsOver(network, seed, gateway);
      assert.equal(sent.length, count);
      assert.equal(heard, sent);
    });
  }
});
