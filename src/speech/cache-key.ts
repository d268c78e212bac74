import { createHash } from 'node:crypto';
import type { SynthesisRequest } from './synthesizer.ts';

/** The prompt cache key of a sentence: the same synthesizer, voice, rate and text give the same audio. */
export function speechCacheKey(synthesizerName: string, request: SynthesisRequest): string {
  const facts = JSON.stringify([synthesizerName, request.voice, request.speakingRate, request.text]);
  return `speech:${createHash('sha256').update(facts).digest('hex')}`;
}
