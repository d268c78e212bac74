import type { Db } from '../../db/tables.ts';
import type { Account } from '../../domain/account/account.ts';
import { errors } from '../../domain/error/registry.ts';
import { ensureSpeechPrompt } from '../../domain/prompt/speech-prompt.ts';
import type { Content } from '../../domain/task/settings.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import { rules } from './rule.ts';
import type { Voices } from './voice-check.ts';

/** A synthesizer that takes longer does not come back, ms. */
const longestWaitMs = 20_000;

/**
 * The prompt of a text that was checked already, spoken now unless it was before: a direct call waits for no job. Throws `badParameter` where the synthesizer will
 * not speak it; any other failure of it is the server's.
 */
export async function speak(
  { db, voices }: { readonly db: Db; readonly voices: Voices },
  { speechProvider }: Account,
  { lan, ssmlGender, accent, text, speakingRate }: Content,
): Promise<number> {
  const synthesizer = voices[speechProvider];
  const choice = synthesizer?.voiceFor({ lan: lan ?? '', ssmlGender, accent });
  if (!synthesizer || !choice) throw new Error(`no voice for ${lan}, which was checked`);
  const request = { voice: choice.voice, text: text ?? '', speakingRate: speakingRate ?? 1 };
  try {
    return await ensureSpeechPrompt(db, synthesizer, request, AbortSignal.timeout(longestWaitMs));
  } catch (error) {
    if (error instanceof InfrastructureError && !error.retryable) throw errors.badParameter('text', rules.unspeakable);
    throw error;
  }
}
