import assert from 'node:assert/strict';
import type { LegEnd } from '../../src/call/engine.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { isRtcp } from '../../src/telephony/rtp/rtcp/rtcp-packet.ts';
import { MediaCapture } from './media-capture.ts';
import type { SeenDatagram } from './watched-media.ts';

/** The line of one call after the other: what passes, and what was lost of the audio. Reports always pass. */
export class WatchedLine {
  readonly #random = seededRandom(7);
  #loss = 0;
  capture = new MediaCapture();
  /** Of the audio in each direction. */
  sent = { packets: 0, lost: 0 };
  received = { packets: 0, lost: 0 };
  /** How many of our packets were lost when each of the far side's reports came to this machine. */
  lostAtReports: number[] = [];
  /** When each of our lost ones was to leave, monotonic ms. */
  #lossTimes: number[] = [];
  /** How many of theirs were lost when each of ours left. */
  lostAtOwnReports: number[] = [];
  /** Of RTP, ours. */
  port = 0;
  /** Whether a report came or left on a port of RTP. */
  isMuxed = false;

  begin(loss: number): void {
    this.#loss = loss;
    this.capture = new MediaCapture();
    this.sent = { packets: 0, lost: 0 };
    this.received = { packets: 0, lost: 0 };
    this.lostAtReports = [];
    this.#lossTimes = [];
    this.lostAtOwnReports = [];
    this.isMuxed = false;
  }

  passes(datagram: SeenDatagram): boolean {
    const passes = isRtcp(datagram.packet) ? this.#passReport(datagram) : this.#passAudio(datagram);
    if (passes) this.capture.note(datagram);
    return passes;
  }

  #passReport({ direction, local, atMs }: SeenDatagram): boolean {
    if (direction === 'received') this.lostAtReports.push(this.#lossTimes.filter((lossMs) => lossMs <= atMs).length);
    else this.lostAtOwnReports.push(this.received.lost);
    this.isMuxed ||= local.port % 2 === 0;
    return true;
  }

  #passAudio({ direction, local, atMs }: SeenDatagram): boolean {
    this.port = local.port;
    const isLost = this.#random.float() < this.#loss;
    this[direction].packets += 1;
    if (isLost) this[direction].lost += 1;
    if (isLost && direction === 'sent') this.#lossTimes.push(atMs);
    return !isLost;
  }
}

/** The figures of a call whose far side reported. */
export function reported({ media }: LegEnd) {
  assert.ok(media !== null && media.farSide !== null && media.mos !== null, JSON.stringify(media));
  const { farSide, mos } = media;
  return { ...media, farSide, mos };
}

/** A report may leave while packets are on their way, and who hears nothing after a lost one does not know of it. `expected`: one of them will do. */
export function assertNear(actual: number, expected: number | readonly number[], what: string): void {
  const isNear = [expected].flat().some((each) => Math.abs(actual - each) <= 3);
  assert.ok(isNear, `${what}: ${actual}, should be ${expected}`);
}
