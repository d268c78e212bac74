import { readFile } from 'node:fs/promises';
import type { Config } from '../config/load-config.ts';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { createEspeakSynthesizer } from '../speech/espeak/espeak-synthesizer.ts';
import { createFinishedSynthesizer, type SpeechFinisher } from '../speech/finished-synthesizer.ts';
import { createGoogleSynthesizer } from '../speech/google/google-synthesizer.ts';
import type { Synthesizers } from '../speech/synthesizer.ts';
import { type AudioDecoder, createAudioDecoder } from '../telephony/audio/audio-decoder.ts';
import { AudioError } from '../telephony/audio/audio-error.ts';

/** The synthesizers of a process. */
export type Speakers = { readonly synthesizers: Synthesizers; readonly close: () => Promise<void> };

/** Rejects with an InfrastructureError that says what to do where the settings name credentials that are none. */
export async function openSpeakers({ googleSpeech }: Pick<Config, 'googleSpeech'>, logger: Logger): Promise<Speakers> {
  if (googleSpeech !== null) await requireCredentials(googleSpeech.credentialsFile);
  // Apart from the one for uploads, whose ten-minute files a sentence would have to wait for.
  const decoder = createAudioDecoder({ capacity: 1000 });
  const finisher = finisherOf(decoder);
  const espeak = createFinishedSynthesizer(createEspeakSynthesizer({ logger }), finisher);
  const google =
    googleSpeech && createFinishedSynthesizer(createGoogleSynthesizer({ ...googleSpeech, logger }), finisher);
  return {
    synthesizers: { espeak, google },
    close: async () => {
      await Promise.all([espeak.close(), google?.close()]);
      await decoder.close();
    },
  };
}

/** Levels and trims what was spoken, on the decoder's thread. */
function finisherOf(decoder: AudioDecoder): SpeechFinisher {
  return {
    async finish(audio, { trimSilence }, signal) {
      try {
        const finished = await decoder.finish(audio, { normalizeLoudness: true, trimSilence }, signal);
        return { pcm: finished.pcm, sampleRate: finished.sampleRate, sound: finished };
      } catch (error) {
        if (!(error instanceof AudioError)) throw error;
        throw new InfrastructureError('the text was spoken, but nothing is to be heard', {
          retryable: false,
          cause: error,
        });
      }
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
