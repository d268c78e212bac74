import type { Db } from '../../db/tables.ts';
import { speechCacheKey } from '../../speech/cache-key.ts';
import type { SynthesisRequest, Synthesizer } from '../../speech/synthesizer.ts';
import { findPromptByKey, storePrompt } from './prompt-store.ts';

/** The prompt that says `request`, synthesized unless it is stored already; returns its id. Rejects as the synthesizer does. */
export async function ensureSpeechPrompt(
  db: Db,
  synthesizer: Pick<Synthesizer, 'name' | 'synthesize'>,
  request: SynthesisRequest,
  signal: AbortSignal,
): Promise<number> {
  const cacheKey = speechCacheKey(synthesizer.name, request);
  const stored = await findPromptByKey(db, cacheKey);
  if (stored !== null) return stored;
  const audio = await synthesizer.synthesize(request, signal);
  return storePrompt(db, { cacheKey, ...audio });
}
