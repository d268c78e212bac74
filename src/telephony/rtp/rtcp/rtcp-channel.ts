import type { DatagramListener, DatagramSocket } from '../datagram-socket.ts';
import { isSameAddress, type MediaAddress } from '../latch-machine.ts';
import type { Reception } from '../receive-statistics.ts';
import type { SrtpStream } from '../srtp/srtp-stream.ts';
import type { FarReport, RtcpSession, Sending } from './rtcp-session.ts';

/** What the RTP of the same call knows. */
export type RtpSide = {
  readonly sending: () => Sending;
  readonly reception: () => Reception | null;
  /** Null: in clear. */
  readonly srtp: () => SrtpStream | null;
  /** Where RTP comes from; null: none has come. */
  readonly source: () => MediaAddress | null;
  /** Sends on RTP's own port. */
  readonly send: (packet: Buffer) => void;
};

/** Where the far side says that it is. */
export type AnnouncedMedia = {
  readonly rtp: MediaAddress;
  /** `mux`: on the port of RTP (RFC 5761). */
  readonly rtcp: MediaAddress | 'mux';
};

/** The socket of RTCP is looked at so often: nothing that comes through it is urgent. */
const lookEveryMs = 1000;

/**
 * A call's RTCP on the wire: on RTP's own port where that was agreed on, else on the port above it, whose socket may come later or never. What is not
 * authentic where there are keys, or without them not of the host that RTP comes from, is not read. We send to where the far side's RTCP came from (RFC 4961), until
 * then to where it was announced; or, where RTP comes from elsewhere than announced, to the port above that one, which is right behind a NAT that keeps ports.
 */
export class RtcpChannel implements DatagramListener {
  readonly #session: RtcpSession;
  readonly #rtp: RtpSide;
  #announced: AnnouncedMedia;
  #socket: DatagramSocket | null = null;
  /** Where the latest packet came from. */
  #heardFrom: MediaAddress | null = null;
  #lookMs = Number.POSITIVE_INFINITY;

  constructor(session: RtcpSession, rtp: RtpSide, announced: AnnouncedMedia) {
    this.#session = session;
    this.#rtp = rtp;
    this.#announced = announced;
  }

  get isMuxed(): boolean {
    return this.#announced.rtcp === 'mux';
  }

  /** Whether it has no socket, but needs one. */
  get needsSocket(): boolean {
    return !this.isMuxed && this.#socket === null;
  }

  /** When {@link onTime} is to be called, monotonic ms. */
  get dueMs(): number {
    return Math.min(this.#session.dueMs, this.#lookMs);
  }

  get roundTripMs(): number | null {
    return this.#session.roundTripMs;
  }

  get farReport(): FarReport | null {
    return this.#session.farReport;
  }

  /** The far side is elsewhere now, or where it was. */
  aim(announced: AnnouncedMedia): void {
    this.#announced = announced;
    this.#heardFrom = null;
  }

  /** Takes the socket of the port above RTP's, which stays somebody else's to close. */
  attach(socket: DatagramSocket, nowMs: number): void {
    this.#socket = socket;
    this.#lookMs = nowMs + lookEveryMs;
    socket.listen(this);
  }

  /** Reads what has come and sends what is due. */
  onTime(nowMs: number): void {
    if (nowMs >= this.#lookMs) {
      this.#lookMs = nowMs + lookEveryMs;
      this.#socket?.poll();
    }
    if (nowMs < this.#session.dueMs) return;
    this.#send(this.#session.report(nowMs, this.#rtp.sending(), this.#rtp.reception()));
  }

  receive(packet: Buffer, source: MediaAddress, arrivalMs: number): void {
    const srtp = this.#rtp.srtp();
    const clear = srtp === null ? packet : srtp.unprotectRtcp(packet);
    if (clear === null || (srtp === null && !this.#isFarHost(source.address))) return;
    if (this.#session.take(clear, arrivalMs, this.#rtp.sending())) this.#heardFrom = source;
  }

  onSocketError(): void {
    // A report that is not sent or not received takes nothing from the call.
  }

  /** Says goodbye, and lets go of the socket. */
  close(nowMs: number): void {
    this.#socket?.poll();
    const bye = this.#session.bye(nowMs, this.#rtp.sending(), this.#rtp.reception());
    if (bye !== null) this.#send(bye);
    this.#socket?.listen(null);
    this.#socket = null;
  }

  #send(clear: Buffer): void {
    const srtp = this.#rtp.srtp();
    const packet = srtp === null ? clear : srtp.protectRtcp(clear);
    if (this.isMuxed) {
      this.#rtp.send(packet);
      return;
    }
    const target = this.#target();
    if (target !== null) this.#socket?.sendTo(packet, target);
  }

  #target(): MediaAddress | null {
    if (this.#heardFrom !== null && this.#isFarHost(this.#heardFrom.address)) return this.#heardFrom;
    const { rtp, rtcp } = this.#announced;
    if (rtcp === 'mux') return null;
    const source = this.#rtp.source() ?? rtp;
    const isBesideRtp = rtcp.address === rtp.address;
    return isSameAddress(source, rtp) || !isBesideRtp ? rtcp : { address: source.address, port: source.port + 1 };
  }

  #isFarHost(address: string): boolean {
    const { rtp, rtcp } = this.#announced;
    if (rtcp !== 'mux' && address === rtcp.address) return true;
    return address === (this.#rtp.source() ?? rtp).address;
  }
}
