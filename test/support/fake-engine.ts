import type { CallMachine } from '../../src/call/call-machine.ts';
import {
  type CallEngine,
  type DialRequest,
  type Leg,
  type LegEnd,
  type LegEvent,
  type LegObserver,
  noFarEndWords,
  nothingHeard,
  type PromptAudio,
  type TrunkExamination,
  type TrunkRegisterRequest,
  type TrunkRegistration,
  type TrunkRegistrationObserver,
  type TrunkTarget,
} from '../../src/call/engine.ts';
import type { LegRecording } from '../../src/call/leg-recording.ts';
import type { Clock, Timer } from '../../src/lib/clock.ts';

/** What the far side does with a call; times from the INVITE, ms. What is left out does not happen. */
export type FakeCallee = {
  readonly ringAfterMs?: number;
  readonly answerAfterMs?: number;
  /** A final SIP status of 300 or more. */
  readonly reject?: { readonly afterMs: number; readonly sipStatus: number; readonly retryAfterS?: number };
  /** Ends without any answer. */
  readonly vanish?: { readonly afterMs: number; readonly cause: 'no-response' | 'transport-error' };
  /** From the answer. */
  readonly digits?: readonly { readonly afterMs: number; readonly digit: string }[];
  /** Who is heard to have answered, from the answer; only where the call asks for it. */
  readonly answerers?: readonly {
    readonly afterMs: number;
    readonly result: CallMachine['result'];
    readonly hasMailbox?: boolean;
  }[];
  /** From the answer. */
  readonly recordsAfterMs?: number;
  /** From the answer. */
  readonly hangUpAfterMs?: number;
  /** What was heard of an answered call, and before an answer; default: nothing. */
  readonly heard?: Partial<Pick<LegEnd, 'media' | 'machine' | 'earlyTone'>>;
};

export type FakeEngineOptions = {
  readonly clock: Clock;
  readonly behave: (request: DialRequest) => FakeCallee;
  /** How long a prompt plays once, ms. */
  readonly promptMs?: number;
  /** How long the far side takes to answer our hang-up, ms; default 0. */
  readonly byeMs?: number;
  /** Calls at once that there is room for; default: any number. */
  readonly capacity?: number;
  /** The status that OPTIONS is answered with; null: none. */
  readonly probe?: (trunk: TrunkTarget) => number | null;
};

/** A carrier with scripted callees behind the CallEngine port, and a ledger of what it was asked to dial. */
export class FakeEngine implements CallEngine {
  readonly dials: DialRequest[] = [];
  readonly played: { readonly sipCallId: string; readonly promptKey: string; readonly loopCount: number }[] = [];
  readonly prompts = new Map<string, PromptAudio>();
  readonly unloaded: string[] = [];
  /** The ids of the trunks that it was last told of; null: never told. */
  expectedTrunks: readonly number[] | null = null;
  /** The registrations that are open, and whom to tell what comes of them. */
  readonly registrations = new Map<TrunkRegisterRequest, TrunkRegistrationObserver>();
  readonly #options: FakeEngineOptions;
  readonly #legs = new Set<FakeLeg>();
  probes = 0;
  /** The most calls at once so far, from INVITE to end. */
  peak = 0;

  constructor(options: FakeEngineOptions) {
    this.#options = options;
  }

  get activeCalls(): number {
    return this.#legs.size;
  }

