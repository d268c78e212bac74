import type { Random } from '../../lib/random.ts';
import { codecShapes } from '../audio/codec.ts';
import { MachineEar } from '../machine/machine-ear.ts';
import { Capture } from './capture.ts';
import type { DatagramListener, DatagramSocket } from './datagram-socket.ts';
import { FarSide, isHoldAddress, type LatchReport } from './far-side.ts';
import { Interludes } from './interludes.ts';
import { type MediaAddress, missingAfterMs } from './latch-machine.ts';
import type { DetectionStage, MediaEvent, MediaStats, RemoteMedia } from './media-types.ts';
import type { Paced } from './pacer.ts';
import { Playout, type PlayoutSource } from './playout.ts';
import { encodingFor } from './prompt-encoding.ts';
import { ReceivedAudio } from './received-audio.ts';
import { receivedCodecs, type ThreadCodecs } from './received-codecs.ts';
import { type RecorderEnd, RecordingTap } from './recording/recording-tap.ts';
import { type AnnouncedMedia, RtcpChannel, type RtpSide } from './rtcp/rtcp-channel.ts';
import { isRtcp } from './rtcp/rtcp-packet.ts';
import { RtcpSession } from './rtcp/rtcp-session.ts';
import { rtpHeaderBytes } from './rtp-packet.ts';
import { type ReceiverObserver, RtpReceiver } from './rtp-receiver.ts';
import { RtpSender, type SenderFormat } from './rtp-sender.ts';
import type { Silence } from './silence.ts';
import { SrtpStream } from './srtp/srtp-stream.ts';
import type { SrtpKeys } from './srtp/srtp-suite.ts';
import { ToneListener } from './tone-listener.ts';

/** What a stream needs of its thread. */
export type StreamContext = {
  readonly tickMs: number;
  readonly now: () => number;
  /** What `now` counts from, ms since 1970. */
  readonly epochMs: number;
  readonly random: Random;
  readonly codecs: ThreadCodecs;
  readonly silence: Silence;
  /** Tells the main side. */
  readonly report: (event: MediaEvent) => void;
  readonly reportLatch: LatchReport;
  /** Asks for the socket of the port above, once; it comes by {@link MediaStream.attachControl}, or never. */
  readonly requestControl: () => void;
};

export type StreamOptions = {
  /** How much of the received audio is kept; 0: none. */
  readonly captureMs: number;
  /** The far side of the call before on this socket; null: none. */
  readonly former: MediaAddress | null;
};

/** No Opus packet of ours is longer: 60 ms at 24 kbit/s are 180 bytes. */
const mostFrameBytes = 1200;

/** When RTCP gets its socket: just before the first report can be due, so that a call that is over by then costs none. What the far side reports until then is lost, as is what comes of it: half a second's. */
const controlAfterMs = 400;

/**
 * One session on its media thread: what is sent through its socket and what comes in. Who the far side is, and so where packets go to and whose are taken,
 * is {@link FarSide}'s to know; it is asked about every packet until that is settled.
 */
export class MediaStream implements Paced, DatagramListener {
  readonly #socket: DatagramSocket;
  readonly #farSide: FarSide;
  readonly #context: StreamContext;
  readonly #audio = new ReceivedAudio(new Map());
  readonly #capture: Capture | null;
  readonly #playout: Playout;
  readonly #interludes = new Interludes();
  readonly #tones: ToneListener;
  #remote: RemoteMedia | null = null;
  #sender: RtpSender | null = null;
  #receiver: RtpReceiver | null = null;
  /** Null: in clear. */
  #srtp: SrtpStream | null = null;
  #rtcp: RtcpChannel | null = null;
  /** When its socket is asked for. */
  #controlDueMs = Number.POSITIVE_INFINITY;
  /** What was asked for before the far side was known. */
  #pendingPlay: { readonly prompt: PlayoutSource; readonly loopCount: number } | null = null;
  /** When the far side's latest packet came. */
  #heardMs = 0;
  #packetsRefused = 0;
  /** Listens for who answers; null: nobody asked. */
  #machineEar: MachineEar | null = null;
  /** Null: not recorded. */
  #tap: RecordingTap | null = null;
  #isLive = true;
  #packetsSent = 0;
  #octetsSent = 0;
  #skippedSamples = 0;
  #strideTicks = 1;
  #isLookPutOff = false;

