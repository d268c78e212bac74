/** Fixed RTP header without CSRC list and extension (RFC 3550 5.1). */
export const rtpHeaderBytes = 12;

/** What was read from a packet. Mutable on purpose: one object per receiver is filled again and again. */
export type RtpHeader = {
  payloadType: number;
  isMarked: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Where the payload begins and ends in the packet: after CSRCs and header extension, before padding. */
  payloadStart: number;
  payloadEnd: number;
};

/** An empty header to parse into. */
export function createRtpHeader(): RtpHeader {
  return { payloadType: 0, isMarked: false, sequence: 0, timestamp: 0, ssrc: 0, payloadStart: 0, payloadEnd: 0 };
}

/** Reads the header into `into`. False, with `into` undefined in part: not an RTP packet of version 2, or one whose lengths lie (RFC 3550 A.1). */
export function parseRtp(packet: Uint8Array, into: RtpHeader): boolean {
  const length = packet.length;
  if (length < rtpHeaderBytes) return false;
  const first = byteAt(packet, 0);
  if (first >> 6 !== 2) return false;
  const second = byteAt(packet, 1);
  const start = rtpHeaderEnd(packet);
  let end = length;
  if ((first & 0x20) !== 0) {
    const padding = byteAt(packet, length - 1);
    if (padding === 0) return false;
    end -= padding;
  }
  if (start > end) return false;
  into.isMarked = (second & 0x80) !== 0;
  into.payloadType = second & 0x7f;
  into.sequence = sequenceOf(packet);
  into.timestamp = uint32At(packet, 4);
  into.ssrc = ssrcOf(packet);
  into.payloadStart = start;
  into.payloadEnd = end;
  return true;
}

/** Where CSRCs and header extension end; beyond the packet where their lengths lie. */
export function rtpHeaderEnd(packet: Uint8Array): number {
  const first = byteAt(packet, 0);
  const start = rtpHeaderBytes + (first & 0x0f) * 4;
  if ((first & 0x10) === 0) return start;
  return start + 4 + uint16At(packet, start + 2) * 4;
}

export function sequenceOf(packet: Uint8Array): number {
  return uint16At(packet, 2);
}

export function ssrcOf(packet: Uint8Array): number {
  return uint32At(packet, 8);
}

/** Writes version, SSRC and zeroes; done once per preallocated packet. */
export function prepareRtp(packet: Uint8Array, ssrc: number): void {
  packet.fill(0, 0, rtpHeaderBytes);
  packet[0] = 0x80;
  writeUint32(packet, 8, ssrc);
}

/** Writes what differs from packet to packet. `firstWord` is marker bit and payload type: `payloadType | (isMarked ? 0x80 : 0)`. */
export function stampRtp(packet: Uint8Array, firstWord: number, sequence: number, timestamp: number): void {
  packet[1] = firstWord;
  packet[2] = sequence >> 8;
  packet[3] = sequence;
  writeUint32(packet, 4, timestamp);
}

function writeUint32(packet: Uint8Array, offset: number, value: number): void {
  packet[offset] = value >>> 24;
  packet[offset + 1] = value >>> 16;
  packet[offset + 2] = value >>> 8;
  packet[offset + 3] = value;
}

function byteAt(packet: Uint8Array, offset: number): number {
  return packet[offset] ?? 0;
}

function uint16At(packet: Uint8Array, offset: number): number {
  return (byteAt(packet, offset) << 8) | byteAt(packet, offset + 1);
}

function uint32At(packet: Uint8Array, offset: number): number {
  return ((uint16At(packet, offset) << 16) | uint16At(packet, offset + 2)) >>> 0;
}
