import type { Socket } from 'node:dgram';
import type { Random } from '../../lib/random.ts';
import type { G711Codec } from '../audio/g711.ts';
import { Capture } from './capture.ts';
import type { CodecName, MediaEvent, MediaStats, RemoteMedia } from './media-types.ts';
import type { Paced } from './pacer.ts';
import { Playout } from './playout.ts';
import { type ReceiverObserver, RtpReceiver } from './rtp-receiver.ts';
import { RtpSender, type SenderFormat } from './rtp-sender.ts';
import { SrtpStream } from './srtp/srtp-stream.ts';
import type { SrtpKeys } from './srtp/srtp-suite.ts';
import type { EncodedPrompt } from './thread-protocol.ts';

/** What a stream needs of its thread. */
export type StreamContext = {
  readonly tickMs: number;
  readonly now: () => number;
  readonly random: Random;
  readonly codecs: Readonly<Record<CodecName, G711Codec>>;
  /** Tells the main side. */
  readonly report: (event: MediaEvent) => void;
  readonly reportLatch: (announced: string, actual: string) => void;
};

type Address = { readonly address: string; readonly port: number };

/** Payload types of G.711 (RFC 3551 table 4). */
const staticPayloadTypes: readonly (readonly [CodecName, number])[] = [
  ['PCMU', 0],
  ['PCMA', 8],
];

/**
 * One session on its media thread: a bound socket, what is sent through it and what comes in.
 *
 * Source latching: until the first usable packet, packets are sent to the address of the SDP and taken from anywhere; that packet's source is the
 * far side from then on, also where it is not the SDP's (NAT, a media relay), and the socket is connected to it, so that the kernel
 * drops everybody else and a send needs no address. A re-offer with another address begins anew.
 */
export class MediaStream implements Paced {
  readonly #socket: Socket;
  readonly #context: StreamContext;
  readonly #capture: Capture | null;
  readonly #playout: Playout;
  #remote: RemoteMedia | null = null;
  #sender: RtpSender | null = null;
  #receiver: RtpReceiver | null = null;
  /** Null: in clear. */
  #srtp: SrtpStream | null = null;
  #prompt: EncodedPrompt | null = null;
  /** What was asked for before the far side was known. */
  #pendingPlay: { readonly prompt: EncodedPrompt; readonly loopCount: number } | null = null;
  #target: Address | null = null;
  #source: Address | null = null;
  /** A source that was left behind by a re-offer and may still send. */
  #formerSource: Address | null = null;
  #isConnected = false;
  #isLive = true;
  #packetsSent = 0;
  #skippedSamples = 0;
  #strideTicks = 1;

