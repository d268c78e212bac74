import type { Random } from '../../../lib/random.ts';
import type { Reception } from '../receive-statistics.ts';
import { middleNtp, type ReportBlock, readRtcp, type SenderInfo, writeRtcp } from './rtcp-packet.ts';

/**
 * Between reports, before randomization (RFC 3550 6.2). The share of the bandwidth never asks for more in a call of two: at 8 kbit/s it comes to 4.8 s.
 * Nothing is reconsidered and hence nothing compensated for (6.3.1): members don't grow in number.
 */
const intervalMs = 5000;

/** The first report comes early, so that short calls have one too; in a unicast session it may come at once (RFC 3550 6.2). */
const firstIntervalMs = 1000;

/** A round trip that is longer was not made: the report is of somebody who makes it up. */
const longestRoundTripMs = 30_000;

/** What we sent until now. */
export type Sending = {
  readonly rtpTimestamp: number;
  readonly clockRate: number;
  readonly packets: number;
  readonly octets: number;
  /** Of the latest packet. */
  readonly sequence: number;
};

/** What the far side said of our audio; of its latest report. */
export type FarReport = {
  readonly packetsLost: number;
  /** Of all packets up to the one that it had last. */
  readonly lossPercent: number;
  readonly jitterMs: number;
};

export type RtcpSessionOptions = {
  readonly ssrc: number;
  readonly random: Random;
  /** What monotonic times count from, ms since 1970. */
  readonly epochMs: number;
  readonly nowMs: number;
};

/**
 * One call's RTCP, without its sockets: when a report is due, what it says, and what the far side's reports say of us. In a call of two nobody comes and
 * goes, so that of RFC 3550 6.3 only the interval and its randomization are left.
 */
export class RtcpSession {
  readonly #options: RtcpSessionOptions;
  readonly #cname: string;
  #dueMs: number;
  #hasReported = false;
  /** Packets sent when the last two reports left: who sent nothing since is no sender (RFC 3550 6.4). */
  #packetsAtReport = 0;
  #packetsBefore = 0;
  /** The far side's latest sender report. */
  #heard: { readonly ssrc: number; readonly sentAt: number; readonly arrivalMs: number } | null = null;
  #roundTripMs: number | null = null;
  #farReport: FarReport | null = null;

  constructor(options: RtcpSessionOptions) {
    this.#options = options;
    // RFC 7022 4.2: of this call only, and of no use to those who want to know us again.
    this.#cname = options.random.hex(12);
    this.#dueMs = options.nowMs + this.#randomized(firstIntervalMs);
  }

  /** When the next report is to be sent, monotonic ms. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** From our latest report that the far side answered, to its arrival; null: none was. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  get farReport(): FarReport | null {
    return this.#farReport;
  }

  /** The report that is due. */
  report(nowMs: number, sending: Sending, reception: Reception | null): Buffer {
    const isSender = sending.packets > this.#packetsBefore;
    this.#packetsBefore = this.#packetsAtReport;
    this.#packetsAtReport = sending.packets;
    this.#dueMs = nowMs + this.#randomized(intervalMs);
    this.#hasReported = true;
    return this.#write(nowMs, isSender ? sending : null, { reception, isBye: false });
  }

  /** The farewell; null: nothing was ever reported, and whom nobody knows by a report is not missed in them (RFC 3550 6.3.7). */
  bye(nowMs: number, sending: Sending, reception: Reception | null): Buffer | null {
    if (!this.#hasReported) return null;
    const isSender = sending.packets > this.#packetsBefore;
    return this.#write(nowMs, isSender ? sending : null, { reception, isBye: true });
  }

  /** Takes a packet of the far side. False: it is not RTCP, or not the far side's. */
  take(packet: Buffer, arrivalMs: number, sending: Sending): boolean {
    const reading = readRtcp(packet, this.#options.ssrc);
    // What we sent ourselves comes back from a far side that echoes (RFC 3550 8.2).
    if (reading === null || reading.ssrc === this.#options.ssrc) return false;
    if (reading.sentAt !== null) this.#heard = { ssrc: reading.ssrc, sentAt: reading.sentAt, arrivalMs };
    if (reading.block !== null) this.#takeBlock(reading.block, arrivalMs, sending);
    return true;
  }

  #takeBlock(block: ReportBlock, arrivalMs: number, sending: Sending): void {
    // Whoever numbers the wraps otherwise still has the lower 16 bits right: so many of ours were not there yet when it reported.
    const behind = (sending.sequence - block.highestSequence) & 0xffff;
    const expected = sending.packets - behind;
    if (expected <= 0) return;
    const packetsLost = Math.min(expected, Math.max(0, block.packetsLost));
    this.#farReport = {
      packetsLost,
      lossPercent: (packetsLost * 100) / expected,
      jitterMs: (block.jitter * 1000) / sending.clockRate,
    };
    if (block.lastReport === 0) return;
    const passed = (this.#middleNtp(arrivalMs) - block.lastReport - block.sinceLastReport) | 0;
    const roundTripMs = Math.max(0, (passed * 1000) / 0x10000);
    if (passed > -0x10000 && roundTripMs <= longestRoundTripMs) this.#roundTripMs = roundTripMs;
  }

  #write(nowMs: number, sending: Sending | null, what: { reception: Reception | null; isBye: boolean }): Buffer {
    const { ssrc, epochMs } = this.#options;
    const sender: SenderInfo | null = sending === null ? null : { ...sending, wallMs: epochMs + nowMs };
    const block = what.reception === null ? null : this.#blockOf(what.reception, nowMs);
    return writeRtcp({ ssrc, cname: this.#cname, sender, block, isBye: what.isBye });
  }

  #blockOf(reception: Reception, nowMs: number): ReportBlock {
    const heard = this.#heard?.ssrc === reception.ssrc ? this.#heard : null;
    return {
      ...reception,
      lastReport: heard?.sentAt ?? 0,
      sinceLastReport: heard === null ? 0 : Math.max(0, Math.round(((nowMs - heard.arrivalMs) * 0x10000) / 1000)),
    };
  }

  #middleNtp(nowMs: number): number {
    return middleNtp(this.#options.epochMs + nowMs);
  }

  /** RFC 3550 6.3.1: 0.5 to 1.5 times as long, so that many calls don't report together. */
  #randomized(ms: number): number {
    return ms * (0.5 + this.#options.random.float());
  }
}
