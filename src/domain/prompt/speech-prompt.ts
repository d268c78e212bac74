import { createHash } from 'node:crypto';
import type { Db } from '../../db/tables.ts';
import type { SynthesisRequest, Synthesizer } from '../../speech/synthesizer.ts';
import { findPromptByKey, storePrompt } from './prompt-store.ts';

/** The cache key of a spoken text: the same words by the same voice at the same rate are stored once. */
function speechPromptKey(synthesizerName: string, request: SynthesisRequest): string {
  const words = createHash('sha256').update(request.text).digest('hex');
  return `tts:${synthesizerName}:${request.voice}:${request.speakingRate}:${words}`;
}

/** The prompt that says `request`, synthesized unless it is stored already; returns its id. Rejects as the synthesizer does. */
export async function ensureSpeechPrompt(
  db: Db,
  synthesizer: Synthesizer,
  request: SynthesisRequest,
  signal: AbortSignal,
): Promise<number> {
  const cacheKey = speechPromptKey(synthesizer.name, request);
  const stored = await findPromptByKey(db, cacheKey);
  if (stored !== null) return stored;
  const audio = await synthesizer.synthesize(request, signal);
  return storePrompt(db, { cacheKey, ...audio });
}
