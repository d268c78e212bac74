import { isMainThread, parentPort } from 'node:worker_threads';
import type { AudioFailure, AudioFile, AudioRequest, PlainAudio } from './audio-decoder.ts';
import { AudioError } from './audio-error.ts';
import { decodeAudio } from './decode-audio.ts';
import { type FinishedAudio, finishAudio } from './finish-audio.ts';
import { type MonoAudio, type MonoMix, MonoSink } from './mono-sink.ts';
import type { WorkerReply } from './worker-queue.ts';

/** The entry of the audio decoder's worker. */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  port.on('message', (request: AudioRequest) => {
    void answer(request).then((reply) => {
      port.postMessage(reply, reply.ok ? [reply.value.pcm.buffer, reply.value.waveform.buffer] : []);
    });
  });
}

async function answer(request: AudioRequest): Promise<WorkerReply<FinishedAudio, AudioFailure>> {
  try {
    return { ok: true, value: await finished(request) };
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
    const { reason, message, format } = error;
    return { ok: false, failure: { reason, message, format } };
  }
}

async function finished(request: AudioRequest): Promise<FinishedAudio> {
  switch (request.kind) {
    case 'file':
      return finishAudio(await monoOf(request.file), request.file);
    case 'plain':
      return finishAudio(floatsOf(request.audio), request.finish);
  }
}

/** Mono at a telephone's rate. Where left and right cancel each other, which is known at the end only, the file is decoded again. */
async function monoOf({ bytes, name }: Pick<AudioFile, 'bytes' | 'name'>, mix: MonoMix = 'mean'): Promise<MonoAudio> {
  const sink = new MonoSink({ mix, rateFor: promptRate });
  try {
    await decodeAudio(bytes, name, sink);
    return sink.isUpsideDown ? await monoOf({ bytes, name }, 'difference') : sink.finish();
  } finally {
    sink.close();
  }
}

/** Wideband codecs carry 16 kHz; a file that has no more than 8 kHz would not sound better for it. */
function promptRate(sampleRate: number): number {
  return sampleRate > 8000 ? 16_000 : 8000;
}

function floatsOf({ pcm, sampleRate }: PlainAudio): MonoAudio {
  return { samples: Float32Array.from(pcm, (sample) => sample / 32_768), sampleRate };
}
