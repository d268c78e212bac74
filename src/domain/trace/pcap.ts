import { isIPv4 } from 'node:net';
import type { TracedMessageEvent } from '../../call/trace.ts';
import type { CallTraceRecord } from './call-trace-record.ts';
import { addressBytes, ipv4Packet, ipv6Packet } from './ip-packet.ts';

/** LINKTYPE_RAW: each packet begins with its IP header. */
const linkTypeRaw = 101;
const maxPacketBytes = 65_535;

/**
 * A trace's messages as a classic capture file (microseconds), one packet each. Nothing was captured: the IP, UDP and TCP headers are made up
 * around the messages, so there is no handshake, no acknowledgement and no fragment. What went over TLS stands as TCP in the clear.
 */
export function writePcap(trace: CallTraceRecord): Buffer {
  const startUs = BigInt(trace.startedAt.getTime()) * 1000n;
  const flows = new Flows();
  const messages = trace.events.filter((event) => event.type === 'message');
  const records = messages.map((event) => {
    const packet = packetOf(event, flows);
    const atUs = startUs + BigInt(event.atUs);
    const header = Buffer.alloc(16);
    header.writeUInt32LE(Number(atUs / 1_000_000n), 0);
    header.writeUInt32LE(Number(atUs % 1_000_000n), 4);
    header.writeUInt32LE(packet.length, 8);
    header.writeUInt32LE(packet.length, 12);
    return Buffer.concat([header, packet]);
  });
  return Buffer.concat([fileHeader(), ...records]);
}

function fileHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(maxPacketBytes, 16);
  header.writeUInt32LE(linkTypeRaw, 20);
  return header;
}

function packetOf(event: TracedMessageEvent, flows: Flows): Buffer {
  const [from, to] = event.direction === 'sent' ? [event.local, event.remote] : [event.remote, event.local];
  const isV4 = isIPv4(from.address) && isIPv4(to.address);
  const source = addressBytes(from.address, isV4);
  const destination = addressBytes(to.address, isV4);
  const payload = Buffer.from(event.text, 'latin1');
  const ports = { from: from.port, to: to.port };
  const isUdp = event.transport === 'udp';
  const segment = isUdp ? udpSegment(ports, payload) : tcpSegment(ports, payload, flows.next(event, payload.length));
  const packet = isV4 ? ipv4Packet : ipv6Packet;
  return packet({ source, destination, protocol: isUdp ? 'udp' : 'tcp', segment });
}

type Ports = { readonly from: number; readonly to: number };

/** RFC 768; the checksum is the IP packet's business. */
function udpSegment(ports: Ports, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(ports.from, 0);
  header.writeUInt16BE(ports.to, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** RFC 9293 section 3.1: PSH and ACK, no options. */
function tcpSegment(ports: Ports, payload: Buffer, numbers: { sequence: number; acknowledgement: number }): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(ports.from, 0);
  header.writeUInt16BE(ports.to, 2);
  header.writeUInt32BE(numbers.sequence, 4);
  header.writeUInt32BE(numbers.acknowledgement, 8);
  header.writeUInt16BE(0x5018, 12);
  header.writeUInt16BE(0xffff, 14);
  return Buffer.concat([header, payload]);
}

/** Sequence numbers of both directions of each connection, so that a reader puts the stream together. */
class Flows {
  readonly #flows = new Map<string, { sent: number; received: number }>();

  next({ local, remote, direction }: TracedMessageEvent, length: number) {
    const key = `${local.address} ${local.port} ${remote.address} ${remote.port}`;
    const flow = this.#flows.get(key) ?? { sent: 1, received: 1 };
    this.#flows.set(key, flow);
    const other = direction === 'sent' ? 'received' : 'sent';
    const numbers = { sequence: flow[direction], acknowledgement: flow[other] };
    flow[direction] += length;
    return numbers;
  }
}
