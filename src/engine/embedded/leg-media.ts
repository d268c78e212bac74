import type { LegMediaStats } from '../../call/leg-media-stats.ts';
import type { CodecName } from '../../telephony/audio/codec.ts';
import type { MediaStats } from '../../telephony/rtp/media-types.ts';
import { estimateMos } from '../../telephony/rtp/mos.ts';

/** What a record keeps of a session's figures. */
export function legMediaOf(stats: MediaStats, codec: CodecName): LegMediaStats {
  const { packetsSent, packetsReceived, packetsLost, jitterMs, roundTripMs, farReport } = stats;
  const expected = packetsReceived + packetsLost;
  const lossPercent = expected === 0 ? 0 : (packetsLost * 100) / expected;
  const mosOf = (quality: { readonly lossPercent: number; readonly jitterMs: number }): number =>
    rounded(estimateMos({ codec, roundTripMs, ...quality }), 2);
  return {
    codec,
    packetsSent,
    packetsReceived,
    packetsLost,
    lossPercent: rounded(lossPercent, 2),
    jitterMs: rounded(jitterMs, 1),
    roundTripMs: roundTripMs === null ? null : rounded(roundTripMs, 1),
    mos: expected === 0 ? null : mosOf({ lossPercent, jitterMs }),
    farSide: farReport && {
      packetsLost: farReport.packetsLost,
      lossPercent: rounded(farReport.lossPercent, 2),
      jitterMs: rounded(farReport.jitterMs, 1),
      mos: mosOf(farReport),
    },
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
