import { InfrastructureError } from '../lib/errors.ts';

/** Who speaks the texts of an account. */
export type SpeechProvider = 'espeak' | 'google';

/** Text to speech as a port. */
export interface Synthesizer {
  /** The stable name that goes into cache keys, e.g. `espeak-ng-0.3.5/2`. */
  readonly name: string;
  /** Resolves the voice for a request; null: the language is not spoken. Pure and fast. */
  voiceFor(request: VoiceRequest): VoiceChoice | null;
  /**
   * Speaks a text: plain, or SSML (see `ssml/read-speech-text.ts`). Rejects with an InfrastructureError when the synthesizer fails, for good where it will
   * not speak this text; with the signal's reason when aborted.
   */
  synthesize(request: SynthesisRequest, signal: AbortSignal): Promise<SpeechAudio>;
  close(): Promise<void>;
}

/** The synthesizers of a process; null: not set up in this installation. */
export type Synthesizers = Readonly<Record<SpeechProvider, Synthesizer | null>>;

/** The account's synthesizer. Throws a retryable InfrastructureError that says what to do where this process does not have it. */
export function synthesizerOf(synthesizers: Synthesizers, provider: SpeechProvider): Synthesizer {
  const synthesizer = synthesizers[provider];
  if (synthesizer !== null) return synthesizer;
  throw new InfrastructureError(
    `the account's speechProvider is ${provider}, which is not set up here: set CARILLON_GOOGLE_CREDENTIALS for every process, or change the account`,
    { retryable: true },
  );
}

export type VoiceRequest = {
  /** Code of contract 13.3 and 15.13, e.g. "EN". */
  readonly lan: string;
  readonly ssmlGender: 1 | 2 | null;
  /** Country calling code, e.g. "44". */
  readonly accent: string | null;
};

export type VoiceChoice = {
  /** The synthesizer's own name for it. */
  readonly voice: string;
  /** What could not be done as asked, in English, for the task detail; null: nothing. */
  readonly note: string | null;
};

export type SynthesisRequest = {
  readonly voice: string;
  readonly text: string;
  /** 0.25 to 4, 1 = normal. */
  readonly speakingRate: number;
};

export type SpeechAudio = {
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array;
  readonly sampleRate: number;
  /** Left out: not measured. */
  readonly sound?: SpeechSound;
};

/** What is known of spoken sound, for those who look at it: loudness in LUFS before and after it was levelled, and its waveform. */
export type SpeechSound = {
  readonly loudnessBefore: number | null;
  readonly loudnessAfter: number | null;
  readonly waveform: Int8Array;
};
