import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/lib/random.ts';
import { createG711Codec } from '../src/telephony/audio/g711.ts';
import { Playout } from '../src/telephony/rtp/playout.ts';
import { ReceivedAudio } from '../src/telephony/rtp/received-audio.ts';
import { createThreadCodecs } from '../src/telephony/rtp/received-codecs.ts';
import { RtpReceiver } from '../src/telephony/rtp/rtp-receiver.ts';
import { RtpSender } from '../src/telephony/rtp/rtp-sender.ts';
import { Silence } from '../src/telephony/rtp/silence.ts';
import { SrtpProtector } from '../src/telephony/rtp/srtp/srtp-protector.ts';
import {
  isSrtpSuiteName,
  masterKeyBytes,
  type SrtpSuiteName,
  srtpSuites,
} from '../src/telephony/rtp/srtp/srtp-suite.ts';
import { SrtpUnprotector } from '../src/telephony/rtp/srtp/srtp-unprotector.ts';
import type { BenchResult } from './result.ts';

/** CPU microseconds per packet. */
type Cost = { readonly suite: SrtpSuiteName | 'clear'; readonly sendUs: number; readonly receiveUs: number };

const host = '127.0.0.1';

/**
 * What SRTP costs a packet of 20 ms of G.711: CPU of building and sending it through a connected socket, and of taking the same packet (already read
 * from its socket), in clear and in each suite, in turns within one run. The value is how many packets a second one core sends and takes, half each, with the
 * suite that everybody speaks; the peer is the same in clear. Options: `--packets` 20000 per turn, `--turns` 5 (the median counts).
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { packets: { type: 'string', default: '20000' }, turns: { type: 'string', default: '5' } },
  });
  const loadAverage = loadavg()[0] ?? 0;
  const suites = ['clear', ...Object.keys(srtpSuites).filter(isSrtpSuiteName)] as const;
  const measured = new Map(suites.map((suite) => [suite, [] as Cost[]]));
  const socket = await openSocket();
  for (let turn = 0; turn <= Number(values.turns); turn += 1) {
    for (const suite of suites) {
      const cost = await measure(suite, Number(values.packets), socket);
      // The first turn compiles the code.
      if (turn > 0) measured.get(suite)?.push(cost);
      console.error(JSON.stringify({ turn, ...cost }));
    }
  }
  socket.close();
  const costs = suites.map((suite) => medianOf(suite, measured.get(suite) ?? []));
  const packetsPerCore = (suite: Cost['suite']): number => {
    const cost = costs.find((candidate) => candidate.suite === suite);
    return cost === undefined ? 0 : Math.round(2_000_000 / (cost.sendUs + cost.receiveUs));
  };
  const [value, peerValue] = [packetsPerCore('AES_CM_128_HMAC_SHA1_80'), packetsPerCore('clear')];
  return {
    bench: 'srtp',
    value,
    unit: 'packets/s per core with AES_CM_128_HMAC_SHA1_80, half sent and half taken',
    peer: 'the same in clear',
    peerValue,
    ratio: Math.round((value / peerValue) * 1000) / 1000,
    loadAverage,
    costs,
  };
}

/** Connected to a port that the kernel takes packets for and nobody reads: its buffer is full soon, which costs the sender the same. */
async function openSocket(): Promise<Socket> {
  const [socket, sink] = [createSocket('udp4'), createSocket('udp4').unref()];
  sink.bind(0, host);
  await once(sink, 'listening');
  socket.connect(sink.address().port, host);
  await once(socket, 'connect');
  return socket;
}

async function measure(suite: Cost['suite'], packets: number, socket: Socket): Promise<Cost> {
  const key = suite === 'clear' ? null : { suite, masterKey: randomBytes(masterKeyBytes(suite)) };
  const protector = key === null ? null : new SrtpProtector(key);
  const unprotector = key === null ? null : new SrtpUnprotector(key);
  const g711 = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };
  const format = {
    payloadType: 8,
    eventPayloadType: 101,
    silence: new Silence(g711).payload('PCMA'),
    packetSamples: 160,
    payloadBytes: 160,
    unitsPerSample: 1,
    eventUnitsPerSample: 1,
    canSend: true,
  };
  const sender = new RtpSender(format, new Playout(() => undefined), seededRandom(1));
  const codecs = new Map([[8, createThreadCodecs(g711).PCMA]]);
  const receiver = new RtpReceiver(
    { payloadType: 8, eventPayloadType: 101 },
    codecs,
    { onFirstPacket: () => undefined, onDigit: () => undefined },
    new ReceivedAudio(codecs),
  );
  const sent: Buffer[] = [];
  const sendUs = await cpuPerPacket(packets, () => {
    const clear = sender.next();
    if (clear === null) throw new Error('the sender is on hold');
    const wire = protector === null ? clear : protector.protect(clear);
    socket.send(wire);
    sent.push(Buffer.from(wire));
  });
  let at = 0;
  const receiveUs = await cpuPerPacket(packets, () => {
    const wire = sent[at] ?? Buffer.alloc(0);
    at += 1;
    const clear = unprotector === null ? wire : unprotector.unprotect(wire);
    if (clear === null || !receiver.receive(clear, at * 20)) throw new Error(`packet ${at} was not taken`);
  });
  return { suite, sendUs, receiveUs };
}

/** In pieces, so that the event loop can let go of what was sent. */
async function cpuPerPacket(packets: number, work: () => void): Promise<number> {
  let usedUs = 0;
  for (let done = 0; done < packets; done += 100) {
    const before = process.cpuUsage();
    for (let count = 0; count < 100; count += 1) work();
    await new Promise((resolve) => setImmediate(resolve));
    const { user, system } = process.cpuUsage(before);
    usedUs += user + system;
  }
  return usedUs / packets;
}

function medianOf(suite: Cost['suite'], costs: readonly Cost[]): Cost {
  const median = (figures: readonly number[]): number => {
    const sorted = figures.toSorted((a, b) => a - b);
    return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 100) / 100;
  };
  return {
    suite,
    sendUs: median(costs.map((cost) => cost.sendUs)),
    receiveUs: median(costs.map((cost) => cost.receiveUs)),
  };
}
