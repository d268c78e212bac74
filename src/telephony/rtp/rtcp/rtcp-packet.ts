/*
 * RTCP on the wire (RFC 3550 6): what a party of a call with one stream each way writes and reads. Both are made to be called every few seconds.
 */

const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const goodbye = 203;
const cnameItem = 1;
const headerBytes = 4;
const blockBytes = 24;
/** Seconds from 1900, where NTP counts from, to 1970. */
const ntpEpochS = 2_208_988_800;

/** What somebody says of how one source comes to them (RFC 3550 6.4.1). */
export type ReportBlock = {
  readonly ssrc: number;
  /** Of what was expected since the report before, in 256ths. */
  readonly fractionLost: number;
  /** Since the beginning; below 0 where more came than was expected, because some came twice. 24 bits. */
  readonly packetsLost: number;
  /** With the number of wraps in the upper 16 bits. */
  readonly highestSequence: number;
  /** In units of the RTP timestamp. */
  readonly jitter: number;
  /** The middle of the NTP timestamp of the source's latest sender report; 0: none came. */
  readonly lastReport: number;
  /** How long ago that one came, in 65,536ths of a second. */
  readonly sinceLastReport: number;
};

/** What a sender says of itself. */
export type SenderInfo = {
  /** When the report leaves, ms since 1970. */
  readonly wallMs: number;
  /** What the RTP timestamp is then. */
  readonly rtpTimestamp: number;
  readonly packets: number;
  /** Of payload. */
  readonly octets: number;
};

export type RtcpReport = {
  readonly ssrc: number;
  /** At most 255 bytes of UTF-8. */
  readonly cname: string;
  /** Null: nothing was sent lately, and the report is a receiver's. */
  readonly sender: SenderInfo | null;
  /** Null: nothing was received yet. */
  readonly block: ReportBlock | null;
  /** Whether it says goodbye. */
  readonly isBye: boolean;
};

/** A compound packet: report, CNAME and perhaps BYE (RFC 3550 6.1). */
export function writeRtcp(report: RtcpReport): Buffer {
  const parts = [writeReport(report), writeDescription(report)];
  if (report.isBye) parts.push(writeHeader(goodbye, 1, Buffer.alloc(4), report.ssrc));
  return Buffer.concat(parts);
}

function writeReport({ ssrc, sender, block }: RtcpReport): Buffer {
  const senderBytes = sender === null ? 0 : 20;
  const body = Buffer.alloc(4 + senderBytes + (block === null ? 0 : blockBytes));
  if (sender !== null) {
    const { seconds, fraction } = ntpOf(sender.wallMs);
    body.writeUInt32BE(seconds, 4);
    body.writeUInt32BE(fraction, 8);
    body.writeUInt32BE(sender.rtpTimestamp, 12);
    body.writeUInt32BE(sender.packets >>> 0, 16);
    body.writeUInt32BE(sender.octets >>> 0, 20);
  }
  if (block !== null) writeBlock(body, 4 + senderBytes, block);
  return writeHeader(sender === null ? receiverReport : senderReport, block === null ? 0 : 1, body, ssrc);
}

function writeBlock(body: Buffer, at: number, block: ReportBlock): void {
  body.writeUInt32BE(block.ssrc, at);
  body.writeUInt8(block.fractionLost, at + 4);
  body.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, block.packetsLost)), at + 5, 3);
  body.writeUInt32BE(block.highestSequence >>> 0, at + 8);
  body.writeUInt32BE(block.jitter >>> 0, at + 12);
  body.writeUInt32BE(block.lastReport, at + 16);
  body.writeUInt32BE(block.sinceLastReport >>> 0, at + 20);
}

/** One chunk with the CNAME; the list of items ends with a zero and is filled up to a multiple of four (RFC 3550 6.5). */
function writeDescription({ ssrc, cname }: RtcpReport): Buffer {
  const name = Buffer.from(cname);
  const body = Buffer.alloc(4 + Math.ceil((2 + name.length + 1) / 4) * 4);
  body.writeUInt8(cnameItem, 4);
  body.writeUInt8(name.length, 5);
  name.copy(body, 6);
  return writeHeader(sourceDescription, 1, body, ssrc);
}

