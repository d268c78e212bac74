import { AudioError, longestAudioMs } from './audio-error.ts';

/** What a decoder gives out at a time: one array per channel, samples from -1 to 1. */
export type AudioBlock = { readonly channelData: readonly Float32Array[]; readonly sampleRate: number };

/** Audio as everything here uses it. */
export type DecodedAudio = {
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array<ArrayBuffer>;
  readonly sampleRate: number;
  readonly durationMs: number;
};

const scaleUp = 32_767;
const scaleDown = 32_768;

/** Joins decoded blocks into mono 16 bit: the mean of all channels, clipped; what is not a number is silence. */
export class MonoCollector {
  #pcm = new Int16Array(65_536);
  #length = 0;
  #sampleRate = 0;

  /** Appends a block. Throws an AudioError when the whole becomes too long, or the sample rate changes on the way. */
  add(block: AudioBlock): void {
    const frames = block.channelData[0]?.length ?? 0;
    if (frames === 0) return;
    if (this.#sampleRate === 0) this.#sampleRate = block.sampleRate;
    if (block.sampleRate !== this.#sampleRate) {
      throw new AudioError('not-decodable', 'the sample rate changes inside the file');
    }
    const longest = (this.#sampleRate * longestAudioMs) / 1000;
    if (this.#length + frames > longest) throw new AudioError('too-long', 'the audio is longer than 10 minutes');
    this.#reserve(frames);
    for (let frame = 0; frame < frames; frame += 1) this.#pcm[this.#length + frame] = mixAt(block.channelData, frame);
    this.#length += frames;
  }

  /** The whole. Throws an AudioError when there is nothing. */
  finish(): DecodedAudio {
    if (this.#length === 0) throw new AudioError('no-samples', 'the file contains no sound');
    const pcm = this.#pcm.slice(0, this.#length);
    return { pcm, sampleRate: this.#sampleRate, durationMs: Math.round((this.#length * 1000) / this.#sampleRate) };
  }

  #reserve(frames: number): void {
    const needed = this.#length + frames;
    if (needed <= this.#pcm.length) return;
    const grown = new Int16Array(Math.max(needed, this.#pcm.length * 2));
    grown.set(this.#pcm.subarray(0, this.#length));
    this.#pcm = grown;
  }
}

function mixAt(channels: readonly Float32Array[], frame: number): number {
  let sum = 0;
  for (const channel of channels) sum += channel[frame] ?? 0;
  const mean = sum / channels.length;
  if (Number.isNaN(mean)) return 0;
  const scaled = Math.round(mean * (mean < 0 ? scaleDown : scaleUp));
  return Math.max(-scaleDown, Math.min(scaleUp, scaled));
}
