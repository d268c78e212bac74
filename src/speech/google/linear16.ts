import { InfrastructureError } from '../../lib/errors.ts';
import type { SpeechAudio } from '../synthesizer.ts';

/** Reads Google's LINEAR16: a WAV of mono samples of 16 bits. Throws a retryable InfrastructureError for anything else. */
export function readLinear16(wav: Uint8Array): SpeechAudio {
  const view = new DataView(wav.buffer, wav.byteOffset, wav.byteLength);
  let sampleRate = 0;
  for (let at = 12; isWav(view) && at + 8 <= view.byteLength; ) {
    const id = view.getUint32(at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (id === fmtChunk && size >= 16 && start + 16 <= view.byteLength) {
      if (!isMono16(view, start)) break;
      sampleRate = view.getUint32(start + 4, true);
    }
    if (id === dataChunk && sampleRate > 0) return { pcm: samplesOf(view, start, size), sampleRate };
    at = start + size + (size % 2);
  }
  throw new InfrastructureError('Google Text-to-Speech: the answer is not the audio that was asked for', {
    retryable: true,
  });
}

const riff = 0x52494646;
const wave = 0x57415645;
const fmtChunk = 0x666d7420;
const dataChunk = 0x64617461;

function isWav(view: DataView): boolean {
  return view.byteLength >= 12 && view.getUint32(0) === riff && view.getUint32(8) === wave;
}

/** PCM, one channel, 16 bits. */
function isMono16(view: DataView, start: number): boolean {
  return (
    view.getUint16(start, true) === 1 &&
    view.getUint16(start + 2, true) === 1 &&
    view.getUint16(start + 14, true) === 16
  );
}

/** A streamed file says that it has no end. */
function samplesOf(view: DataView, start: number, size: number): Int16Array {
  const bytes = Math.min(size, view.byteLength - start);
  return Int16Array.from({ length: Math.floor(bytes / 2) }, (_, index) => view.getInt16(start + 2 * index, true));
}
