/** Text to speech as a port (espeak-ng here; others later). */
export interface Synthesizer {
  /** The stable name that goes into cache keys, e.g. `espeak-ng-0.3.5`. */
  readonly name: string;
  /** Resolves the voice for a request; null: the language is not spoken. Pure and fast. */
  voiceFor(request: VoiceRequest): VoiceChoice | null;
  /** Speaks `text`. Rejects with an InfrastructureError when the synthesizer fails, with the signal's reason when aborted. */
  synthesize(request: SynthesisRequest, signal: AbortSignal): Promise<SpeechAudio>;
  close(): Promise<void>;
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
};
