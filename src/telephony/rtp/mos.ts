import type { CodecName } from '../audio/codec.ts';

/** What an estimate of quality is made from. */
export type AudioQuality = {
  readonly codec: CodecName;
  /** Of the whole call. */
  readonly lossPercent: number;
  readonly jitterMs: number;
  /** null: not known, and counted as a short one. */
  readonly roundTripMs: number | null;
};

/**
 * Equipment impairment and robustness to loss (ITU-T G.113 appendix I). G.711 is taken with concealment of lost packets, which everybody has
 * who plays audio today; without it its robustness would be 4.3. The tables for telephone bandwidth have neither
 * G.722 nor Opus: both are taken as G.711 is.
 */
const impairments: Readonly<Record<CodecName, { readonly ie: number; readonly bpl: number }>> = {
  PCMA: { ie: 0, bpl: 25.1 },
  PCMU: { ie: 0, bpl: 25.1 },
  G722: { ie: 0, bpl: 25.1 },
  opus: { ie: 0, bpl: 25.1 },
};

/** The transmission rating of a connection that is as good as the telephone gets: all defaults of G.107. */
const bestRating = 93.2;

/** A packet's audio, and a jitter buffer that waits for two of three packets that are late. */
const packetMs = 20;
const jitterBufferFactor = 2;

/**
 * An estimate of the mean opinion score, 1 (bad) to 4.4 (as good as the telephone gets), by the E-model of ITU-T G.107 with defaults for all that
 * packets do not tell of: noise, echo, loudness. Loss counts as if it were random, and on the scale of narrow-band telephony: a wide-band call
 * sounds better than its figure.
 */
export function estimateMos({ codec, lossPercent, jitterMs, roundTripMs }: AudioQuality): number {
  const delayMs = (roundTripMs ?? 0) / 2 + packetMs + jitterBufferFactor * jitterMs;
  const { ie, bpl } = impairments[codec];
  const lossImpairment = ie + ((95 - ie) * lossPercent) / (lossPercent + bpl);
  return scoreOf(bestRating - delayImpairment(delayMs) - lossImpairment);
}

/** Linear, and steeper from where people begin to talk into each other: the usual simplification of G.107's Idd. */
function delayImpairment(delayMs: number): number {
  return 0.024 * delayMs + (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0);
}

/** G.107 annex B. */
function scoreOf(rating: number): number {
  if (rating <= 0) return 1;
  const score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
  // Below a rating of 6.5 the formula dips under its own lower end.
  return Math.max(1, score);
}