  constructor(socket: Socket, context: StreamContext, captureMs: number) {
    this.#socket = socket;
    this.#context = context;
    this.#capture = captureMs > 0 ? new Capture(captureMs * 8) : null;
    this.#playout = new Playout((end) => context.report({ type: 'play-ended', ...end }));
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  get strideTicks(): number {
    return this.#strideTicks;
  }

  get packetsSent(): number {
    return this.#packetsSent;
  }

  get packetsReceived(): number {
    return this.#receiver?.statistics.packetsReceived ?? 0;
  }

  /** Starts or changes the media. True: it was the first time, the stream is to be put on the pacer. `skippedMs` as in {@link Paced}. */
  connect(remote: RemoteMedia, skippedMs: number): boolean {
    const format = this.#senderFormat(remote);
    this.#strideTicks = Math.max(1, Math.round(format.packetSamples / 8 / this.#context.tickMs));
    this.#aim(remote);
    this.#secure(remote.srtp ?? null);
    this.#remote = remote;
    this.#receiver?.configure(remote);
    this.#receiver ??= new RtpReceiver(remote, this.#codecsByPayloadType(), this.#observer(), this.#capture);
    if (this.#prompt !== null) this.#playout.recode(this.#prompt.codes[remote.codec]);
    if (this.#sender !== null) {
      this.#sender.configure(format);
      return false;
    }
    this.#sender = new RtpSender(format, this.#playout, this.#context.random);
    this.#skippedSamples = Math.round(skippedMs * 8);
    const pending = this.#pendingPlay;
    this.#pendingPlay = null;
    if (pending !== null) this.play(pending.prompt, pending.loopCount);
    return true;
  }

  play(prompt: EncodedPrompt, loopCount: number): void {
    if (this.#remote === null) {
      this.stopPlay();
      this.#pendingPlay = { prompt, loopCount };
      return;
    }
    this.#prompt = prompt;
    this.#playout.play({ promptKey: prompt.promptKey, codes: prompt.codes[this.#remote.codec] }, loopCount);
  }

  stopPlay(): void {
    const pending = this.#pendingPlay;
    this.#pendingPlay = null;
    if (pending !== null) {
      this.#context.report({ type: 'play-ended', promptKey: pending.prompt.promptKey, isComplete: false });
    }
    this.#playout.stop();
  }

  sendDigit(digit: string, durationMs: number): void {
    this.#sender?.sendDigit(digit, durationMs * 8);
  }

  /** One packet time: sends what is due. */
  onTurn(skippedMs: number): boolean {
    const sender = this.#sender;
    const target = this.#target;
    if (sender === null || target === null) return false;
    this.#receiver?.passTime(this.#context.now());
    const skipped = Math.round(skippedMs * 8);
    if (skipped !== this.#skippedSamples) {
      sender.skip(skipped - this.#skippedSamples);
      this.#skippedSamples = skipped;
    }
    const clear = sender.next();
    if (clear === null) return false;
    const packet = this.#srtp === null ? clear : this.#srtp.protect(clear);
    // Without a callback and without offset and length: the cheapest forms. The buffer is not copied when the kernel's queue is
    // full (then it would go out with the next packet's content); it is written again only one packet time later.
    if (this.#isConnected) this.#socket.send(packet);
    else this.#socket.send(packet, target.port, target.address);
    this.#packetsSent += 1;
    return true;
  }

  /** Takes a datagram from the socket. */
  receive(packet: Buffer, address: string, port: number): void {
    const receiver = this.#receiver;
    if (receiver === null || !this.#isLive) return;
    const source = this.#source;
    if (source === null ? isSame(this.#formerSource, address, port) : !isSame(source, address, port)) return;
    const clear = this.#srtp === null ? packet : this.#srtp.unprotect(packet);
    if (clear === null) return;
    const isUsable = receiver.receive(clear, this.#context.now());
    if (source === null && isUsable) this.#latch({ address, port });
  }

  captured(): Int16Array<ArrayBuffer> | null {
    return this.#capture?.read() ?? null;
  }

  /** Ends the stream; nothing is reported any more. The socket is left unconnected, as it was. */
  close(): MediaStats {
    this.#isLive = false;
    this.#disconnect();
    const statistics = this.#receiver?.statistics;
    return {
      packetsSent: this.#packetsSent,
      packetsReceived: statistics?.packetsReceived ?? 0,
      packetsLost: statistics?.packetsLost ?? 0,
      jitterMs: statistics?.jitterMs ?? 0,
    };
  }

  #senderFormat(remote: RemoteMedia): SenderFormat {
    const { tickMs, codecs } = this.#context;
    const ptimeMs = Math.min(60, Math.max(10, Math.floor(remote.ptimeMs / tickMs) * tickMs));
    return {
      payloadType: remote.payloadType,
      eventPayloadType: remote.eventPayloadType,
      silence: codecs[remote.codec].silence,
      packetSamples: ptimeMs * 8,
      // RFC 3264 8.4: the old way to say hold.
      canSend: remote.canSend && remote.address !== '0.0.0.0' && remote.address !== '::',
    };
  }

  #codecsByPayloadType(): ReadonlyMap<number, G711Codec> {
    return new Map(staticPayloadTypes.map(([name, payloadType]) => [payloadType, this.#context.codecs[name]]));
  }

  #observer(): ReceiverObserver {
    const { report } = this.#context;
    return {
      onFirstPacket: () => report({ type: 'first-packet' }),
      onDigit: (digit, durationMs) => report({ type: 'digit', digit, durationMs }),
    };
  }

  #secure(keys: SrtpKeys | null): void {
    if (keys === null) this.#srtp = null;
    else if (this.#srtp === null) this.#srtp = new SrtpStream(keys);
    else this.#srtp.configure(keys);
  }

  /** Turns to the SDP's address, unless it is the same as before. */
  #aim(remote: RemoteMedia): void {
    const before = this.#remote;
    if (before !== null && isSame(before, remote.address, remote.port)) return;
    // Where the far side had announced itself rightly, what still comes from there is of the past. Where it had not (NAT), its
    // real address is likely to stay, so it may be latched onto again.
    this.#formerSource = before !== null && isSame(this.#source, before.address, before.port) ? before : null;
    this.#source = null;
    this.#target = { address: remote.address, port: remote.port };
    this.#disconnect();
  }

  #disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    try {
      this.#socket.disconnect();
    } catch (error) {
      // The kernel refused the connection, which the socket's `error` has told: there is nothing to undo.
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SOCKET_DGRAM_NOT_CONNECTED')) throw error;
    }
  }

  #latch(source: Address): void {
    const announced = this.#target;
    if (announced !== null && !isSame(announced, source.address, source.port)) {
      this.#context.reportLatch(`${announced.address}:${announced.port}`, `${source.address}:${source.port}`);
    }
    this.#source = source;
    this.#target = source;
    this.#socket.connect(source.port, source.address);
    this.#isConnected = true;
  }
}

function isSame(one: Address | null, address: string, port: number): boolean {
  return one !== null && one.port === port && one.address === address;
}
