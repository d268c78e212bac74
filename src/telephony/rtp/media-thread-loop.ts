import { assert, assertNever, messageOf } from '../../lib/errors.ts';
import type { Random } from '../../lib/random.ts';
import { createG711Codec } from '../audio/g711.ts';
import type { DatagramSocket, DatagramSockets } from './datagram-socket.ts';
import type { MediaAddress } from './latch-machine.ts';
import { type MediaPort, portKey } from './media-port.ts';
import { MediaStream } from './media-stream.ts';
import type { MediaThreadFigures } from './media-types.ts';
import { MessageBatch } from './message-batch.ts';
import { Pacer } from './pacer.ts';
import { LoadedPrompt } from './playout.ts';
import { createThreadCodecs, type ThreadCodecs } from './received-codecs.ts';
import type { RecorderLine, ToRecorder } from './recording/recorder-protocol.ts';
import type { RecorderEnd } from './recording/recording-tap.ts';
import { Silence } from './silence.ts';
import type { EncodedPrompt, FromMediaThread, ToMediaThread } from './thread-protocol.ts';

export type MediaThreadOptions = {
  readonly tickMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** What `now` counts from, ms since 1970. */
  readonly epochMs: number;
  readonly random: Random;
  readonly post: (message: FromMediaThread, transfer?: readonly ArrayBuffer[]) => void;
  /** Makes the thread's sockets. They call `giveWay` now and then while they hand out datagrams unasked: what is due is sent meanwhile. */
  readonly sockets: (giveWay: () => void) => DatagramSockets;
};

/** Skipped time is told when it has come to this: single pauses of a busy machine are not worth a word. */
const tellAfterSkippedMs = 500;

/** A bound socket and who uses it. */
type Line = {
  readonly at: MediaPort;
  readonly socket: DatagramSocket;
  /** The socket of the port above, for RTCP: bound when a call first needs it, and kept as long as this one. null: not asked for; resolves to null where it is not to be had. */
  control: Promise<DatagramSocket | null> | null;
  /** null: none is on it, what comes in is dropped. */
  session: Session | null;
  /** The far side of the session before. */
  former: MediaAddress | null;
};

type Session = { readonly id: number; readonly stream: MediaStream; readonly line: Line };

/** What runs in a media thread: the sessions, their sockets, and the one timer that sends. */
export class MediaThread {
  readonly #options: MediaThreadOptions;
  readonly #pacer: Pacer;
  readonly #sockets: DatagramSockets;
  readonly #lines = new Map<string, Line>();
  readonly #sessions = new Map<number, Session>();
  readonly #prompts = new Map<string, LoadedPrompt>();
  readonly #codecs: ThreadCodecs;
  readonly #silence: Silence;
  #recorder: RecorderEnd | null = null;
  /** Null: nobody is to be sent to. */
  #timer: NodeJS.Timeout | null = null;
  #timerDueMs = 0;
  #toldSkippedMs = 0;
  #endedPacketsSent = 0;
  #endedPacketsReceived = 0;

