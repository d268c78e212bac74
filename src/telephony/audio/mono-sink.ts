import { AudioError, refuseTooLong } from './audio-error.ts';
import type { AudioBlock, AudioSink } from './audio-sink.ts';
import { Resampler } from './resampler.ts';
import { SampleStore } from './sample-store.ts';

/** Mono sound, full scale is -1 to 1; loud floating-point files reach beyond. */
export type MonoAudio = { readonly samples: Float32Array<ArrayBuffer>; readonly sampleRate: number };

/**
 * How channels become one. `mean`: half of left plus half of right, and so on. `difference`: half of left minus half of right, for stereo of which one side is
 * upside down, as a wrongly wired microphone records it, and of which the mean would be silence.
 */
export type MonoMix = 'mean' | 'difference';

export type MonoSinkOptions = {
  readonly mix: MonoMix;
  /** The rate that sound of a rate is converted to, both in Hz. */
  readonly rateFor: (sampleRate: number) => number;
};

/** A telephone hears no more, and the resampler is measured up to here. */
const sampleRates = { least: 4000, most: 192_000 };
/** Floating-point files may hold anything; 12 dB above full scale still is sound. */
const mostAmplitude = 4;
/** So much more energy in the difference of left and right than in their mean is no stereo picture: 6 dB. */
const upsideDown = 4;

/** Mixes what a decoder gives to mono, resampled on the way: ten minutes at 16 kHz are 38 MB, whatever they were in the file. */
export class MonoSink implements AudioSink {
  readonly #options: MonoSinkOptions;
  readonly #store = new SampleStore();
  readonly #append = (samples: Float32Array): void => this.#store.append(samples);
  #resampler: Resampler | null = null;
  #sampleRate = 0;
  #taken = 0;
  #mixed = new Float32Array(0);
  #meanEnergy = 0;
  #differenceEnergy = 0;

  constructor(options: MonoSinkOptions) {
    this.#options = options;
  }

  /** Rejects when the whole becomes too long, or the sample rate changes on the way. */
  async add({ channelData, sampleRate }: AudioBlock): Promise<void> {
    const frames = channelData[0]?.length ?? 0;
    if (frames === 0) return;
    this.#resampler ??= await this.#open(sampleRate);
    if (sampleRate !== this.#sampleRate) {
      throw new AudioError('not-decodable', 'the sample rate changes inside the file');
    }
    this.#taken += frames;
    refuseTooLong(this.#taken, sampleRate);
    if (this.#mixed.length < frames) this.#mixed = new Float32Array(frames);
    const mixed = this.#mixed.subarray(0, frames);
    this.#mix(channelData, mixed);
    this.#resampler.push(mixed, this.#append);
  }

  /** Whether the sound has to be decoded again with the other mix: left and right cancel each other. */
  get isUpsideDown(): boolean {
    return this.#options.mix === 'mean' && this.#differenceEnergy > upsideDown * this.#meanEnergy;
  }

  /** The whole. Throws an AudioError when there is nothing. */
  finish(): MonoAudio {
    if (this.#resampler === null) throw new AudioError('no-samples', 'the file contains no sound');
    this.#resampler.finish(this.#append);
    return { samples: this.#store.samples, sampleRate: this.#options.rateFor(this.#sampleRate) };
  }

  /** Frees the resampler's memory. Idempotent. */
  close(): void {
    this.#resampler?.close();
    this.#resampler = null;
  }

  #open(sampleRate: number): Promise<Resampler> {
    if (!(sampleRate >= sampleRates.least && sampleRate <= sampleRates.most)) {
      throw new AudioError('not-decodable', `${sampleRate} samples per second are not supported`);
    }
    this.#sampleRate = sampleRate;
    return Resampler.create(sampleRate, this.#options.rateFor(sampleRate));
  }

  #mix(channels: readonly Float32Array[], out: Float32Array): void {
    const [left, right] = channels;
    if (left !== undefined && right !== undefined && channels.length === 2) {
      this.#mixStereo(left, right, out);
      return;
    }
    for (let frame = 0; frame < out.length; frame += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[frame] ?? 0;
      out[frame] = bounded(sum / channels.length);
    }
  }

  #mixStereo(left: Float32Array, right: Float32Array, out: Float32Array): void {
    let meanEnergy = 0;
    let differenceEnergy = 0;
    const isMean = this.#options.mix === 'mean';
    for (let frame = 0; frame < out.length; frame += 1) {
      const half = bounded((left[frame] ?? 0) / 2);
      const otherHalf = bounded((right[frame] ?? 0) / 2);
      const mean = half + otherHalf;
      const difference = half - otherHalf;
      meanEnergy += mean * mean;
      differenceEnergy += difference * difference;
      out[frame] = isMean ? mean : difference;
    }
    this.#meanEnergy += meanEnergy;
    this.#differenceEnergy += differenceEnergy;
  }
}

/** What is not a number is silence. */
function bounded(sample: number): number {
  if (sample > mostAmplitude) return mostAmplitude;
  if (sample < -mostAmplitude) return -mostAmplitude;
  return Number.isNaN(sample) ? 0 : sample;
}
