import { isIP } from 'node:net';
import { assert, messageOf } from '../../lib/errors.ts';
import type { MediaPort } from './media-port.ts';
import type { MediaThreadHandle, SessionLink } from './media-thread-handle.ts';
import type {
  DetectionStage,
  MediaEvent,
  MediaObserver,
  MediaSession,
  MediaStats,
  RemoteMedia,
} from './media-types.ts';
import { encodingFor } from './prompt-encoding.ts';
import type { PromptStore } from './prompt-store.ts';
import type { Recorder } from './recording/recorder.ts';
import type { RecordingOutcome } from './recording/recorder-protocol.ts';
import { eventOfDigit } from './telephone-event.ts';

export type SessionOptions = {
  readonly sessionId: number;
  readonly at: MediaPort;
  readonly thread: MediaThreadHandle;
  readonly observer: MediaObserver;
  readonly captureMs: number;
  readonly prompts: Pick<PromptStore, 'want'>;
  readonly recorder: Recorder;
  /** Called once, when the port is no longer the session's. `isReusable`: its socket may serve another session. */
  readonly onGone: (isReusable: boolean) => void;
};

const noStats: MediaStats = {
  packetsSent: 0,
  packetsReceived: 0,
  packetsLost: 0,
  jitterMs: 0,
  packetsRefused: 0,
  roundTripMs: null,
  farReport: null,
};

/**
 * The main side of a session: passes commands on to its thread, and events back. The thread hears of it with the first command only: a call that is never
 * answered costs no message.
 */
export class ThreadedMediaSession implements MediaSession, SessionLink {
  readonly localPort: number;
  readonly #options: SessionOptions;
  readonly #closed = Promise.withResolvers<MediaStats>();
  #captureWaiters: ((pcm: Int16Array) => void)[] = [];
  #remote: RemoteMedia | null = null;
  /** What was to be played last. */
  #promptKey: string | null = null;
  readonly #interjected = new Set<string>();
  #recordingId: number | null = null;
  #hasBegun = false;
  #isBroken = false;
  #isClosing = false;
  #isGone = false;
  #lastCapture: Int16Array = new Int16Array(0);

  constructor(options: SessionOptions) {
    this.#options = options;
    this.localPort = options.at.port;
  }

