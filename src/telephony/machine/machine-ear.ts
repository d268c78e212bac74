import { FrameAnalyzer, frameSamples } from './frame-analyzer.ts';
import { type DetectorState, initialDetector, stepDetector } from './machine-detector.ts';
import { type MachineFinding, machineFindingOf } from './machine-finding.ts';
import { VoiceActivity } from './voice-activity.ts';

export type MachineEarOptions = {
  /** Told what is found out, as it is found out. */
  readonly tell: (finding: MachineFinding) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
};

/** Listens to one call for who answers: the shell around {@link stepDetector}, which cuts audio into frames. */
export class MachineEar {
  readonly #options: MachineEarOptions;
  readonly #analyzer = new FrameAnalyzer();
  readonly #voice = new VoiceActivity();
  readonly #frame = new Int16Array(frameSamples);
  #filled = 0;
  #detector: DetectorState = initialDetector;
  /** When the call was answered; null: it was not, or something was heard since. */
  #answeredMs: number | null = null;
  #hasHeard = false;

  constructor(options: MachineEarOptions) {
    this.#options = options;
  }

  /** Nothing more will be found out. */
  get isDone(): boolean {
    return this.#detector.name === 'done';
  }

  /** The call is answered now. Where nothing has been heard yet, the time until something is counts as silence. */
  answered(): void {
    if (this.#hasHeard) this.#answer(0);
    else this.#answeredMs ??= this.#options.now();
  }

  /** Takes audio as it comes, 8 kHz, without gaps. */
  hear(pcm: Int16Array): void {
    if (this.#answeredMs !== null) this.#answer(this.#options.now() - this.#answeredMs);
    this.#answeredMs = null;
    this.#hasHeard = true;
    for (let from = 0; from < pcm.length && !this.isDone; ) {
      const count = Math.min(pcm.length - from, frameSamples - this.#filled);
      this.#frame.set(pcm.subarray(from, from + count), this.#filled);
      this.#filled += count;
      from += count;
      if (this.#filled === frameSamples) this.#step();
    }
  }

  #answer(sinceMs: number): void {
    this.#detector = stepDetector(this.#detector, { type: 'answered', sinceMs: Math.round(sinceMs) }).state;
  }

  #step(): void {
    this.#filled = 0;
    const facts = this.#analyzer.analyze(this.#frame);
    const isSpeech = this.#voice.hears(facts);
    const { state, findings } = stepDetector(this.#detector, { type: 'frame', isSpeech, tone: facts.tone });
    this.#detector = state;
    for (const found of findings) {
      const finding = machineFindingOf(found);
      if (finding !== null) this.#options.tell(finding);
    }
  }
}
