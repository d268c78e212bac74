import { isSsml } from './ssml/read-speech-text.ts';
import type { SpeechAudio, Synthesizer } from './synthesizer.ts';

export type SpeechFinish = {
  /** Whether silence at the ends is cut off. */
  readonly trimSilence: boolean;
};

/** What is done to spoken audio before it becomes a prompt: the same as to an upload, so that both are equally loud. */
export interface SpeechFinisher {
  /** Rejects with an InfrastructureError when nothing is to be heard (for good) or too many are waiting (retryable), with the signal's reason when aborted. */
  finish(audio: SpeechAudio, how: SpeechFinish, signal: AbortSignal): Promise<SpeechAudio>;
}

/** Goes into cache keys: prompts that were made without it, or by another way of finishing, are not these. */
const finishName = 'finished/1';

/** A synthesizer whose audio is finished. It closes `synthesizer`, not `finisher`. */
export function createFinishedSynthesizer(synthesizer: Synthesizer, finisher: SpeechFinisher): Synthesizer {
  return {
    name: `${synthesizer.name}, ${finishName}`,
    voiceFor: (request) => synthesizer.voiceFor(request),
    async synthesize(request, signal) {
      // Whoever writes SSML may have meant the pause at an end.
      const trimSilence = !isSsml(request.text);
      return finisher.finish(await synthesizer.synthesize(request, signal), { trimSilence }, signal);
    },
    close: () => synthesizer.close(),
  };
}