  constructor(options: MediaThreadOptions) {
    this.#options = options;
    const g711 = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };
    this.#codecs = createThreadCodecs(g711);
    this.#silence = new Silence(g711);
    this.#pacer = new Pacer({ tickMs: options.tickMs, now: options.now });
    this.#sockets = options.sockets(() => this.#pacer.advance(1));
  }

  /** Carries out one message. What concerns a session that has gone meanwhile is dropped. */
  handle(message: ToMediaThread): void {
    switch (message.type) {
      case 'bind':
        void this.#bind(message.at);
        return;
      case 'unbind':
        this.#unbind(message.at);
        return;
      case 'open':
        this.#open(message);
        return;
      case 'load-prompt':
        this.#loadPrompt(message.prompt);
        return;
      case 'unload-prompt':
        this.#prompts.delete(message.promptKey);
        return;
      case 'recorder':
        this.#recorder = connectRecorder(message.line);
        return;
      case 'read-figures':
        this.#options.post({ type: 'figures', figures: this.#figures() });
        if (message.resetLateness) this.#pacer.lateness.reset();
        return;
      case 'connect':
      case 'play':
      case 'stop-play':
      case 'interject':
      case 'detect-machine':
      case 'send-digit':
      case 'read-capture':
      case 'record':
      case 'close': {
        const session = this.#sessions.get(message.sessionId);
        if (session !== undefined) this.#command(session, message);
        return;
      }
      default:
        assertNever(message);
    }
  }

  #loadPrompt({ promptKey, codes }: EncodedPrompt): void {
    const known = this.#prompts.get(promptKey);
    if (known === undefined) this.#prompts.set(promptKey, new LoadedPrompt(promptKey, codes));
    else known.add(codes);
  }

  #command(session: Session, message: SessionCommand): void {
    const { stream } = session;
    const { sessionId } = message;
    switch (message.type) {
      case 'connect':
        if (stream.connect(message.remote, this.#pacer.skippedMs)) this.#pacer.add(stream);
        this.#setTimer();
        return;
      case 'play': {
        const prompt = this.#prompts.get(message.promptKey);
        if (prompt !== undefined) stream.play(prompt, message.loopCount);
        else this.#reportUnknownPrompt(sessionId, message.promptKey);
        return;
      }
      case 'stop-play':
        stream.stopPlay();
        return;
      case 'interject': {
        const prompt = this.#prompts.get(message.promptKey);
        if (prompt !== undefined) stream.interject(prompt);
        return;
      }
      case 'detect-machine':
        stream.detectMachine(message.stage);
        return;
      case 'send-digit':
        stream.sendDigit(message.digit, message.durationMs);
        return;
      case 'read-capture': {
        const pcm = stream.captured();
        this.#options.post({ type: 'capture', sessionId, pcm }, pcm === null ? [] : [pcm.buffer]);
        return;
      }
      case 'record':
        if (this.#recorder !== null) stream.record(message, this.#recorder);
        return;
      case 'close':
        this.#close(session);
        return;
      default:
        assertNever(message);
    }
  }

  async #bind(at: MediaPort): Promise<void> {
    const { post } = this.#options;
    let socket: DatagramSocket;
    try {
      socket = await this.#sockets.bind(at);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
      post({ type: 'bind-failed', at, code, reason: messageOf(error) });
      return;
    }
    this.#lines.set(portKey(at), { at, socket, control: null, session: null, former: null });
    post({ type: 'bound', at });
  }

  #unbind(at: MediaPort): void {
    const line = this.#lines.get(portKey(at));
    this.#lines.delete(portKey(at));
    line?.socket.close();
    void line?.control?.then((control) => control?.close());
  }

  async #attachControl(sessionId: number): Promise<void> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    const { line, stream } = session;
    line.control ??= this.#bindControl(line);
    const control = await line.control;
    if (control !== null && line.session === session) stream.attachControl(control);
  }

  /** Where somebody else has the port, calls go without RTCP; the next one tries again. */
  async #bindControl(line: Line): Promise<DatagramSocket | null> {
    try {
      return await this.#sockets.bind({ host: line.at.host, port: line.at.port + 1 });
    } catch {
      line.control = null;
      return null;
    }
  }

  #open({ sessionId, at, captureMs }: Extract<ToMediaThread, { type: 'open' }>): void {
    const line = this.#lines.get(portKey(at));
    assert(line !== undefined && line.session === null, 'a session opens on a bound port that is free');
    const stream = new MediaStream(line.socket, this.#streamContext(sessionId), { captureMs, former: line.former });
    line.session = { id: sessionId, stream, line };
    this.#sessions.set(sessionId, line.session);
  }

  #streamContext(sessionId: number): ConstructorParameters<typeof MediaStream>[1] {
    const { tickMs, now, epochMs, random, post } = this.#options;
    return {
      tickMs,
      now,
      epochMs,
      random,
      codecs: this.#codecs,
      silence: this.#silence,
      report: (event) => post({ type: 'event', sessionId, event }),
      reportLatch: (announced, actual) => post({ type: 'latched', sessionId, announced, actual }),
      requestControl: () => void this.#attachControl(sessionId),
    };
  }

  #close({ id, stream, line }: Session): void {
    this.#sessions.delete(id);
    line.session = null;
    const { stats, former } = stream.close();
    line.former = former;
    this.#endedPacketsSent += stats.packetsSent;
    this.#endedPacketsReceived += stats.packetsReceived;
    const pcm = stream.captured();
    this.#options.post({ type: 'closed', sessionId: id, stats, pcm }, pcm === null ? [] : [pcm.buffer]);
  }

  #reportUnknownPrompt(sessionId: number, promptKey: string): void {
    this.#options.post({ type: 'event', sessionId, event: { type: 'play-ended', promptKey, isComplete: false } });
  }

  #setTimer(): void {
    if (this.#pacer.size === 0) return;
    const { nextDueMs } = this.#pacer;
    if (this.#timer !== null) {
      if (nextDueMs >= this.#timerDueMs) return;
      clearTimeout(this.#timer);
    }
    this.#timerDueMs = nextDueMs;
    this.#timer = setTimeout(this.#onTimer, Math.max(1, Math.floor(nextDueMs - this.#options.now())));
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    this.#pacer.advance();
    this.#tellSkipped();
    this.#setTimer();
  };

  #tellSkipped(): void {
    const skippedMs = this.#pacer.skippedMs - this.#toldSkippedMs;
    if (skippedMs < tellAfterSkippedMs) return;
    this.#toldSkippedMs += skippedMs;
    this.#options.post({ type: 'skipped', skippedMs: Math.round(skippedMs), sessions: this.#sessions.size });
  }

  #figures(): MediaThreadFigures {
    const { lateness, skippedMs } = this.#pacer;
    let packetsSent = this.#endedPacketsSent;
    let packetsReceived = this.#endedPacketsReceived;
    for (const { stream } of this.#sessions.values()) {
      packetsSent += stream.packetsSent;
      packetsReceived += stream.packetsReceived;
    }
    return {
      sessions: this.#sessions.size,
      packetsSent,
      packetsReceived,
      packetsDropped: this.#sockets.packetsDropped,
      sendLatenessP50Ms: lateness.quantileMs(0.5),
      sendLatenessP99Ms: lateness.quantileMs(0.99),
      sendLatenessMaxMs: lateness.maxMs,
      skippedMs,
    };
  }
}

function connectRecorder({ port, pendingBytes }: RecorderLine): RecorderEnd {
  const batch = new MessageBatch<ToRecorder>((messages, transfer) => port.postMessage(messages, transfer));
  return {
    post: (message, transfer) => batch.post(message, transfer),
    pendingBytes: new Int32Array(pendingBytes),
  };
}

type SessionCommand = Extract<
  ToMediaThread,
  {
    type:
      | 'connect'
      | 'play'
      | 'stop-play'
      | 'interject'
      | 'detect-machine'
      | 'send-digit'
      | 'read-capture'
      | 'record'
      | 'close';
  }
>;
