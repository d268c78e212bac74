import { InfrastructureError, messageOf } from '../../lib/errors.ts';
import type { GoogleInput } from './inputs.ts';
import type { GoogleGender } from './voices.ts';

/** Where Google is, and as whom we come. */
export type GoogleSettings = {
  /** The JSON key file of a service account, or whatever else the client library takes as application credentials. */
  readonly credentialsFile: string;
  /** Such as `https://eu-texttospeech.googleapis.com`. */
  readonly endpoint: string;
  /** Of one request, milliseconds. */
  readonly timeoutMs: number;
};

export type GoogleRequest = {
  readonly input: GoogleInput;
  readonly languageCode: string;
  readonly ssmlGender: GoogleGender;
  readonly speakingRate: number;
  readonly sampleRate: number;
};

/** One call of `text:synthesize`. */
export interface GoogleClient {
  /** The WAV. Rejects with an InfrastructureError: for good where Google will not speak this text, else retryable. */
  synthesize(request: GoogleRequest): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens Google's own client library, over REST. It is large, so it is loaded only here. */
export async function openGoogleClient(settings: GoogleSettings): Promise<GoogleClient> {
  const { TextToSpeechClient } = await import('@google-cloud/text-to-speech');
  const { credentialsFile, endpoint, timeoutMs } = settings;
  const { protocol, hostname, port } = new URL(endpoint);
  const isTls = protocol === 'https:';
  const client = new TextToSpeechClient({
    fallback: true,
    protocol: isTls ? 'https' : 'http',
    apiEndpoint: hostname,
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    keyFilename: credentialsFile,
    // Over REST the library's own timeout ends nothing; this one ends the connection.
    clientOptions: { transporterOptions: { timeout: timeoutMs } },
  });
  return {
    async synthesize({ input, languageCode, ssmlGender, speakingRate, sampleRate }) {
      const request = {
        input,
        voice: { languageCode, ssmlGender },
        audioConfig: { audioEncoding: 'LINEAR16', speakingRate, sampleRateHertz: sampleRate },
      } as const;
      try {
        // Not again by itself: whoever asks knows how long to wait, and says meanwhile why.
        const [{ audioContent }] = await client.synthesizeSpeech(request, { maxRetries: 0 });
        if (audioContent instanceof Uint8Array) return audioContent;
        return Buffer.from(audioContent ?? '', 'base64');
      } catch (error) {
        throw asFault(error, timeoutMs);
      }
    },
    close: () => client.close(),
  };
}

/** Only a request that Google calls wrong is wrong for good: a missing permission, a quota, an outage are mended elsewhere. */
function asFault(error: unknown, timeoutMs: number): InfrastructureError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const isLate = error instanceof Error && error.cause instanceof Error && error.cause.name === 'AbortError';
  const said = isLate ? `no answer within ${timeoutMs} ms` : wordsOf(messageOf(error));
  const message =
    typeof code === 'number' ? `Google Text-to-Speech: ${code} ${said}` : `Google Text-to-Speech: ${said}`;
  return new InfrastructureError(message, { retryable: code !== 400, cause: error });
}

/** The library gives the body of an error as its message. */
function wordsOf(message: string): string {
  try {
    const body: unknown = JSON.parse(message);
    if (typeof body !== 'object' || body === null || !('error' in body)) return message;
    const { error } = body;
    if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
    return message;
  } catch {
    // Not JSON: it is words already.
    return message;
  }
}
