import type { Random } from '../../src/lib/random.ts';

/** Sounds that are no speech and no keys, 8 kHz, by name. */
export type SoundName = 'music' | 'white-noise' | 'pink-noise' | 'machine' | 'call-tones';

export const soundNames: readonly SoundName[] = ['music', 'white-noise', 'pink-noise', 'machine', 'call-tones'];

const sampleRate = 8000;

/** Ten seconds of a kind of sound; other ones with every call. */
export function soundOf(name: SoundName, random: Random): Int16Array<ArrayBuffer> {
  const out = new Float64Array(10 * sampleRate);
  switch (name) {
    case 'music':
      addMusic(out, random);
      break;
    case 'white-noise':
      addNoise(out, 0, random);
      break;
    case 'pink-noise':
      addNoise(out, 0.95, random);
      break;
    case 'machine':
      addMachine(out, random);
      break;
    case 'call-tones':
      addCallTones(out, random);
      break;
  }
  const peak = out.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return Int16Array.from(out, (value) => Math.round((value / peak) * 28_000));
}

type Note = {
  readonly frequencyHz: number;
  readonly startS: number;
  readonly lengthS: number;
  readonly overtones: readonly number[];
};

/** Chords and a melody of the tempered scale; each note with the overtones of a string, a reed or a pipe, and dying away. */
function addMusic(out: Float64Array, random: Random): void {
  const timbres = [
    [1, 0.6, 0.45, 0.3, 0.2, 0.12],
    [1, 0.1, 0.5, 0.08, 0.3, 0.05],
    [1, 0.35, 0.2, 0.1],
  ];
  for (let startS = 0; startS < 9.5; startS += 0.1 + random.float() * 0.4) {
    const overtones = timbres[Math.floor(random.float() * timbres.length)] ?? [1];
    const voices = random.float() < 0.5 ? 1 : 3;
    for (let voice = 0; voice < voices; voice += 1) {
      const frequencyHz = 110 * 2 ** (Math.floor(random.float() * 40) / 12);
      addNote(out, { frequencyHz, startS, lengthS: 0.1 + random.float() * 0.8, overtones });
    }
  }
}

function addNote(out: Float64Array, { frequencyHz, startS, lengthS, overtones }: Note): void {
  const from = Math.round(startS * sampleRate);
  const length = Math.min(Math.round(lengthS * sampleRate), out.length - from);
  for (let index = 0; index < length; index += 1) {
    const seconds = index / sampleRate;
    const gain = Math.min(1, seconds / 0.01, (lengthS - seconds) / 0.02) * Math.exp(-2 * seconds);
    let value = 0;
    for (const [nth, share] of overtones.entries()) {
      const partialHz = frequencyHz * (nth + 1);
      if (partialHz < 3400) value += share * Math.sin(2 * Math.PI * partialHz * seconds);
    }
    out[from + index] = (out[from + index] ?? 0) + gain * value;
  }
}

/** Noise, the redder the nearer `memory` is to 1. */
function addNoise(out: Float64Array, memory: number, random: Random): void {
  let last = 0;
  for (let index = 0; index < out.length; index += 1) {
    last = memory * last + (random.float() - 0.5);
    out[index] = (out[index] ?? 0) + last;
  }
}

/** An engine: a low hum with all its overtones, faster and slower, in noise. */
function addMachine(out: Float64Array, random: Random): void {
  const hz = 40 + random.float() * 160;
  let phase = 0;
  for (let index = 0; index < out.length; index += 1) {
    phase += (2 * Math.PI * hz * (1 + 0.2 * Math.sin(index / 9000))) / sampleRate;
    let value = (random.float() - 0.5) * 0.3;
    for (let partial = 1; partial * hz < 2800; partial += 1) value += Math.sin(phase * partial) / Math.sqrt(partial);
    out[index] = value;
  }
}

/** What is heard in calls: dial, ringing, busy and special information tones, fax, modem, beeps. */
const callTones: readonly (readonly number[])[] = [
  [350, 440],
  [440, 480],
  [480, 620],
  [425],
  [400, 450],
  [950],
  [1400],
  [1800],
  [1100],
  [2100],
  [1000],
  [1300],
  [697],
  [941],
  [1209],
  [1633],
  [700, 900],
  [900, 1100],
  [1300, 1500],
];

function addCallTones(out: Float64Array, random: Random): void {
  for (let startS = 0; startS < 9.5; ) {
    const tones = callTones[Math.floor(random.float() * callTones.length)] ?? [];
    const lengthS = 0.1 + random.float() * 0.9;
    const from = Math.round(startS * sampleRate);
    const length = Math.min(Math.round(lengthS * sampleRate), out.length - from);
    for (let index = 0; index < length; index += 1) {
      for (const hz of tones)
        out[from + index] = (out[from + index] ?? 0) + Math.sin((2 * Math.PI * hz * index) / sampleRate);
    }
    startS += lengthS + random.float() * 0.3;
  }
}
