import { isMainThread, parentPort } from 'node:worker_threads';
import { type AudioDecodeFailure, type AudioDecodeRequest, decoderSampleRate } from './audio-decoder.ts';
import { AudioError } from './audio-error.ts';
import { decodeAudio } from './decode-audio.ts';
import type { DecodedAudio } from './mono-collector.ts';
import { resample } from './resample.ts';
import type { WorkerReply } from './worker-queue.ts';

/** The entry of the audio decoder's worker. */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.on('message', (request: AudioDecodeRequest) => {
    void decode(request).then((reply) => port.postMessage(reply, reply.ok ? [reply.value.pcm.buffer] : []));
  });
}

async function decode(request: AudioDecodeRequest): Promise<WorkerReply<DecodedAudio, AudioDecodeFailure>> {
  try {
    const audio = await decodeAudio(request.bytes, request.name);
    const pcm = await resample(audio.pcm, audio.sampleRate, decoderSampleRate);
    return { ok: true, value: { pcm, sampleRate: decoderSampleRate, durationMs: audio.durationMs } };
  } catch (error) {
    if (error instanceof AudioError) return { ok: false, failure: { reason: error.reason, message: error.message } };
    throw error;
  }
}
