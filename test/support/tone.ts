/** Audio as numbers: mono, signed 16 bit. */
export type Samples = { readonly pcm: Int16Array; readonly sampleRate: number };

/** A sine of `seconds` at each frequency in turn, with `gapS` of silence after each. */
export function toneSequence(frequencies: readonly number[], seconds: number, gapS: number): Samples {
  const sampleRate = 44_100;
  const toneLength = Math.round(seconds * sampleRate);
  const step = toneLength + Math.round(gapS * sampleRate);
  const pcm = new Int16Array(step * frequencies.length);
  frequencies.forEach((hz, index) => {
    for (let i = 0; i < toneLength; i++) {
      pcm[index * step + i] = Math.round(12_000 * Math.sin((2 * Math.PI * hz * i) / sampleRate));
    }
  });
  return { pcm, sampleRate };
}

/** The share (0 to 1) of a window's energy that lies at one frequency: Goertzel's algorithm, Hann window. */
export function energyShare(pcm: Int16Array, sampleRate: number, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let previous = 0;
  let beforePrevious = 0;
  let energy = 0;
  pcm.forEach((sample, i) => {
    const windowed = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (pcm.length - 1)));
    energy += windowed * windowed;
    const current = windowed + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
  });
  if (energy < pcm.length * 10_000) return 0;
  const power = previous * previous + beforePrevious * beforePrevious - coefficient * previous * beforePrevious;
  // A pure tone through a Hann window of N samples has power = energy * N / 3.
  return (power * 3) / (energy * pcm.length);
}

/** So many windows of a tone make it heard: not a click at a border. */
const leastWindows = 3;
/** So many windows without it do not end a tone: packets that came too late to be played, on a machine that is busy. */
const longestGap = 3;

/** Which of the frequencies is heard, window by window of 40 ms, repetitions and silence left out. */
export function heardTones({ pcm, sampleRate }: Samples, frequencies: readonly number[]): number[] {
  const length = Math.round(0.04 * sampleRate);
  const heard: number[] = [];
  let tone: number | null = null;
  let windows = 0;
  let gap = 0;
  for (let at = 0; at + length <= pcm.length; at += length) {
    const window = pcm.subarray(at, at + length);
    const found = frequencies.find((hz) => energyShare(window, sampleRate, hz) > 0.7) ?? null;
    if (found === null) {
      gap += 1;
      continue;
    }
    windows = found === tone && gap <= longestGap ? windows + 1 : 1;
    tone = found;
    gap = 0;
    if (windows === leastWindows) heard.push(found);
  }
  return heard;
}
