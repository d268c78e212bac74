import { type Credentials, signedHeaders as headersOfClient } from '@carillon/client';
import type { Json } from './json.ts';

export type DialectCredentials = Credentials;

/** An answer of the dialect: both pairs (contract 15.2) and the data. */
export type DialectAnswer = {
  readonly httpStatus: number;
  readonly code: number | string;
  readonly msg: string;
  readonly status: number | string;
  readonly reason: string;
  readonly data: Json;
};

export type SignOptions = {
  /** Unix seconds; now by default. */
  readonly timestamp?: number | string;
  readonly sign?: string;
};

/** The four headers of contract 1.2, signed as a client does, which knows nothing of the server; or wrongly, where a test wants that. */
export function signedHeaders(credentials: DialectCredentials, options: SignOptions = {}): Record<string, string> {
  const headers = headersOfClient(credentials, options.timestamp ?? Math.floor(Date.now() / 1000));
  return options.sign === undefined ? headers : { ...headers, Sign: options.sign };
}

export type DialectRequest = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As sent; null: none. */
  readonly body: string | null;
};

/** One request, answered whatever the code. */
export async function requestDialect(baseUrl: string, request: DialectRequest): Promise<DialectAnswer> {
  const { method, path, headers, body } = request;
  const response = await fetch(`${baseUrl}${path}`, { method, headers, body });
  const text = await response.text();
  try {
    return { httpStatus: response.status, ...JSON.parse(text) };
  } catch (cause) {
    throw new Error(`${method} ${path} answered ${response.status} with: ${text.slice(0, 500)}`, { cause });
  }
}
