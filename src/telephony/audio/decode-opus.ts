import { OpusDecoder } from 'opus-decoder';
import { AudioError, refuseTooLong } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { asciiAt } from './bytes.ts';
import { type OggStream, readOggPackets } from './ogg-pages.ts';

/** Opus counts in 48 kHz samples (RFC 7845 4) and decodes to any of its rates; this one is the highest that a telephone hears. */
const granuleRate = 48_000;
const sampleRate = 16_000;

/** A packet holds up to 120 ms in as little as two bytes, so packets are what is counted: at most six seconds at a time. */
const packetsAtOnce = 50;
const mostChannels = 8;

type OpusHead = {
  readonly channels: number;
  /** Samples at 48 kHz before the sound begins. */
  readonly preSkip: number;
  readonly gain: number;
  readonly streamCount: number;
  readonly coupledStreamCount: number;
  readonly mapping: readonly number[];
};

/** Decodes Ogg Opus (RFC 7845): mono, stereo and surround; pre-skip, output gain and the end that the last page tells are kept. Rejects with an AudioError. */
export async function decodeOggOpus(stream: OggStream, sink: AudioSink): Promise<void> {
  const head = readHead(stream.header);
  refuseTooLong(stream.lastGranule - head.preSkip, granuleRate);
  const toRate = (samples: number): number => Math.round((samples * sampleRate) / granuleRate);
  const opus = new OpusDecoder({
    sampleRate,
    channels: head.channels,
    streamCount: head.streamCount,
    coupledStreamCount: head.coupledStreamCount,
    channelMappingTable: [...head.mapping],
  });
  await opus.ready;
  let toSkip = toRate(head.preSkip);
  let left = toRate(Math.max(0, stream.lastGranule - head.preSkip));
  try {
    for (const packets of batches(stream)) {
      if (left === 0) break;
      const decoded = opus.decodeFrames(packets);
      if (decoded.errors.length === packets.length) throw new AudioError('not-decodable', 'the Opus stream is damaged');
      const start = Math.min(toSkip, decoded.samplesDecoded);
      const end = Math.min(decoded.samplesDecoded, start + left);
      toSkip -= start;
      left -= end - start;
      const channelData = decoded.channelData.map((channel) => channel.subarray(start, end));
      for (const channel of channelData) scale(channel, head.gain);
      await sink.add({ channelData, sampleRate });
    }
  } finally {
    opus.free();
  }
}

/** The stream's audio packets: all but its two headers. */
function* batches(stream: OggStream): Generator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let index = 0;
  for (const packet of readOggPackets(stream)) {
    index += 1;
    if (index <= 2 || packet.length === 0) continue;
    batch.push(packet);
    if (batch.length === packetsAtOnce) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** RFC 7845 5.1. */
function readHead(packet: Uint8Array): OpusHead {
  const channels = packet[9] ?? 0;
  const family = packet[18];
  const isReadable = packet.length >= 19 && asciiAt(packet, 0, 'OpusHead') && channels >= 1;
  if (!isReadable) throw new AudioError('not-decodable', 'the Opus header is damaged');
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const common = { channels, preSkip: view.getUint16(10, true), gain: 10 ** (view.getInt16(16, true) / 256 / 20) };
  if (family === 0 && channels <= 2) {
    return { ...common, streamCount: 1, coupledStreamCount: channels - 1, mapping: channels === 1 ? [0] : [0, 1] };
  }
  if (family !== 1 || channels > mostChannels || packet.length < 21 + channels) {
    throw new AudioError('unsupported-format', `Opus of ${channels} channels (mapping ${family}) is not supported`);
  }
  const [streamCount = 0, coupledStreamCount = 0] = packet.subarray(19, 21);
  const mapping = [...packet.subarray(21, 21 + channels)];
  const coded = streamCount + coupledStreamCount;
  const isSound =
    streamCount >= 1 && coupledStreamCount <= streamCount && mapping.every((index) => index === 255 || index < coded);
  if (!isSound || coded > 255) throw new AudioError('not-decodable', 'the Opus header is damaged');
  return { ...common, streamCount, coupledStreamCount, mapping };
}

function scale(samples: Float32Array, gain: number): void {
  if (gain === 1) return;
  for (let index = 0; index < samples.length; index += 1) samples[index] = (samples[index] ?? 0) * gain;
}
