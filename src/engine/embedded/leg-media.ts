import type { LegMediaStats } from '../../call/leg-media-stats.ts';
import type { MediaStats } from '../../telephony/rtp/media-types.ts';

/** What a record keeps of a session's figures. */
export function legMediaOf(stats: MediaStats, codec: string): LegMediaStats {
  const { packetsSent, packetsReceived, packetsLost, jitterMs } = stats;
  const expected = packetsReceived + packetsLost;
  return {
    codec,
    packetsSent,
    packetsReceived,
    packetsLost,
    lossPercent: expected === 0 ? 0 : rounded((packetsLost * 100) / expected, 2),
    jitterMs: rounded(jitterMs, 1),
    roundTripMs: null,
    mos: null,
    farSide: null,
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
