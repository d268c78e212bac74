/** Counters of what one far side sent; sequence numbers after RFC 3550 A.1 (without probation), loss A.3, jitter A.8. */
export class ReceiveStatistics {
  readonly #unitsPerMs: number;
  #ssrc: number | null = null;
  #baseSequence = 0;
  #highestSequence = 0;
  #receivedOfSource = 0;
  #receivedBefore = 0;
  #lostBefore = 0;
  #transit = 0;
  #hasTransit = false;
  #jitter = 0;

  /** `clockRate` in Hz, 8000 for G.711. */
  constructor(clockRate: number) {
    this.#unitsPerMs = clockRate / 1000;
  }

  get packetsReceived(): number {
    return this.#receivedBefore + this.#receivedOfSource;
  }

  /** Packets that the sequence numbers tell of and that never came; repeated packets make up for lost ones, as in RFC 3550 A.3, but not below 0. */
  get packetsLost(): number {
    return this.#lostBefore + this.#lostOfSource();
  }

  get jitterMs(): number {
    return this.#jitter / this.#unitsPerMs;
  }

  /** Counts a packet. A new SSRC, or a sequence number far off, begins a new source. */
  countPacket(ssrc: number, sequence: number): void {
    const ahead = (sequence - this.#highestSequence) & 0xffff;
    const isNear = ahead < 3000 || ahead > 0xffff - 100;
    if (ssrc !== this.#ssrc || !isNear) this.#begin(ssrc, sequence);
    else if (ahead < 3000) this.#highestSequence += ahead;
    this.#receivedOfSource += 1;
  }

  /** Takes an audio packet's timing; not for telephone events, whose timestamp stands still. */
  countArrival(timestamp: number, arrivalMs: number): void {
    const transit = Math.round(arrivalMs * this.#unitsPerMs) - timestamp;
    // Modulo 2^32, for timestamps wrap.
    const difference = Math.abs((transit - this.#transit) | 0);
    this.#transit = transit;
    if (this.#hasTransit) this.#jitter += (difference - this.#jitter) / 16;
    this.#hasTransit = true;
  }

  #begin(ssrc: number, sequence: number): void {
    this.#receivedBefore += this.#receivedOfSource;
    this.#lostBefore += this.#lostOfSource();
    this.#ssrc = ssrc;
    this.#baseSequence = sequence;
    this.#highestSequence = sequence;
    this.#receivedOfSource = 0;
    this.#hasTransit = false;
  }

  #lostOfSource(): number {
    if (this.#ssrc === null) return 0;
    return Math.max(0, this.#highestSequence - this.#baseSequence + 1 - this.#receivedOfSource);
  }
}