  get room(): number {
    return Math.max(0, (this.#options.capacity ?? Number.POSITIVE_INFINITY) - this.#legs.size);
  }

  dial(request: DialRequest, observer: LegObserver): Leg {
    this.dials.push(request);
    const leg = new FakeLeg(request, observer, {
      clock: this.#options.clock,
      callee: this.#options.behave(request),
      promptMs: this.#options.promptMs ?? 100,
      byeMs: this.#options.byeMs ?? 0,
      onPlay: (promptKey, loopCount) => {
        if (!this.prompts.has(promptKey)) throw new Error(`prompt ${promptKey} is not loaded`);
        this.played.push({ sipCallId: request.sipCallId, promptKey, loopCount });
      },
      onEnd: () => this.#legs.delete(leg),
    });
    this.#legs.add(leg);
    this.peak = Math.max(this.peak, this.#legs.size);
    return leg;
  }

  expectTrunks(trunks: readonly TrunkTarget[]): void {
    this.expectedTrunks = trunks.map(({ trunkId }) => trunkId);
  }

  async loadPrompt(prompt: PromptAudio): Promise<void> {
    this.prompts.set(prompt.promptKey, prompt);
  }

  unloadPrompt(promptKey: string): void {
    this.prompts.delete(promptKey);
    this.unloaded.push(promptKey);
  }

  async examine(trunk: TrunkTarget): Promise<TrunkExamination> {
    const status = await this.probe(trunk);
    const server = { address: trunk.host, port: trunk.port ?? 5060, transport: 'udp', tlsServerName: null } as const;
    const answer = {
      status,
      reason: status === null ? 'no answer' : 'as told',
      roundTripMs: status === null ? null : 1,
      seenAddress: null,
    };
    return { problem: null, servers: [{ ...server, ...answer }] };
  }

  async probe(trunk: TrunkTarget): Promise<number | null> {
    this.probes += 1;
    return this.#options.probe?.(trunk) ?? null;
  }

  register(request: TrunkRegisterRequest, observer: TrunkRegistrationObserver): TrunkRegistration {
    this.registrations.set(request, observer);
    return { close: async () => void this.registrations.delete(request) };
  }

  async close(): Promise<void> {
    for (const leg of [...this.#legs]) leg.end('engine-closed', null);
  }
}

type FakeLegOptions = {
  readonly clock: Clock;
  readonly callee: FakeCallee;
  readonly promptMs: number;
  readonly byeMs: number;
  readonly onPlay: (promptKey: string, loopCount: number) => void;
  readonly onEnd: () => void;
};

class FakeLeg implements Leg {
  readonly #observer: LegObserver;
  readonly #options: FakeLegOptions;
  readonly #timers: Timer[] = [];
  readonly #detectsMachine: boolean;
  #playing: { readonly promptKey: string; readonly ending: Timer } | null = null;
  #hasRung = false;
  #isAnswered = false;
  #isOver = false;

  constructor(request: DialRequest, observer: LegObserver, options: FakeLegOptions) {
    this.#observer = observer;
    this.#options = options;
    this.#detectsMachine = request.detectsMachine ?? false;
    const { ringAfterMs, answerAfterMs, reject, vanish } = options.callee;
    if (ringAfterMs !== undefined) this.#after(ringAfterMs, () => this.#ring());
    if (answerAfterMs !== undefined) this.#after(answerAfterMs, () => this.#answer());
    if (reject) this.#after(reject.afterMs, () => this.end('rejected', reject.sipStatus, reject.retryAfterS ?? null));
    if (vanish) this.#after(vanish.afterMs, () => this.end(vanish.cause, null));
    this.#after(request.ringTimeoutMs, () => {
      if (!this.#isAnswered) this.end('ring-timeout', 487);
    });
  }

  play(promptKey: string, loopCount: number): void {
    if (this.#isOver) return;
    this.stopPlay();
    this.#options.onPlay(promptKey, loopCount);
    const ending = this.#after(this.#options.promptMs * loopCount, () => this.#endPlay(true));
    this.#playing = { promptKey, ending };
  }

  sendDigits(): void {
    // The scripts under test send none.
  }

  stopPlay(): void {
    this.#endPlay(false);
  }

  record(file: string): Promise<LegRecording> {
    return Promise.resolve({ isKept: false, problem: `nothing is said here, for ${file} to hold` });
  }

  hangUp(): void {
    this.#after(this.#options.byeMs, () => this.end('local-hangup', this.#isAnswered ? 200 : 487));
  }

  end(cause: LegEnd['cause'], sipStatus: number | null, retryAfterS: number | null = null): void {
    if (this.#isOver) return;
    for (const timer of this.#timers) timer.cancel();
    const end: LegEnd = {
      cause,
      hasRung: this.#hasRung,
      isAnswered: this.#isAnswered,
      sipStatus,
      reason: '',
      ...nothingHeard,
      ...(this.#isAnswered ? this.#options.callee.heard : { earlyTone: this.#options.callee.heard?.earlyTone ?? null }),
      ...noFarEndWords,
      retryAfterS,
    };
    this.#options.onEnd();
    this.#emit({ type: 'ended', end });
    this.#isOver = true;
  }

  #endPlay(isComplete: boolean): void {
    const playing = this.#playing;
    this.#playing = null;
    playing?.ending.cancel();
    if (playing !== null) this.#emit({ type: 'play-ended', promptKey: playing.promptKey, isComplete });
  }

  #ring(): void {
    this.#hasRung = true;
    this.#emit({ type: 'ringing', sipStatus: 180, hasEarlyMedia: false });
  }

  #answer(): void {
    this.#isAnswered = true;
    this.#emit({ type: 'answered' });
    this.#emit({ type: 'media-started' });
    const { digits = [], answerers = [], recordsAfterMs, hangUpAfterMs } = this.#options.callee;
    for (const { afterMs, result, hasMailbox = true } of this.#detectsMachine ? answerers : [])
      this.#after(afterMs, () => this.#emit({ type: 'answerer', result, hasMailbox }));
    if (this.#detectsMachine && recordsAfterMs !== undefined)
      this.#after(recordsAfterMs, () => this.#emit({ type: 'machine-records', after: 'beep' }));
    for (const { afterMs, digit } of digits)
      this.#after(afterMs, () => this.#emit({ type: 'digit', digit, source: 'rfc4733' }));
    if (hangUpAfterMs !== undefined) this.#after(hangUpAfterMs, () => this.end('remote-hangup', 200));
  }

  #emit(event: LegEvent): void {
    if (!this.#isOver) this.#observer(event);
  }

  #after(ms: number, run: () => void): Timer {
    const timer = this.#options.clock.setTimer(() => !this.#isOver && run(), ms);
    this.#timers.push(timer);
    return timer;
  }
}
