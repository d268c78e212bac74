import type { LegMediaStats } from '../../src/call/leg-media-stats.ts';
import type { MediaStats } from '../../src/telephony/rtp/media-types.ts';

/** The figures of a call that went well. */
export const goodMedia: LegMediaStats = {
  codec: 'PCMA',
  packetsSent: 500,
  packetsReceived: 498,
  packetsLost: 2,
  lossPercent: 0.4,
  jitterMs: 1.5,
  roundTripMs: 40.2,
  mos: 4.3,
  farSide: { packetsLost: 0, lossPercent: 0, jitterMs: 2.3, mos: 4.4 },
};

/** The figures of a media session whose far side sent no RTCP. */
export const sessionStats: MediaStats = {
  packetsSent: 1,
  packetsReceived: 2,
  packetsLost: 3,
  jitterMs: 4,
  packetsRefused: 5,
  roundTripMs: null,
  farReport: null,
};
