import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Random, seededRandom } from '../../lib/random.ts';
import { Playout } from './playout.ts';
import { ReceivedAudio } from './received-audio.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { RtpSender } from './rtp-sender.ts';

/** What a network does to a packet; shares of 1. */
type Network = { readonly lost: number; readonly delayed: number; readonly copied: number };

type Arrival = { readonly atMs: number; readonly packet: Buffer };

const count = 10_000;
const packetMs = 20;
const keys = '0123456789*#ABCD';

/**
 * 10,000 keys of 40 to 200 ms, each 60 to 100 ms after the one before, in a stream of silence, as our own sender writes them. So a press has four packets or
 * more, and the chance that a network which loses one in twenty, each by itself, takes all of one is 0.05^4, or one in 160,000: with it nobody could know of
 * the press. The seeds below have no such press. A delayed packet comes 20 to 120 ms late, so behind up to six others, and behind the next press's first ones.
 */
function digitsOver(network: Network, random: Random): { readonly sent: string; readonly heard: string } {
  const { sent, arrivals } = transmit(network, random);
  let heard = '';
  const receiver = new RtpReceiver(
    { payloadType: 8, eventPayloadType: 101 },
    new Map(),
    { onFirstPacket: () => undefined, onDigit: (digit) => (heard += digit) },
    new ReceivedAudio(new Map()),
  );
  let nowMs = 0;
  for (const { atMs, packet } of arrivals) {
    for (; nowMs < atMs; nowMs += packetMs) receiver.passTime(nowMs);
    receiver.receive(packet, atMs);
  }
  receiver.passTime(nowMs + 1000);
  return { sent, heard };
}

function transmit(network: Network, random: Random): { readonly sent: string; readonly arrivals: readonly Arrival[] } {
  const format = {
    payloadType: 8,
    eventPayloadType: 101,
    silence: new Uint8Array(160).fill(0xd5),
    packetSamples: 160,
    payloadBytes: 160,
    unitsPerSample: 1,
    eventUnitsPerSample: 1,
    canSend: true,
  };
  const sender = new RtpSender(format, new Playout(() => undefined), random);
  const below = (bound: number): number => Math.floor(random.float() * bound);
  const arrivals: Arrival[] = [];
  let sent = '';
  let nextKeyMs = 0;
  for (let nowMs = 0; sent.length < count || nowMs < nextKeyMs + 500; nowMs += packetMs) {
    if (nowMs >= nextKeyMs && sent.length < count) {
      const key = keys[below(keys.length)] ?? '0';
      const durationMs = 40 + below(161);
      sender.sendDigit(key, durationMs * 8);
      sent += key;
      nextKeyMs = nowMs + Math.ceil(durationMs / packetMs) * packetMs + 60 + below(3) * packetMs;
    }
    const packet = sender.next();
    if (packet === null || random.float() < network.lost) continue;
    const atMs = nowMs + (random.float() < network.delayed ? 20 + below(101) : 0);
    arrivals.push({ atMs, packet: Buffer.from(packet) });
    if (random.float() < network.copied) arrivals.push({ atMs: atMs + below(200), packet: Buffer.from(packet) });
  }
  return { sent, arrivals: arrivals.sort((one, other) => one.atMs - other.atMs) };
}

describe('ten thousand digits, none missed and none doubled', () => {
  const networks: readonly (readonly [name: string, network: Network, seed: number])[] = [
    ['5 % lost', { lost: 0.05, delayed: 0, copied: 0 }, 4101],
    ['10 % delayed behind others', { lost: 0, delayed: 0.1, copied: 0 }, 4102],
    ['5 % lost, 10 % delayed', { lost: 0.05, delayed: 0.1, copied: 0 }, 4103],
    ['5 % lost, 10 % delayed, 5 % copied', { lost: 0.05, delayed: 0.1, copied: 0.05 }, 4104],
  ];
  for (const [name, network, seed] of networks) {
    it(`${name} (seed ${seed})`, () => {
      const { sent, heard } = digitsOver(network, seededRandom(seed));
      assert.equal(sent.length, count);
      assert.equal(heard, sent);
    });
  }
});