  connect(remote: RemoteMedia): void {
    if (!this.#isUsable()) return;
    if (isIP(remote.address) === 0 || remote.port <= 0 || remote.port > 65_535) {
      this.#options.observer({ type: 'failed', reason: 'the far side announced no usable media address' });
      return;
    }
    this.#remote = remote;
    this.#post({ type: 'connect', remote });
    this.#wantPrompt();
  }

  play(promptKey: string, loopCount: number): void {
    assert(Number.isInteger(loopCount) && loopCount >= 1, 'loopCount is 1 or more');
    if (!this.#isUsable()) return;
    this.#promptKey = promptKey;
    this.#post({ type: 'play', promptKey, loopCount });
    this.#wantPrompt();
  }

  stopPlay(): void {
    if (this.#isUsable()) this.#post({ type: 'stop-play' });
  }

  interject(promptKey: string): void {
    if (!this.#isUsable()) return;
    this.#interjected.add(promptKey);
    this.#wantEncoding(promptKey);
    this.#post({ type: 'interject', promptKey });
  }

  detectMachine(stage: DetectionStage): void {
    if (this.#isUsable()) this.#post({ type: 'detect-machine', stage });
  }

  sendDigit(digit: string, durationMs: number): void {
    assert(eventOfDigit(digit) !== null, 'not a DTMF digit');
    assert(durationMs >= 10 && durationMs <= 8000, 'a digit lasts 10 to 8000 ms');
    if (!this.#isUsable()) return;
    assert(this.#remote !== null && this.#remote.eventPayloadType !== null, 'telephone events were not negotiated');
    this.#post({ type: 'send-digit', digit, durationMs: Math.round(durationMs) });
  }

  record(file: string): Promise<RecordingOutcome> {
    if (!this.#isUsable()) return Promise.resolve({ isKept: false, problem: 'the call was over' });
    assert(this.#recordingId === null, 'a session is recorded once');
    const { recorder, thread } = this.#options;
    const { recordingId, outcome } = recorder.begin();
    this.#recordingId = recordingId;
    thread.connectRecorder(recorder);
    this.#post({ type: 'record', recordingId, file });
    return outcome;
  }

  captured(): Promise<Int16Array> {
    if (this.#isGone) return Promise.resolve(this.#lastCapture);
    const { promise, resolve } = Promise.withResolvers<Int16Array>();
    this.#captureWaiters.push(resolve);
    // After `close` was sent, its answer brings the capture.
    if (!this.#isClosing) this.#post({ type: 'read-capture' });
    return promise;
  }

  close(): Promise<MediaStats> {
    if (!this.#isUsable()) return this.#closed.promise;
    this.#isClosing = true;
    if (this.#hasBegun) {
      this.#post({ type: 'close' });
    } else {
      this.#options.thread.forget(this.#options.sessionId);
      this.#end(noStats);
    }
    return this.#closed.promise;
  }

  onEvent(event: MediaEvent): void {
    if (event.type === 'failed') this.#isBroken = true;
    if (!this.#isClosing) this.#options.observer(event);
  }

  onCapture(pcm: Int16Array | null): void {
    this.#captureWaiters.shift()?.(pcm ?? new Int16Array(0));
  }

  onClosed(stats: MediaStats, pcm: Int16Array | null): void {
    this.#lastCapture = pcm ?? this.#lastCapture;
    this.#end(stats);
  }

  onLost(reason: string): void {
    this.onEvent({ type: 'failed', reason });
    if (this.#recordingId !== null) this.#options.recorder.cut(this.#recordingId, `its end is missing: ${reason}`);
    this.#end(noStats);
  }

  #end(stats: MediaStats): void {
    this.#isGone = true;
    for (const waiter of this.#captureWaiters.splice(0)) waiter(this.#lastCapture);
    this.#closed.resolve(stats);
    this.#options.onGone(!this.#isBroken);
  }

  /** Sees to it that what plays or was put before it, if it still does, is encoded for the far side; the thread waits for it. */
  #wantPrompt(): void {
    if (this.#promptKey !== null) this.#wantEncoding(this.#promptKey);
    for (const promptKey of this.#interjected) this.#wantEncoding(promptKey);
  }

  #wantEncoding(promptKey: string): void {
    if (this.#remote === null) return;
    const { encoding } = encodingFor(this.#remote.codec, this.#remote.ptimeMs);
    this.#options.prompts.want(promptKey, encoding)?.catch((error: unknown) => {
      if (this.#isUsable()) this.onEvent({ type: 'failed', reason: messageOf(error) });
    });
  }

  #isUsable(): boolean {
    return !this.#isClosing && !this.#isGone;
  }

  #post(command: SessionCommand): void {
    const { thread, sessionId, at, captureMs } = this.#options;
    if (!this.#hasBegun) thread.post({ type: 'open', sessionId, at, captureMs });
    this.#hasBegun = true;
    thread.post({ sessionId, ...command });
  }
}

type SessionCommand =
  | { readonly type: 'connect'; readonly remote: RemoteMedia }
  | { readonly type: 'play'; readonly promptKey: string; readonly loopCount: number }
  | { readonly type: 'detect-machine'; readonly stage: DetectionStage }
  | { readonly type: 'record'; readonly recordingId: number; readonly file: string }
  | { readonly type: 'stop-play' | 'read-capture' | 'close' }
  | { readonly type: 'interject'; readonly promptKey: string }
  | { readonly type: 'send-digit'; readonly digit: string; readonly durationMs: number };
