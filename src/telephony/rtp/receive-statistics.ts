/** How the present source's packets come, as a reception report says it (RFC 3550 6.4.1). */
export type Reception = {
  readonly ssrc: number;
  /** Of what was expected since the report before, in 256ths. */
  readonly fractionLost: number;
  /** Below 0 where more came than was expected, because some came twice. */
  readonly packetsLost: number;
  /** With the number of wraps above the lower 16 bits. */
  readonly highestSequence: number;
  /** In units of the RTP timestamp. */
  readonly jitter: number;
};

/** So far may a sequence number jump ahead, or stay behind (MAX_DROPOUT and MAX_MISORDER of RFC 3550 A.1). */
const maxDropout = 3000;
const maxMisorder = 100;

/** A longer way than this was none: the far side's clock jumped. */
const maxTransitChangeMs = 1000;

/** Counters of what one far side sent; sequence numbers after RFC 3550 A.1 (without probation), loss A.3, jitter A.8. */
export class ReceiveStatistics {
  #unitsPerMs: number;
  #ssrc: number | null = null;
  #baseSequence = 0;
  #highestSequence = 0;
  /** Of a packet far off: what the next one of a source that begins anew would have. */
  #awaitedSequence = -1;
  #receivedOfSource = 0;
  #receivedBefore = 0;
  #lostBefore = 0;
  #transitMs = 0;
  #hasTransit = false;
  #jitterMs = 0;
  /** What was expected and received of the source when it was last reported. */
  #reportedExpected = 0;
  #reportedReceived = 0;

  /** `clockRate` in Hz, 8000 for G.711. */
  constructor(clockRate: number) {
    this.#unitsPerMs = clockRate / 1000;
  }

  get packetsReceived(): number {
    return this.#receivedBefore + this.#receivedOfSource;
  }

  /** Packets that the sequence numbers tell of and that never came; repeated packets make up for lost ones, as in RFC 3550 A.3, but not below 0. */
  get packetsLost(): number {
    return this.#lostBefore + Math.max(0, this.#expectedOfSource() - this.#receivedOfSource);
  }

  get jitterMs(): number {
    return this.#jitterMs;
  }

  /** From now on timestamps count at another rate: the far side changed its codec. */
  setClockRate(clockRate: number): void {
    if (this.#unitsPerMs === clockRate / 1000) return;
    this.#unitsPerMs = clockRate / 1000;
    this.#hasTransit = false;
  }

  /**
   * Counts a packet. A new SSRC begins a new source, and so do two packets in a row that are far off; a single one is a stray, received and no more.
   */
  countPacket(ssrc: number, sequence: number): void {
    const ahead = (sequence - this.#highestSequence) & 0xffff;
    if (ssrc !== this.#ssrc) this.#begin(ssrc, sequence);
    else if (ahead < maxDropout) this.#highestSequence += ahead;
    else if (ahead <= 0x10000 - maxMisorder) {
      if (sequence !== this.#awaitedSequence) {
        this.#awaitedSequence = (sequence + 1) & 0xffff;
        this.#receivedBefore += 1;
        return;
      }
      this.#begin(ssrc, sequence);
    }
    this.#awaitedSequence = -1;
    this.#receivedOfSource += 1;
  }

  /**
   * Takes an audio packet's timing; not for telephone events, whose timestamp stands still. Deviation: a change of more than a second is no jitter: the far
   * side's clock jumped, as with another piece of hold music, and the average would need some hundred packets to forget it.
   */
  countArrival(timestamp: number, arrivalMs: number): void {
    const unitsPerMs = this.#unitsPerMs;
    // Modulo 2^32, for timestamps wrap.
    const transitMs = arrivalMs - timestamp / unitsPerMs;
    const wrapMs = 0x1_0000_0000 / unitsPerMs;
    const change = transitMs - this.#transitMs;
    const differenceMs = Math.abs(change - Math.round(change / wrapMs) * wrapMs);
    this.#transitMs = transitMs;
    if (this.#hasTransit && differenceMs <= maxTransitChangeMs) this.#jitterMs += (differenceMs - this.#jitterMs) / 16;
    this.#hasTransit = true;
  }

  /** The present source, for a report that is sent now; null: nothing came yet. */
  report(): Reception | null {
    if (this.#ssrc === null) return null;
    const expected = this.#expectedOfSource();
    const expectedSince = expected - this.#reportedExpected;
    const lostSince = expectedSince - (this.#receivedOfSource - this.#reportedReceived);
    this.#reportedExpected = expected;
    this.#reportedReceived = this.#receivedOfSource;
    return {
      ssrc: this.#ssrc,
      fractionLost:
        expectedSince <= 0 || lostSince <= 0 ? 0 : Math.min(255, Math.floor((lostSince * 256) / expectedSince)),
      packetsLost: expected - this.#receivedOfSource,
      highestSequence: this.#highestSequence,
      jitter: Math.round(this.#jitterMs * this.#unitsPerMs),
    };
  }

  #begin(ssrc: number, sequence: number): void {
    this.#receivedBefore += this.#receivedOfSource;
    this.#lostBefore += Math.max(0, this.#expectedOfSource() - this.#receivedOfSource);
    this.#ssrc = ssrc;
    this.#baseSequence = sequence;
    this.#highestSequence = sequence;
    this.#receivedOfSource = 0;
    this.#reportedExpected = 0;
    this.#reportedReceived = 0;
    this.#hasTransit = false;
  }

  #expectedOfSource(): number {
    return this.#ssrc === null ? 0 : this.#highestSequence - this.#baseSequence + 1;
  }
}
