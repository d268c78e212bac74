import { CarillonSignatureError } from './errors.ts';
import type { Report } from './wire/report.ts';

export type VerifyOptions = {
  /** Seconds by which the signature's time may be off; default 300. */
  readonly toleranceS?: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
};

/**
 * The reports of a request to the report URL, one or several, once its signature is found right (contract 15.11). Rejects with {@link CarillonSignatureError}
 * otherwise: answer 400 then, and nothing of it may be believed.
 *
 * @param body as it came, before anything has parsed it
 * @param header `Carillon-Signature`: `t=<unix s>,v1=<hex HMAC-SHA256 of "t.body">`
 * @param secret the app's report secret
 */
export async function verifyReport(
  body: string | Uint8Array,
  header: string | null | undefined,
  secret: string,
  options: VerifyOptions = {},
): Promise<readonly Report[]> {
  const { timestamp, signatures } = readHeader(header ?? '');
  const key = await crypto.subtle.importKey('raw', utf8(secret), hmac, false, ['verify']);
  const signed = concat(utf8(`${timestamp}.`), typeof body === 'string' ? utf8(body) : body);
  // WebCrypto compares in constant time. Every signature is tried: there are two while a secret is being replaced.
  const results = await Promise.all(signatures.map((signature) => crypto.subtle.verify(hmac, key, signature, signed)));
  if (!results.includes(true)) throw new CarillonSignatureError('the signature is wrong');
  const now = options.now ?? Date.now;
  const offS = Math.abs(now() / 1000 - Number(timestamp));
  if (offS > (options.toleranceS ?? 300)) {
    throw new CarillonSignatureError(`the signature is ${Math.round(offS)} s off: sent again, or a clock is wrong`);
  }
  const reports: Report | readonly Report[] = JSON.parse(
    typeof body === 'string' ? body : new TextDecoder().decode(body),
  );
  return isList(reports) ? reports : [reports];
}

const hmac = { name: 'HMAC', hash: 'SHA-256' } as const;

type Bytes = Uint8Array<ArrayBuffer>;

function readHeader(header: string): { readonly timestamp: string; readonly signatures: readonly Bytes[] } {
  const parts = header.split(',').map((part) => part.trim());
  const timestamp = parts.find((part) => /^t=\d{1,12}$/.test(part))?.slice(2);
  const signatures = parts.filter((part) => /^v1=[0-9a-f]{64}$/i.test(part)).map((part) => bytesOf(part.slice(3)));
  if (timestamp === undefined || signatures.length === 0)
    throw new CarillonSignatureError('there is no Carillon-Signature, or not in its form');
  return { timestamp, signatures };
}

function bytesOf(hex: string): Bytes {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}

function utf8(text: string): Bytes {
  return Uint8Array.from(new TextEncoder().encode(text));
}

function concat(first: Bytes, second: Uint8Array): Bytes {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function isList(value: Report | readonly Report[]): value is readonly Report[] {
  return Array.isArray(value);
}