function writeHeader(type: number, count: number, body: Buffer, ssrc: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(0x80 | count, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(body.length / 4, 2);
  body.writeUInt32BE(ssrc, 0);
  return Buffer.concat([header, body]);
}

/** What a compound packet says to us. */
export type RtcpReading = {
  /** Whose packet it is. */
  readonly ssrc: number;
  /** The middle of the NTP timestamp, of a sender report; null: it is a receiver's. */
  readonly sentAt: number | null;
  /** What it says of our stream; null: nothing. */
  readonly block: ReportBlock | null;
};

/**
 * Reads a compound packet; null: it is none (RFC 3550 A.2: version, a report first, padding in the last packet only, lengths that add up), or one of its
 * reports is shorter than it says. What is not a report is passed over.
 */
export function readRtcp(packet: Buffer, ownSsrc: number): RtcpReading | null {
  if (packet.length < headerBytes + 4) return null;
  const first = packet.readUInt8(1);
  if ((first !== senderReport && first !== receiverReport) || (packet.readUInt8(0) & 0x20) !== 0) return null;
  let block: ReportBlock | null = null;
  for (let at = 0; at < packet.length; ) {
    const end = packetEnd(packet, at);
    if (end === null) return null;
    const type = packet.readUInt8(at + 1);
    if (type === senderReport || type === receiverReport) {
      const blocksAt = at + headerBytes + (type === senderReport ? 24 : 4);
      const count = packet.readUInt8(at) & 0x1f;
      if (blocksAt + count * blockBytes > end) return null;
      block ??= findBlock(packet, blocksAt, count, ownSsrc);
    }
    at = end;
  }
  return {
    ssrc: packet.readUInt32BE(4),
    sentAt: first === senderReport ? packet.readUInt32BE(10) : null,
    block,
  };
}

/** Where the packet that begins at `at` ends; null: it lies. */
function packetEnd(packet: Buffer, at: number): number | null {
  if (at + headerBytes > packet.length) return null;
  const first = packet.readUInt8(at);
  const end = at + headerBytes + packet.readUInt16BE(at + 2) * 4;
  if (first >> 6 !== 2 || end > packet.length) return null;
  if ((first & 0x20) === 0) return end;
  const padding = packet.readUInt8(end - 1);
  return end === packet.length && padding > 0 && padding % 4 === 0 && padding <= end - at - headerBytes ? end : null;
}

function findBlock(packet: Buffer, blocksAt: number, count: number, ssrc: number): ReportBlock | null {
  for (let index = 0; index < count; index += 1) {
    const at = blocksAt + index * blockBytes;
    if (packet.readUInt32BE(at) !== ssrc) continue;
    return {
      ssrc,
      fractionLost: packet.readUInt8(at + 4),
      packetsLost: packet.readIntBE(at + 5, 3),
      highestSequence: packet.readUInt32BE(at + 8),
      jitter: packet.readUInt32BE(at + 12),
      lastReport: packet.readUInt32BE(at + 16),
      sinceLastReport: packet.readUInt32BE(at + 20),
    };
  }
  return null;
}

/** Whether a datagram on a port that RTP comes in on too is RTCP (RFC 5761 4). */
export function isRtcp(packet: Uint8Array): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

function ntpOf(wallMs: number): { readonly seconds: number; readonly fraction: number } {
  const seconds = Math.floor(wallMs / 1000);
  // NTP's seconds wrap in 2036; only differences are taken.
  return { seconds: (seconds + ntpEpochS) >>> 0, fraction: Math.floor((wallMs / 1000 - seconds) * 0x1_0000_0000) };
}

/** The middle 32 bits of the NTP timestamp: seconds in the upper half, 65,536ths in the lower. */
export function middleNtp(wallMs: number): number {
  const { seconds, fraction } = ntpOf(wallMs);
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}
