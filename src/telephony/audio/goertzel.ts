/**
 * Power of one frequency in a block of samples (Goertzel's recursion), as a share of full scale: a sine of amplitude `a` (1 = full
 * scale 32767) at exactly `frequencyHz` gives about `a * a`. Other content gives close to 0 once the block is much longer than one
 * period of the difference; 50 ms tells tones apart that are 40 Hz or more from each other.
 */
export function goertzelPower(pcm: Int16Array, sampleRate: number, frequencyHz: number): number {
  if (pcm.length === 0) return 0;
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRate);
  let previous = 0;
  let beforePrevious = 0;
  for (let index = 0; index < pcm.length; index += 1) {
    const current = (pcm[index] ?? 0) / 32767 + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
  }
  const power = previous * previous + beforePrevious * beforePrevious - coefficient * previous * beforePrevious;
  return (4 * power) / (pcm.length * pcm.length);
}

/** Mean power of a block on the same scale as {@link goertzelPower}: a full-scale sine gives 1. */
export function meanPower(pcm: Int16Array): number {
  if (pcm.length === 0) return 0;
  let sum = 0;
  for (let index = 0; index < pcm.length; index += 1) {
    const sample = (pcm[index] ?? 0) / 32767;
    sum += sample * sample;
  }
  return (2 * sum) / pcm.length;
}
