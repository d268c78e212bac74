/** Overlapping windows of this length; long enough for two periods of a low voice. */
const windowS = 0.03;
/** How far a window may be moved to meet the phase of the one before it; one period of a low voice. */
const searchS = 0.01;

/**
 * Makes speech `factor` times as long without changing its pitch: WSOLA (Verhelst and Roelands, ICASSP 1993). Each output window is
 * taken from near its place in the input, at the offset where it best continues what was written before, and cross-faded.
 */
export function timeStretch(pcm: Int16Array, sampleRate: number, factor: number): Int16Array {
  const hop = Math.round((windowS * sampleRate) / 2);
  const search = Math.round(searchS * sampleRate);
  if (factor === 1 || pcm.length < 4 * hop) return pcm;
  const output = new Int16Array(Math.round(pcm.length * factor));
  output.set(pcm.subarray(0, Math.min(hop, output.length)));
  // Where the input goes on after the last window written: what the next one has to resemble.
  let natural = hop;
  for (let at = hop; at + hop <= output.length; at += hop) {
    const wanted = Math.min(Math.round(at / factor), pcm.length - 2 * hop);
    const from = bestOffset({ pcm, natural, wanted, hop, search });
    for (let i = 0; i < hop; i++) {
      const fade = (i + 0.5) / hop;
      const old = pcm[natural + i] ?? 0;
      const fresh = pcm[from + i] ?? 0;
      output[at + i] = Math.round(old * (1 - fade) + fresh * fade);
    }
    natural = from + hop;
  }
  return output;
}

type Search = {
  readonly pcm: Int16Array;
  readonly natural: number;
  readonly wanted: number;
  readonly hop: number;
  readonly search: number;
};

/** The start near `wanted` whose samples correlate best with those at `natural`; every second sample is enough to tell. */
function bestOffset({ pcm, natural, wanted, hop, search }: Search): number {
  const first = Math.max(0, wanted - search);
  const last = Math.min(pcm.length - hop, wanted + search);
  let best = Math.min(Math.max(wanted, 0), pcm.length - hop);
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let from = first; from <= last; from += 2) {
    let product = 0;
    let energy = 1;
    for (let i = 0; i < hop; i += 2) {
      const sample = pcm[from + i] ?? 0;
      product += sample * (pcm[natural + i] ?? 0);
      energy += sample * sample;
    }
    const score = product / Math.sqrt(energy);
    if (score > bestScore) {
      bestScore = score;
      best = from;
    }
  }
  return best;
}
