import { createSocket, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { G711Codec, G711Law } from '../telephony/audio/g711.ts';
import type { SocketAddress } from '../telephony/sip/endpoint-types.ts';
import { Ear, type Heard } from './ear.ts';
import type { HandsetOffer } from './handset-sdp.ts';
import { Mouth } from './mouth.ts';

const packetMs = 20;

export type HandsetParts = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly codecs: Readonly<Record<G711Law, G711Codec>>;
  /** Called once, when the port is no longer used. */
  readonly onClosed: () => void;
};

/** The RTP side of one person: a socket, an {@link Ear} and a {@link Mouth}. Independent of the sender that it listens to. */
export class Handset {
  readonly #parts: HandsetParts;
  readonly #socket: Socket;
  #ear: Ear | null = null;
  #mouth: Mouth | null = null;
  #remote: SocketAddress | null = null;
  #timer: Timer | null = null;
  #startedMs = 0;
  #tick = 0;
  #quietTicks = 0;
  #isClosed = false;

  private constructor(parts: HandsetParts, socket: Socket) {
    this.#parts = parts;
    this.#socket = socket;
    socket.on('message', (packet) => this.#ear?.hear(packet));
  }

  /** Binds the port. Rejects when it is taken. */
  static async open(local: SocketAddress, parts: HandsetParts): Promise<Handset> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(local.port, local.address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', (err) => parts.logger.warn({ err }, 'handset socket failed'));
    return new Handset(parts, socket);
  }

  get heard(): Heard {
    return this.#ear?.heard ?? { packets: 0, soundPackets: 0 };
  }

  /** The person picks up: says hello and listens. `onSound` is called once. */
  pickUp(offer: HandsetOffer, ssrc: number, onSound: () => void): void {
    if (this.#isClosed) return;
    const codec = this.#parts.codecs[offer.law];
    this.#remote = offer.remote;
    this.#ear = new Ear(codec, offer.payloadType, onSound);
    this.#mouth = new Mouth({ codec, payloadType: offer.payloadType, eventPayloadType: offer.eventPayloadType, ssrc });
    this.#startedMs = this.#parts.clock.monotonic();
    this.#schedule();
  }

  /** Presses a key; false: the caller speaks no RFC 4733. */
  press(digit: string): boolean {
    const isPressed = this.#mouth?.press(digit) ?? false;
    if (isPressed && this.#timer === null) {
      this.#tick = Math.ceil((this.#parts.clock.monotonic() - this.#startedMs) / packetMs);
      this.#quietTicks = 0;
      this.#schedule();
    }
    return isPressed;
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#socket.close();
    this.#parts.onClosed();
  }

  #schedule(): void {
    const dueMs = this.#startedMs + this.#tick * packetMs;
    this.#timer = this.#parts.clock.setTimer(() => this.#send(), Math.max(0, dueMs - this.#parts.clock.monotonic()));
  }

  /** Stops by itself after ten silent packet times, which is longer than the gap between two keys. */
  #send(): void {
    this.#timer = null;
    const packet = this.#mouth?.packetAt(this.#tick) ?? null;
    if (packet !== null && this.#remote !== null) {
      this.#socket.send(packet, this.#remote.port, this.#remote.address);
    }
    this.#quietTicks = packet === null ? this.#quietTicks + 1 : 0;
    this.#tick += 1;
    if (this.#quietTicks < 10) this.#schedule();
  }
}
