/**
 * A recording whose spectrum is known at every moment, so that whoever hears it can say what was done to it: a wrong rate, a lost channel, clipping,
 * what lies above 4 kHz folded down, a part cut off or out of order.
 */

/** A stretch of the signal. */
export type SignalPart = {
  readonly what: string;
  /** The tones of each channel; those of both are heard at full level in mono, those of one at half. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Amplitude of each tone, 1 = full scale. */
  readonly level: number;
  readonly durationS: number;
};

const both = (hz: readonly number[]): Pick<SignalPart, 'left' | 'right'> => ({ left: hz, right: hz });

/** What is played, in order, `partGapS` of silence after each part; the sweep comes after them, and then the last tone. */
export const signalParts: readonly SignalPart[] = [
  { what: 'low', ...both([400]), level: 0.25, durationS: 0.4 },
  { what: 'half as loud', ...both([1000]), level: 0.125, durationS: 0.4 },
  { what: 'middle', ...both([2200]), level: 0.25, durationS: 0.4 },
  { what: 'high', ...both([3100]), level: 0.25, durationS: 0.4 },
  { what: 'a tone on each channel', left: [1200], right: [2600], level: 0.25, durationS: 0.4 },
  { what: 'above what a telephone carries', ...both([6000]), level: 0.25, durationS: 0.4 },
  { what: 'two at once', ...both([700, 1900]), level: 0.125, durationS: 0.4 },
];
export const partGapS = 0.1;
export const sweep = { fromHz: 300, toHz: 3300, durationS: 1, level: 0.25 };
export const lastTone: SignalPart = { what: 'the end', ...both([1500]), level: 0.25, durationS: 0.3 };

/** Where each part begins, seconds from the first; then where the sweep and the last tone do. */
export const partStartsS: readonly number[] = signalParts.map((_, index) => lengthOf(signalParts.slice(0, index)));
export const sweepStartS = lengthOf(signalParts);
export const lastToneStartS = sweepStartS + sweep.durationS + partGapS;
export const signalDurationS = lastToneStartS + lastTone.durationS;

/** Both channels, samples of -1 to 1. */
export type StereoSignal = {
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly sampleRate: number;
};

/** Renders it. */
export function spectrumSignal(sampleRate: number): StereoSignal {
  const length = Math.round(signalDurationS * sampleRate);
  const signal = { left: new Float32Array(length), right: new Float32Array(length), sampleRate };
  const parts = [...signalParts, lastTone];
  const starts = [...partStartsS, lastToneStartS];
  for (const [index, part] of parts.entries()) {
    const start = starts[index] ?? 0;
    for (const channel of ['left', 'right'] as const) {
      for (const hz of part[channel]) {
        const phaseAt = (s: number): number => 2 * Math.PI * hz * s;
        addTone(signal[channel], { ...part, sampleRate, start, phaseAt });
      }
    }
  }
  const { fromHz, toHz, durationS } = sweep;
  const sweepPhase = (s: number): number => 2 * Math.PI * (fromHz * s + ((toHz - fromHz) * s * s) / (2 * durationS));
  for (const channel of ['left', 'right'] as const)
    addTone(signal[channel], { ...sweep, sampleRate, start: sweepStartS, phaseAt: sweepPhase });
  return signal;
}

type ToneOfPart = {
  readonly sampleRate: number;
  readonly start: number;
  readonly durationS: number;
  readonly level: number;
  readonly phaseAt: (s: number) => number;
};

/** With a ramp of 5 ms at both ends, so that its spectrum has no click in it. */
function addTone(channel: Float32Array, { sampleRate, start, durationS, level, phaseAt }: ToneOfPart): void {
  const first = Math.round(start * sampleRate);
  const length = Math.round(durationS * sampleRate);
  const ramp = 0.005 * sampleRate;
  for (let index = 0; index < length && first + index < channel.length; index += 1) {
    const gain = level * Math.min(1, index / ramp, (length - 1 - index) / ramp);
    channel[first + index] = (channel[first + index] ?? 0) + gain * Math.sin(phaseAt(index / sampleRate));
  }
}

function lengthOf(parts: readonly SignalPart[]): number {
  return parts.reduce((sum, part) => sum + part.durationS + partGapS, 0);
}

/** The frequency of the sweep at that many seconds from its beginning. */
export function sweepHzAt(s: number): number {
  return sweep.fromHz + ((sweep.toHz - sweep.fromHz) * s) / sweep.durationS;
}

/** A WAV file of 32-bit floats, which loses nothing. */
export function encodeFloatWav({ left, right, sampleRate }: StereoSignal): Buffer {
  const data = Buffer.alloc(left.length * 8);
  for (const [index, sample] of left.entries()) {
    data.writeFloatLE(sample, index * 8);
    data.writeFloatLE(right[index] ?? 0, index * 8 + 4);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(3, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 8, 28);
  header.writeUInt16LE(8, 32);
  header.writeUInt16LE(32, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
