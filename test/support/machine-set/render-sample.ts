import { type Random, seededRandom } from '../../../src/lib/random.ts';
import { createG711Codec } from '../../../src/telephony/audio/g711.ts';
import type { ClipStore } from './clip-store.ts';
import type { Sample, SamplePart } from './sample.ts';

const sampleRate = 8000;
const packetSamples = 160;
/** The level of the clips' speech, and so what the noise is measured by. */
const speechLevel = 0.1 * 32767;

const codecs = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };

/** The audio of a sample from the answer on: 8 kHz, decoded from G.711, lost packets concealed by the packet before at half its level. */
export function renderSample(sample: Sample, clips: ClipStore): Int16Array {
  const random = seededRandom(sample.seed);
  const parts = sample.parts.map((part) => renderPart(part, clips, random));
  const clean = join(parts);
  const noise = renderNoise(sample, clean.length, { clips, random });
  const isQuiet = sample.isGated ? quietPackets(clean) : null;
  const gain = 10 ** (sample.gainDb / 20);
  const mixed = new Float32Array(clean.length);
  for (let index = 0; index < mixed.length; index += 1) {
    const heard = isQuiet?.[Math.floor(index / packetSamples)] === 1 ? 0 : (noise[index] ?? 0);
    mixed[index] = gain * ((clean[index] ?? 0) + heard);
  }
  if (sample.isNarrow) narrow(mixed);
  return lose(code(mixed, sample), sample.lossPercent, random);
}

function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function renderPart(part: SamplePart, clips: ClipStore, random: Random): Float32Array {
  if ('silenceMs' in part) return new Float32Array(samplesOf(part.silenceMs));
  if ('clip' in part) return Float32Array.from(clips.pcm(part.clip));
  if ('musicMs' in part) return renderMusic(samplesOf(part.musicMs), random);
  const { tonesHz, durationMs, level } = part;
  return renderTones(samplesOf(durationMs), tonesHz, level * 32767);
}

function samplesOf(durationMs: number): number {
  return Math.round((durationMs * sampleRate) / 1000);
}

function renderTones(length: number, tonesHz: readonly number[], amplitude: number): Float32Array {
  const tones = new Float32Array(length);
  for (const hz of tonesHz) {
    const step = (2 * Math.PI * hz) / sampleRate;
    for (let index = 0; index < length; index += 1) {
      const ramp = Math.min(1, index / 16, (length - 1 - index) / 16);
      tones[index] = (tones[index] ?? 0) + (ramp * amplitude * Math.sin(step * index)) / tonesHz.length;
    }
  }
  return tones;
}

function renderMusic(length: number, random: Random): Float32Array {
  const scale = [262, 294, 330, 392, 440, 523, 587, 659];
  const note = (): number => scale[Math.floor(random.float() * scale.length)] ?? 440;
  const beat = samplesOf(250);
  const tune = new Float32Array(length);
  for (let start = 0; start < length; start += beat) {
    const chord = [note(), note() / 2, note()].flatMap((hz) => [hz, 2 * hz, 3 * hz]);
    tune.set(renderTones(Math.min(beat, length - start), chord, speechLevel * 2.5), start);
  }
  return tune;
}

function renderNoise(sample: Sample, length: number, from: { clips: ClipStore; random: Random }): Float32Array {
  const { kind, snrDb } = sample.noise;
  const level = speechLevel / 10 ** (snrDb / 20);
  const noise = new Float32Array(length);
  switch (kind) {
    case 'none':
      break;
    case 'white':
      addWhite(noise, level, from.random);
      break;
    case 'hum':
      for (const [hz, share] of hum) addTone(noise, hz, level * share);
      break;
    case 'babble':
      addBabble(noise, level, from);
  }
  return noise;
}

/** The mains and two of its harmonics. */
const hum = [
  [50, 1],
  [150, 0.6],
  [250, 0.4],
] as const;

function addTone(noise: Float32Array, hz: number, level: number): void {
  const step = (2 * Math.PI * hz) / sampleRate;
  for (let index = 0; index < noise.length; index += 1)
    noise[index] = (noise[index] ?? 0) + level * Math.sin(step * index);
}

function addWhite(noise: Float32Array, level: number, random: Random): void {
  for (let index = 0; index < noise.length; index += 1) {
    // The sum of three uniform numbers has a standard deviation of half.
    noise[index] = 2 * level * (random.float() + random.float() + random.float() - 1.5);
  }
}

/** Six others who talk at the same time, backwards so that nothing can be understood. */
function addBabble(noise: Float32Array, level: number, from: { clips: ClipStore; random: Random }): void {
  const { clips, random } = from;
  const { names } = clips;
  const gain = level / speechLevel / Math.sqrt(6);
  for (let voice = 0; voice < 6; voice += 1) {
    for (let at = 0; at < noise.length; ) {
      const clip = clips.pcm(names[Math.floor(random.float() * names.length)] ?? '');
      const count = Math.min(clip.length, noise.length - at);
      for (let index = 0; index < count; index += 1) {
        noise[at + index] = (noise[at + index] ?? 0) + (clip[clip.length - 1 - index] ?? 0) * gain;
      }
      at += count;
    }
  }
}

/** 1 for each packet in which nobody speaks. */
function quietPackets(clean: Float32Array): Uint8Array {
  const quiet = new Uint8Array(Math.ceil(clean.length / packetSamples)).fill(1);
  for (let index = 0; index < clean.length; index += 1) {
    if (Math.abs(clean[index] ?? 0) >= 100) quiet[Math.floor(index / packetSamples)] = 0;
  }
  return quiet;
}

/** High pass at 300 Hz, low pass at 3,400 Hz, two poles each. */
function narrow(signal: Float32Array): void {
  biquad(signal, 300, true);
  biquad(signal, 3400, false);
}

function biquad(signal: Float32Array, hz: number, isHighPass: boolean): void {
  const omega = (2 * Math.PI * hz) / sampleRate;
  const alpha = Math.sin(omega) / Math.SQRT2;
  const cos = Math.cos(omega);
  const sum = isHighPass ? 1 + cos : 1 - cos;
  const b0 = sum / 2 / (1 + alpha);
  const b1 = (isHighPass ? -sum : sum) / (1 + alpha);
  const a1 = (-2 * cos) / (1 + alpha);
  const a2 = (1 - alpha) / (1 + alpha);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let index = 0; index < signal.length; index += 1) {
    const x = signal[index] ?? 0;
    const y = b0 * x + b1 * x1 + b0 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    signal[index] = y;
  }
}

function code(signal: Float32Array, { law }: Sample): Int16Array {
  const codec = codecs[law];
  const pcm = new Int16Array(signal.length);
  for (let index = 0; index < pcm.length; index += 1) {
    const clipped = Math.max(-32768, Math.min(32767, Math.round(signal[index] ?? 0)));
    pcm[index] = codec.decodeSample(codec.encodeSample(clipped));
  }
  return pcm;
}

function lose(pcm: Int16Array, lossPercent: number, random: Random): Int16Array {
  if (lossPercent === 0) return pcm;
  for (let start = packetSamples; start + packetSamples <= pcm.length; start += packetSamples) {
    if (random.float() * 100 >= lossPercent) continue;
    for (let index = start; index < start + packetSamples; index += 1) {
      pcm[index] = (pcm[index - packetSamples] ?? 0) >> 1;
    }
  }
  return pcm;
}
