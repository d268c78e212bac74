/** How the audio of an answered leg went: what we counted ourselves, and what the far side reported by RTCP. */
export type LegMediaStats = {
  /** The one that was sent last. */
  readonly codec: string;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Of the far side's packets, those that its sequence numbers tell of and that never came. */
  readonly packetsLost: number;
  readonly lossPercent: number;
  /** RFC 3550 interarrival jitter of what came, ms. */
  readonly jitterMs: number;
  /** Our audio to the far side and its word of it back, ms, the latest; null: it sent no report. */
  readonly roundTripMs: number | null;
  /** What we heard: an estimate of the mean opinion score, 1 to 4.5; null: nothing came. */
  readonly mos: number | null;
  /** What the far side said of our audio; null: it sent no report. */
  readonly farSide: FarSideStats | null;
};

/** What the far side's reports say of the audio that it got from us. */
export type FarSideStats = {
  readonly packetsLost: number;
  readonly lossPercent: number;
  readonly jitterMs: number;
  /** What it heard, estimated as `mos` above. */
  readonly mos: number;
};
