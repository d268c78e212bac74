import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { orAborted } from '../or-aborted.ts';
import { readOrRefuse } from '../ssml/read-or-refuse.ts';
import { joinAudio } from '../ssml/utterance.ts';
import type { SpeechAudio, SynthesisRequest, Synthesizer } from '../synthesizer.ts';
import { timeStretch } from '../time-stretch.ts';
import { type GoogleClient, type GoogleSettings, openGoogleClient } from './google-client.ts';
import { googleInputsOf } from './inputs.ts';
import { readLinear16 } from './linear16.ts';
import { googleVoiceFor, readGoogleVoice } from './voices.ts';

/** Goes into cache keys: whose speech it is, and our own version for how it is asked for. */
export const googleName = 'google/1';

export type GoogleOptions = Omit<GoogleSettings, 'timeoutMs'> & {
  readonly logger: Logger;
  /** Requests under way at the same time; further ones wait. */
  readonly concurrency?: number;
  /** Requests that may wait; one more rejects retryably. */
  readonly maxQueue?: number;
  /** Of one request, milliseconds. */
  readonly requestTimeoutMs?: number;
};

/** What a telephone can use at most: wideband codecs carry no more. */
const sampleRate = 16_000;
/** Google takes 0.25 to 2; what is faster is made so afterwards. */
const fastestRate = 2;

/**
 * Text to speech by Google Cloud. The client library is loaded by the first text. Aborting rejects at once; a request that is under way is let
 * go, and costs what it costs.
 */
export function createGoogleSynthesizer(options: GoogleOptions): Synthesizer {
  const { logger, concurrency = 4, maxQueue = 1000, requestTimeoutMs = 20_000 } = options;
  const waiting: (() => void)[] = [];
  let running = 0;
  let isClosed = false;
  let opening: Promise<GoogleClient> | null = null;

  function client(): Promise<GoogleClient> {
    if (opening === null) {
      const { hostname } = new URL(options.endpoint);
      logger.info({ endpoint: hostname }, 'opening Google Text-to-Speech');
      opening = openGoogleClient({ ...options, timeoutMs: requestTimeoutMs });
    }
    return opening;
  }

  /** Waits for a turn; throws when there are too many already, or none will come. */
  async function enter(): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= maxQueue) throw new InfrastructureError('the speech queue is full', { retryable: true });
    // The turn is handed on by whoever leaves, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  async function speak(request: SynthesisRequest, signal: AbortSignal): Promise<SpeechAudio> {
    const inputs = googleInputsOf(readOrRefuse(request.text));
    const speakingRate = Math.min(fastestRate, request.speakingRate);
    const pieces: Int16Array[] = [];
    for (const input of inputs) {
      await enter();
      try {
        signal.throwIfAborted();
        if (isClosed) throw closed();
        const asked = { input, ...readGoogleVoice(request.voice), speakingRate, sampleRate };
        const audio = readLinear16(await (await client()).synthesize(asked));
        if (audio.sampleRate !== sampleRate) throw wrongRate(audio.sampleRate);
        pieces.push(audio.pcm);
      } finally {
        leave();
      }
    }
    return { pcm: timeStretch(joinAudio(pieces), sampleRate, speakingRate / request.speakingRate), sampleRate };
  }

  return {
    name: googleName,
    voiceFor: googleVoiceFor,
    async synthesize(request, signal) {
      signal.throwIfAborted();
      if (isClosed) throw closed();
      return orAborted(speak(request, signal), signal);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      // They find that it is closed, and reject.
      for (const wake of waiting.splice(0)) {
        running += 1;
        wake();
      }
      await (await opening)?.close();
    },
  };
}

function closed(): InfrastructureError {
  return new InfrastructureError('the speech synthesizer is closed', { retryable: false });
}

function wrongRate(rate: number): InfrastructureError {
  const message = `Google Text-to-Speech: the audio has ${rate} samples a second instead of ${sampleRate}`;
  return new InfrastructureError(message, { retryable: true });
}
