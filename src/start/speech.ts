import { readFile } from 'node:fs/promises';
import type { Config } from '../config/load-config.ts';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { createEspeakSynthesizer } from '../speech/espeak/espeak-synthesizer.ts';
import { createGoogleSynthesizer } from '../speech/google/google-synthesizer.ts';
import type { Synthesizers } from '../speech/synthesizer.ts';

/** The synthesizers of a process. */
export type Speakers = { readonly synthesizers: Synthesizers; readonly close: () => Promise<void> };

/** Rejects with an InfrastructureError that says what to do where the settings name credentials that are none. */
export async function openSpeakers({ googleSpeech }: Pick<Config, 'googleSpeech'>, logger: Logger): Promise<Speakers> {
  if (googleSpeech !== null) await requireCredentials(googleSpeech.credentialsFile);
  const espeak = createEspeakSynthesizer({ logger });
  const google = googleSpeech && createGoogleSynthesizer({ ...googleSpeech, logger });
  return {
    synthesizers: { espeak, google },
    close: async () => {
      await Promise.all([espeak.close(), google?.close()]);
    },
  };
}

/** Said at the start, not with the first text. */
async function requireCredentials(file: string): Promise<void> {
  try {
    const credentials: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof credentials === 'object' && credentials !== null && 'type' in credentials) return;
  } catch (error) {
    throw unusable(file, messageOf(error));
  }
  throw unusable(file, 'it has no "type"');
}

function unusable(file: string, why: string): InfrastructureError {
  const message = `CARILLON_GOOGLE_CREDENTIALS: ${file} is not a key file of Google Cloud (${why}): name the JSON file of a service account, or unset it`;
  return new InfrastructureError(message, { retryable: false });
}
