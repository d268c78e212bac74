import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { AudioError, refuseTooLong } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { uintAt } from './bytes.ts';
import { type OggStream, readOggPackets } from './ogg-pages.ts';

/** A frame of digital silence is a few dozen bytes and up to 65,535 samples of each channel, so little goes in at a time: at most 60 MB come out. */
const pieceBytes = 1024;
const framesAtOnce = 8;

/** Decodes a FLAC file (RFC 9639). Rejects with an AudioError. */
export async function decodeFlac(bytes: Uint8Array, sink: AudioSink): Promise<void> {
  // "fLaC", then the STREAMINFO block: 4 bytes of header and 34 of content.
  const sampleRate = readSampleRate(bytes.subarray(8, 42));
  await decodeWith(sink, sampleRate, async (flac, give) => {
    for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
      await give(await flac.decode(bytes.subarray(offset, offset + pieceBytes)));
    }
    await give(await flac.flush());
  });
}

/** Decodes FLAC in Ogg (RFC 9639 10.1): after the headers, each packet is one frame. Rejects with an AudioError. */
export async function decodeOggFlac(stream: OggStream, sink: AudioSink): Promise<void> {
  // 0x7F "FLAC", version, number of headers, "fLaC", block header, STREAMINFO.
  const sampleRate = readSampleRate(stream.header.subarray(17, 51));
  await decodeWith(sink, sampleRate, async (flac, give) => {
    const frames: Uint8Array[] = [];
    for (const packet of readOggPackets(stream)) {
      // A frame begins with its sync code, a metadata block with its type.
      if (packet[0] !== 0xff) continue;
      frames.push(packet);
      if (frames.length === framesAtOnce) await give(await flac.decodeFrames(frames.splice(0)));
    }
    if (frames.length > 0) await give(await flac.decodeFrames(frames));
  });
}

type Decoded = { readonly channelData: readonly Float32Array[]; readonly errors: readonly unknown[] };

async function decodeWith(
  sink: AudioSink,
  sampleRate: number,
  decode: (flac: FLACDecoder, give: (decoded: Decoded) => Promise<void>) => Promise<void>,
): Promise<void> {
  const flac = new FLACDecoder();
  await flac.ready;
  try {
    await decode(flac, async ({ channelData, errors }) => {
      if (errors.length > 0) throw new AudioError('not-decodable', 'the FLAC stream is damaged');
      await sink.add({ channelData, sampleRate });
    });
  } finally {
    flac.free();
  }
}

/** The sample rate in a STREAMINFO block (RFC 9639 8.2). Throws an AudioError, also when the block says that the sound is too long. */
function readSampleRate(block: Uint8Array): number {
  if (block.length < 34) throw new AudioError('not-decodable', 'the FLAC header is cut off');
  const sampleRate = uintAt(block, 10, 3) >> 4;
  const totalSamples = (uintAt(block, 13, 1) & 0x0f) * 2 ** 32 + uintAt(block, 14, 4);
  if (sampleRate === 0) throw new AudioError('not-decodable', 'the FLAC header names no sample rate');
  refuseTooLong(totalSamples, sampleRate);
  return sampleRate;
}
