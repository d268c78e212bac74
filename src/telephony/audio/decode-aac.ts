import { startAacProcess } from './aac/aac-process.ts';
import type { AacReply, AacRequest, AacStream } from './aac/protocol.ts';
import { findAdtsStart, readAdtsFrames } from './adts-frame.ts';
import { AudioError } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { id3Length } from './mp3-frame.ts';
import { readMp4Track } from './mp4-track.ts';

/** A frame decodes to at most 4,096 samples a channel, however small it is: so many make at most 17 MB of eight channels. */
const framesAtOnce = 128;

/** Decodes AAC or Apple Lossless in MP4, M4A or QuickTime. Rejects with an AudioError. */
export async function decodeMp4(bytes: Uint8Array, sink: AudioSink): Promise<void> {
  const { codec, config, gapless, frames } = readMp4Track(bytes);
  await decodeFrames({ kind: codec, config, gapless }, frames, sink);
}

/** Decodes AAC as a bare ADTS stream. Rejects with an AudioError. */
export async function decodeAdts(bytes: Uint8Array, sink: AudioSink): Promise<void> {
  const start = findAdtsStart(bytes, id3Length(bytes));
  if (start === null) throw new AudioError('not-decodable', 'the AAC stream is damaged');
  await decodeFrames({ kind: 'adts' }, readAdtsFrames(bytes, start), sink);
}

async function decodeFrames(stream: AacStream, frames: Iterable<Uint8Array>, sink: AudioSink): Promise<void> {
  const child = startAacProcess();
  const ask = async (request: AacRequest) => soundOf(await child.ask(request));
  let frameCount = 0;
  let blockCount = 0;
  try {
    await ask({ kind: 'open', stream });
    for (const batch of batches(frames)) {
      const { channelData, sampleRate } = await ask({ kind: 'decode', frames: batch });
      frameCount += batch.length;
      if (channelData.length > 0) blockCount += 1;
      await sink.add({ channelData, sampleRate });
    }
  } finally {
    child.close();
  }
  // A broken frame is passed over; where all are, the stream is.
  if (frameCount > 0 && blockCount === 0) throw new AudioError('not-decodable', 'none of its frames can be decoded');
}

function* batches(frames: Iterable<Uint8Array>): Generator<Uint8Array[]> {
  let batch: Uint8Array[] = [];
  for (const frame of frames) {
    batch.push(frame);
    if (batch.length === framesAtOnce) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function soundOf(reply: AacReply): Extract<AacReply, { readonly ok: true }> {
  if (reply.ok) return reply;
  throw new AudioError('not-decodable', reply.error);
}
