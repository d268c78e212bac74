/** Hz; an octave of a small carillon. */
const notes = { g4: 392, c5: 523.25, d5: 587.33, e5: 659.25, g5: 783.99 } as const;

type Stroke = { readonly note: keyof typeof notes; readonly atMs: number };

/** Two of the quarter changes of the Westminster chime. */
const strokes: readonly Stroke[] = [
  { note: 'e5', atMs: 0 },
  { note: 'd5', atMs: 450 },
  { note: 'c5', atMs: 900 },
  { note: 'g4', atMs: 1350 },
  { note: 'c5', atMs: 2300 },
  { note: 'e5', atMs: 2750 },
  { note: 'd5', atMs: 3200 },
  { note: 'g4', atMs: 3650 },
];

/** A bell's partials: hum, prime, tierce (the minor third that makes it a bell), quint, nominal; share and decay per second. */
const partials = [
  { ratio: 0.5, share: 0.2, decay: 1.5 },
  { ratio: 1, share: 0.35, decay: 2.5 },
  { ratio: 1.2, share: 0.2, decay: 3.5 },
  { ratio: 1.5, share: 0.1, decay: 4.5 },
  { ratio: 2, share: 0.15, decay: 6 },
] as const;

const tuneMs = 5000;

/** The demo's prompt: eight strokes of bells, five seconds, mono 16 bit. */
export function ringTune(sampleRate: number): Int16Array {
  const mix = new Float64Array(Math.round((tuneMs / 1000) * sampleRate));
  for (const stroke of strokes) {
    const start = Math.round((stroke.atMs / 1000) * sampleRate);
    for (let index = start; index < mix.length; index += 1) {
      const seconds = (index - start) / sampleRate;
      mix[index] = (mix[index] ?? 0) + bellAt(notes[stroke.note], seconds);
    }
  }
  return Int16Array.from(mix, (value) => Math.round(Math.max(-1, Math.min(1, value * 0.45)) * 32767));
}

function bellAt(frequencyHz: number, seconds: number): number {
  const attack = Math.min(1, seconds / 0.004);
  let sum = 0;
  for (const { ratio, share, decay } of partials) {
    sum += share * Math.exp(-decay * seconds) * Math.sin(2 * Math.PI * frequencyHz * ratio * seconds);
  }
  return attack * sum;
}

/** A WAV file (RIFF, PCM, mono, 16 bit). */
export function wavOf(pcm: Int16Array, sampleRate: number): Buffer {
  const header = Buffer.alloc(44);
  const dataBytes = pcm.length * 2;
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  const data = Buffer.alloc(dataBytes);
  pcm.forEach((sample, index) => {
    data.writeInt16LE(sample, index * 2);
  });
  return Buffer.concat([header, data]);
}