  constructor(socket: DatagramSocket, context: StreamContext, { captureMs, former }: StreamOptions) {
    this.#socket = socket;
    this.#farSide = new FarSide(socket, former, context.reportLatch);
    this.#context = context;
    this.#capture = captureMs > 0 ? new Capture(captureMs * 8) : null;
    if (this.#capture !== null) this.#audio.add(this.#capture);
    this.#tones = new ToneListener(this.#audio, ({ key, durationMs }) => {
      context.report({ type: 'digit', digit: key, durationMs, source: 'in-band' });
    });
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
    // What has come by now is judged by what held until now.
    this.#socket.poll();
    const format = this.#takeFormat(remote);
    this.#strideTicks = Math.max(1, Math.round(format.packetSamples / 8 / this.#context.tickMs));
    this.#aim(remote);
    this.#secure(remote.srtp ?? null);
    this.#remote = remote;
    const codecs = receivedCodecs(remote, this.#context.codecs);
    this.#receiver?.configure(remote, codecs);
    this.#receiver ??= new RtpReceiver(remote, codecs, this.#observer(), this.#audio);
    this.#tap?.configure(codecs);
    this.#tones.turn(remote.hearsTones ?? false);
    const announced = announcedBy(remote);
    this.#rtcp?.aim(announced);
    if (this.#sender !== null) {
      this.#sender.configure(format);
      this.#controlDueMs = Math.min(this.#controlDueMs, this.#context.now() + controlAfterMs);
      return false;
    }
    this.#sender = new RtpSender(format, this.#playout, this.#context.random, this.#interludes);
    this.#rtcp = new RtcpChannel(this.#rtcpSession(this.#sender.ssrc), this.#rtpSide(this.#sender), announced);
    this.#controlDueMs = this.#context.now() + controlAfterMs;
    this.#socket.listen(this);
    this.#skippedSamples = Math.round(skippedMs * 8);
    const pending = this.#pendingPlay;
    this.#pendingPlay = null;
    if (pending !== null) this.play(pending.prompt, pending.loopCount);
    return true;
  }

  play(prompt: PlayoutSource, loopCount: number): void {
    if (this.#remote === null) {
      this.stopPlay();
      this.#pendingPlay = { prompt, loopCount };
      return;
    }
    this.#playout.play(prompt, loopCount);
  }

  stopPlay(): void {
    const pending = this.#pendingPlay;
    this.#pendingPlay = null;
    if (pending !== null) {
      this.#context.report({ type: 'play-ended', promptKey: pending.prompt.promptKey, isComplete: false });
    }
    this.#playout.stop();
  }

