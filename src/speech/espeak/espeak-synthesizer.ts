import { type Clock, systemClock } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { readOrRefuse } from '../ssml/read-or-refuse.ts';
import { utterancesOf } from '../ssml/utterance.ts';
import type { SpeechAudio, SynthesisRequest, Synthesizer } from '../synthesizer.ts';
import { createEspeakChild, type EspeakChild } from './espeak-child.ts';
import { espeakMarkup } from './markup.ts';
import type { SpeakRequest } from './protocol.ts';
import { espeakLanguageCodes, espeakVoiceFor } from './voices.ts';

/** Goes into cache keys: the engine's package version, and our own for what is done to its audio afterwards. */
export const espeakName = 'espeak-ng-0.3.5/2';

export type EspeakOptions = {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** How many espeak-ng processes at most; each speaks one text at a time, a sentence of 2 s in 10 to 30 ms. */
  readonly processes?: number;
  /** Requests that may wait; one more rejects retryably. */
  readonly maxQueue?: number;
  /** Milliseconds for one text, including the first one's start of the process (0.3 s). */
  readonly requestTimeoutMs?: number;
};

/** Synthesizer with what this implementation shows besides the port. */
export interface EspeakSynthesizer extends Synthesizer {
  /** The language codes that are spoken, sorted; an unknown one's error message lists them (contract 15.13). */
  knownLanguages(): string[];
  /** Ids of the running espeak-ng processes. */
  pids(): number[];
}

type Waiting = {
  readonly request: Omit<SpeakRequest, 'id'>;
  readonly signal: AbortSignal;
  readonly resolve: (audio: SpeechAudio) => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: () => void;
};

/**
 * Text to speech by espeak-ng, in processes of its own. First come, first spoken. Aborting a waiting request takes it out of the queue;
 * aborting one that is being spoken rejects it at once, and its audio is thrown away when it is done.
 */
export function createEspeakSynthesizer(options: EspeakOptions): EspeakSynthesizer {
  const { logger, clock = systemClock, processes = 1, maxQueue = 1000, requestTimeoutMs = 30_000 } = options;
  const children = Array.from({ length: processes }, () => createEspeakChild({ logger, clock, requestTimeoutMs }));
  const idle: EspeakChild[] = [...children];
  const queue = new Set<Waiting>();
  let isClosed = false;

  async function run(child: EspeakChild, waiting: Waiting): Promise<void> {
    try {
      waiting.resolve(await child.speak(waiting.request));
    } catch (error) {
      waiting.reject(error);
    } finally {
      waiting.signal.removeEventListener('abort', waiting.onAbort);
      idle.push(child);
      next();
    }
  }

  function next(): void {
    for (const waiting of queue) {
      const child = isClosed ? undefined : idle.pop();
      if (child === undefined) return;
      queue.delete(waiting);
      void run(child, waiting);
    }
  }

  return {
    name: espeakName,
    voiceFor: espeakVoiceFor,
    knownLanguages: espeakLanguageCodes,
    pids: () => children.flatMap((child) => child.pid ?? []),
    synthesize(request, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        if (isClosed) throw new InfrastructureError('the speech synthesizer is closed', { retryable: false });
        if (queue.size >= maxQueue) throw new InfrastructureError('the speech queue is full', { retryable: true });
        const waiting: Waiting = {
          request: inMarkup(request),
          signal,
          resolve,
          reject,
          onAbort: () => {
            queue.delete(waiting);
            reject(signal.reason);
          },
        };
        signal.addEventListener('abort', waiting.onAbort, { once: true });
        queue.add(waiting);
        next();
      });
    },
    async close() {
      isClosed = true;
      for (const waiting of queue) {
        waiting.signal.removeEventListener('abort', waiting.onAbort);
        waiting.reject(new InfrastructureError('the speech synthesizer is closed', { retryable: false }));
      }
      queue.clear();
      await Promise.all(children.map((child) => child.close()));
    },
  };
}

function inMarkup({ voice, text, speakingRate }: SynthesisRequest): Omit<SpeakRequest, 'id'> {
  return { voice, utterances: utterancesOf(readOrRefuse(text), speakingRate, espeakMarkup) };
}
