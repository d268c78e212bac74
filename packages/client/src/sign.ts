import { md5 } from './md5.ts';

/** An account's key and secret. */
export type Credentials = { readonly apiKey: string; readonly apiSecret: string };

/** `Sign` of contract 1.2: MD5 over key, secret and the Unix time in seconds, one after the other. */
export function signOf({ apiKey, apiSecret }: Credentials, timestampS: number | string): string {
  return md5(`${apiKey}${apiSecret}${timestampS}`);
}

/** The four headers of a request. */
export function signedHeaders(credentials: Credentials, timestampS: number | string): Record<string, string> {
  return {
    'Content-Type': 'application/json;charset=UTF-8',
    'Api-Key': credentials.apiKey,
    Timestamp: String(timestampS),
    Sign: signOf(credentials, timestampS),
  };
}
