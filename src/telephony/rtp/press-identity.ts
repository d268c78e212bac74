import type { TelephoneEvent } from './telephone-event.ts';

export type KeyPressPacket = {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly event: TelephoneEvent;
  readonly nowMs: number;
};

/** A key as its packets have shown it so far. Its segments, where it has several, lie in the timestamps from `first` to `timestamp`. */
type SeenPress = {
  readonly event: number;
  /** RTP timestamps of the first and of the latest segment. */
  readonly first: number;
  readonly timestamp: number;
  /** Timestamp less duration of its first packet: the same for all where both grow alike. */
  readonly origin: number;
  /** Of the latest segment. */
  readonly duration: number;
  readonly lastPacketMs: number;
};

export type OpenPress = SeenPress & {
  /** Duration of the finished segments of a very long press. */
  readonly before: number;
};

export type DonePress = SeenPress & {
  /** Whether its end packet came. */
  readonly hasEnded: boolean;
};

/** Samples: so near, two pieces are of one press. Half of the shortest pause. */
const touching = 160;
const longestSegment = 0xffff;

/**
 * Which press a telephone-event packet belongs to. By RFC 4733 2.2.1 all packets of a press have the timestamp of its beginning, so key and timestamp say it. Two
 * things make it harder:
 *
 * - A press of more than 0xFFFF units goes on under a new timestamp, which is the end of the segment before (RFC 4733 2.5.1.3).
 * - There are gateways that move the timestamp on with every packet, while the duration grows as it should, or stays as long as one packet; their end
 *   packets, too, may each have another. FreeSWITCH knows them as Sonus's.
 *
 * In all of these the packets of a press touch each other or grow along with their timestamps, which those of two presses of a key never do: a pause lies
 * between, of 40 ms at least (ITU-T Q.24, annex A). Once the end packet came, only further end packets continue a press.
 *
 * Gives the open press with what the packet says of it; null: it is not of this press.
 */
export function sameOpenPress(open: OpenPress, packet: KeyPressPacket): OpenPress | null {
  const { event, duration } = packet.event;
  if (event !== open.event) return null;
  const moved = (packet.timestamp - open.timestamp) | 0;
  const lastPacketMs = packet.nowMs;
  if (moved === 0) return { ...open, duration: Math.max(open.duration, duration), lastPacketMs };
  const growsAlong = growsWith(open, packet);
  if (moved > 0) {
    if (!growsAlong && moved !== longestSegment && moved > open.duration + touching) return null;
    const before = duration > open.duration ? open.before : (packet.timestamp - open.first) | 0;
    return { ...open, timestamp: packet.timestamp, duration, before, lastPacketMs };
  }
  if (!growsAlong && !reaches(packet, open.first)) return null;
  const isEarlier = ((packet.timestamp - open.first) | 0) < 0;
  return { ...open, first: isEarlier ? packet.timestamp : open.first, lastPacketMs };
}

/** Whether a packet is of a press that was counted, by the same rules. */
export function sameDonePress(done: DonePress, packet: KeyPressPacket): boolean {
  const { event, isEnd } = packet.event;
  if (event !== done.event) return false;
  const moved = (packet.timestamp - done.timestamp) | 0;
  if (moved === 0) return true;
  if (growsWith(done, packet)) return moved < 0 || isEnd || !done.hasEnded;
  if (moved < 0) return reaches(packet, done.first);
  return (isEnd || !done.hasEnded) && moved <= done.duration + touching;
}

/** Whether a packet's duration is what it must be where timestamp and duration grow alike, but for the last one's part of a packet. */
function growsWith({ origin }: SeenPress, { timestamp, event }: KeyPressPacket): boolean {
  return Math.abs((timestamp - event.duration - origin) | 0) <= touching;
}

/** Whether what an earlier packet tells of leads up to a timestamp. */
function reaches(packet: KeyPressPacket, timestamp: number): boolean {
  return ((packet.timestamp + packet.event.duration + touching - timestamp) | 0) >= 0;
}