  interject(prompt: PlayoutSource): void {
    if (this.#remote !== null) this.#interludes.add(prompt);
  }

  /** Takes the socket that RTCP was to have. Nothing happens where it is not needed any more. */
  attachControl(socket: DatagramSocket): void {
    if (this.#isLive && this.#rtcp?.needsSocket) this.#rtcp.attach(socket, this.#context.now());
  }

  detectMachine(stage: DetectionStage): void {
    this.#machineEar ??= this.#listenForMachine();
    if (stage === 'answered') this.#machineEar.answered();
  }

  sendDigit(digit: string, durationMs: number): void {
    // The duration is of 16 bits: 8 s at 8 kHz, 1.3 s at 48 kHz.
    const most = Math.floor(0xffff / ((this.#remote?.eventClockRate ?? 8000) / 8000));
    this.#sender?.sendDigit(digit, Math.min(most, durationMs * 8));
  }

  /** Records what is said on both sides from now on. Once. */
  record({ recordingId, file }: { readonly recordingId: number; readonly file: string }, recorder: RecorderEnd): void {
    if (this.#tap !== null) return;
    const startMs = this.#context.now();
    const ours = new ReceivedAudio(
      this.#remote === null ? new Map() : receivedCodecs(this.#remote, this.#context.codecs),
    );
    this.#tap = new RecordingTap({ ...recorder, recordingId, file, theirs: this.#audio, ours, startMs });
  }

  /** Once each packet time: sends what is due. */
  onTurn(skippedMs: number): boolean {
    return this.#sendNext(skippedMs);
  }

  /**
   * Takes what has come: with each packet time where somebody listens or packets are long, else with every other one. A look costs as much as what it
   * finds; a key, or the far side's first packet, is known 20 ms later for it.
   */
  afterTurn(): void {
    const mayWait = !this.#audio.isHeard && this.#strideTicks * this.#context.tickMs <= 20;
    this.#isLookPutOff = mayWait && !this.#isLookPutOff;
    if (!this.#isLookPutOff) this.#socket.poll();
    this.#passTime(this.#context.now());
  }

  /** Takes a datagram from the socket. */
  receive(packet: Buffer, source: MediaAddress, arrivalMs: number): void {
    const receiver = this.#receiver;
    if (receiver === null || !this.#isLive) return;
    if (this.#rtcp?.isMuxed === true && isRtcp(packet)) {
      this.#rtcp.receive(packet, source, arrivalMs);
      return;
    }
    const clear = this.#admit(packet, source, arrivalMs);
    if (clear === null) {
      this.#packetsRefused += 1;
      return;
    }
    this.#heardMs = arrivalMs;
    if (!receiver.receive(clear, arrivalMs)) this.#packetsRefused += 1;
  }

  onSocketError(error: Error): void {
    this.#context.report({ type: 'failed', reason: `media socket: ${error.message}` });
  }

  captured(): Int16Array<ArrayBuffer> | null {
    return this.#capture?.read() ?? null;
  }

  /** Ends the stream; nothing is reported any more. The socket is left unconnected, as it was. `former`: who the far side was. */
  close(): { readonly stats: MediaStats; readonly former: MediaAddress | null } {
    this.#socket.poll();
    this.#rtcp?.close(this.#context.now());
    this.#socket.listen(null);
    this.#tap?.end(this.#context.now());
    this.#isLive = false;
    const former = this.#farSide.close();
    this.#audio.close();
    const statistics = this.#receiver?.statistics;
    const stats = {
      packetsSent: this.#packetsSent,
      packetsReceived: statistics?.packetsReceived ?? 0,
      packetsLost: statistics?.packetsLost ?? 0,
      jitterMs: statistics?.jitterMs ?? 0,
      packetsRefused: this.#packetsRefused,
      roundTripMs: this.#rtcp?.roundTripMs ?? null,
      farReport: this.#rtcp?.farReport ?? null,
    };
    return { stats, former };
  }

  /** False: nothing may be sent. */
  #sendNext(skippedMs: number): boolean {
    const sender = this.#sender;
    if (sender === null) return false;
    const skipped = Math.round(skippedMs * 8);
    if (skipped !== this.#skippedSamples) {
      sender.skip(skipped - this.#skippedSamples);
      this.#skippedSamples = skipped;
    }
    const clear = sender.next();
    if (clear === null) return false;
    const packet = this.#srtp === null ? clear : this.#srtp.protect(clear);
    this.#farSide.send(packet);
    this.#tap?.send(clear, this.#context.now());
    this.#packetsSent += 1;
    this.#octetsSent += clear.length - rtpHeaderBytes;
    return true;
  }

  #listenForMachine(): MachineEar {
    const { report, now } = this.#context;
    const ear = new MachineEar({ now, tell: (finding) => report({ type: 'machine', finding }) });
    const listener = {
      hear: (pcm: Int16Array): void => {
        ear.hear(pcm);
        if (ear.isDone) this.#audio.remove(listener);
      },
    };
    this.#audio.add(listener);
    return ear;
  }

  #rtcpSession(ssrc: number): RtcpSession {
    const { random, epochMs, now } = this.#context;
    return new RtcpSession({ ssrc, random, epochMs, nowMs: now() });
  }

  #rtpSide(sender: RtpSender): RtpSide {
    return {
      sending: () => ({
        rtpTimestamp: sender.timestamp,
        clockRate: codecShapes[this.#remote?.codec ?? 'PCMA'].clockRate,
        packets: this.#packetsSent,
        octets: this.#octetsSent,
        sequence: sender.sequence,
      }),
      reception: () => this.#receiver?.statistics.report() ?? null,
      srtp: () => this.#srtp,
      source: () => this.#farSide.source,
      send: (packet) => this.#farSide.send(packet),
    };
  }

  #askForControl(): void {
    this.#controlDueMs = Number.POSITIVE_INFINITY;
    if (this.#rtcp?.needsSocket) this.#context.requestControl();
  }

  /** Also turns the playout to the encoding. */
  #takeFormat(remote: RemoteMedia): SenderFormat {
    const { tickMs, silence } = this.#context;
    const ptimeMs = Math.min(60, Math.max(10, Math.floor(remote.ptimeMs / tickMs) * tickMs));
    const { encoding, packetMs } = encodingFor(remote.codec, ptimeMs);
    this.#playout.encodeAs(encoding);
    this.#interludes.encodeAs(encoding);
    return {
      payloadType: remote.payloadType,
      eventPayloadType: remote.eventPayloadType,
      silence: silence.payload(encoding),
      packetSamples: packetMs * 8,
      payloadBytes: remote.codec === 'opus' ? mostFrameBytes : packetMs * 8,
      unitsPerSample: codecShapes[remote.codec].clockRate / 8000,
      eventUnitsPerSample: (remote.eventClockRate ?? 8000) / 8000,
      // RFC 3264 8.4: the old way to say hold.
      canSend: remote.canSend && !isHoldAddress(remote.address),
    };
  }

  #observer(): ReceiverObserver {
    const { report } = this.#context;
    return {
      onFirstPacket: () => report({ type: 'first-packet' }),
      onDigit: (digit, durationMs) => report({ type: 'digit', digit, durationMs, source: 'rfc4733' }),
    };
  }

  #secure(keys: SrtpKeys | null): void {
    if (keys === null) this.#srtp = null;
    else if (this.#srtp === null) this.#srtp = new SrtpStream(keys);
    else this.#srtp.configure(keys);
  }

  /** Turns to the SDP's address, unless it is none. */
  #aim({ address, port, signallingHosts = [] }: RemoteMedia): void {
    if (isHoldAddress(address)) return;
    this.#farSide.step({ type: 'aim', announced: { address, port }, signallingHosts, nowMs: this.#context.now() });
  }

  #passTime(nowMs: number): void {
    this.#receiver?.passTime(nowMs);
    if (nowMs >= this.#controlDueMs) this.#askForControl();
    if (this.#rtcp !== null && nowMs >= this.#rtcp.dueMs) this.#rtcp.onTime(nowMs);
    this.#tap?.passTime(nowMs);
    const farSide = this.#farSide;
    const isDue = farSide.isTrying || (farSide.isSettled && nowMs - this.#heardMs >= missingAfterMs);
    if (!isDue) return;
    farSide.step({ type: 'time', nowMs, heardMs: this.#heardMs, ssrc: this.#receiver?.ssrc ?? 0 });
  }

  /** The packet without its protection; null: it is not the far side's. */
  #admit(packet: Buffer, source: MediaAddress, nowMs: number): Buffer | null {
    const farSide = this.#farSide;
    const { isSettled } = farSide;
    // Queued before the kernel began to drop them.
    if (isSettled && !farSide.isSource(source)) return null;
    const clear = this.#srtp === null ? packet : this.#srtp.unprotect(packet);
    if (clear === null || isSettled) return clear;
    const header = this.#receiver?.peek(clear) ?? null;
    if (header === null) return null;
    const { ssrc, sequence } = header;
    return farSide.step({ type: 'packet', source, ssrc, sequence, nowMs }) ? clear : null;
  }
}

function announcedBy({ address, port, rtcp }: RemoteMedia): AnnouncedMedia {
  return { rtp: { address, port }, rtcp: rtcp ?? { address, port: port + 1 } };
}
