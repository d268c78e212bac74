import { isIPv4 } from 'node:net';

export type PacketParts = {
  /** 4 or 16 bytes, both alike. */
  readonly source: Buffer;
  readonly destination: Buffer;
  readonly protocol: 'udp' | 'tcp';
  /** Header and payload; its checksum is zero and is set here. */
  readonly segment: Buffer;
};

const protocolNumbers = { udp: 17, tcp: 6 } as const;
const checksumOffsets = { udp: 6, tcp: 16 } as const;
const hopLimit = 64;

/** RFC 791 section 3.1: no options, not fragmented. */
export function ipv4Packet(parts: PacketParts): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + parts.segment.length, 2);
  header.writeUInt16BE(0x4000, 6);
  header.writeUInt8(hopLimit, 8);
  header.writeUInt8(protocolNumbers[parts.protocol], 9);
  parts.source.copy(header, 12);
  parts.destination.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, withChecksum(parts)]);
}

/** RFC 8200 section 3. */
export function ipv6Packet(parts: PacketParts): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(parts.segment.length, 4);
  header.writeUInt8(protocolNumbers[parts.protocol], 6);
  header.writeUInt8(hopLimit, 7);
  parts.source.copy(header, 8);
  parts.destination.copy(header, 24);
  return Buffer.concat([header, withChecksum(parts)]);
}

/** An address as bytes; where the other side's family is IPv6, an IPv4 address is written as one of those (RFC 4291 section 2.5.5.2). */
export function addressBytes(address: string, isV4: boolean): Buffer {
  if (isIPv4(address)) {
    const bytes = Buffer.from(address.split('.').map(Number));
    return isV4 ? bytes : Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), bytes]);
  }
  const [withoutZone = ''] = address.split('%');
  const [head = '', tail] = withoutZone.split('::');
  const first = groupBytes(head);
  const last = groupBytes(tail ?? '');
  const bytes = Buffer.alloc(16);
  first.copy(bytes);
  last.copy(bytes, Math.max(0, 16 - last.length));
  return bytes;
}

function groupBytes(groups: string): Buffer {
  const parts = groups.split(':').filter((group) => group !== '');
  return Buffer.concat(
    parts.map((group) => {
      if (isIPv4(group)) return Buffer.from(group.split('.').map(Number));
      const value = Number.parseInt(group, 16) || 0;
      return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
    }),
  );
}

/** Over the pseudo header too, the same sum for both families (RFC 768, RFC 8200 section 8.1). */
function withChecksum({ source, destination, protocol, segment }: PacketParts): Buffer {
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt8(protocolNumbers[protocol], 1);
  pseudo.writeUInt16BE(segment.length, 2);
  const sum = checksum(Buffer.concat([source, destination, pseudo, segment]));
  // Zero would say that UDP has none.
  segment.writeUInt16BE(sum === 0 ? 0xffff : sum, checksumOffsets[protocol]);
  return segment;
}

/** RFC 1071: the ones' complement of the ones' complement sum of 16-bit words. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  if (bytes.length % 2 === 1) sum += (bytes.at(-1) ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
