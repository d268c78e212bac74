import { createHash } from 'node:crypto';

/** A request that the platform refused, or an answer that is none. */
export class DialectError extends Error {
  readonly code: number | null;

  constructor(path: string, code: number | null, message: string) {
    super(`${path}: ${message}${code === null ? '' : ` (code ${code})`}`);
    this.name = 'DialectError';
    this.code = code;
  }
}

export type DialectCredentials = { readonly apiKey: string; readonly apiSecret: string };

/** A client of the dialect, as a customer would write one: it knows the public contract and nothing else. */
export interface DialectClient {
  /** Sends a signed request and returns `data`. Throws {@link DialectError} on any code but 0. */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
}

/** `Sign` of contract 1.2: MD5 over key, secret and the Unix time in seconds. */
export function signOf(credentials: DialectCredentials, timestamp: number): string {
  return createHash('md5').update(`${credentials.apiKey}${credentials.apiSecret}${timestamp}`).digest('hex');
}

/** `baseUrl` ends before `/voice/...`, e.g. `http://127.0.0.1:8080/v3`. */
export function createDialectClient(
  baseUrl: string,
  credentials: DialectCredentials,
  now: () => number,
): DialectClient {
  return {
    async call(method, path, body) {
      const timestamp = Math.floor(now() / 1000);
      const response = await fetch(baseUrl + path, {
        method,
        headers: {
          'Content-Type': 'application/json;charset=UTF-8',
          'Api-Key': credentials.apiKey,
          Timestamp: String(timestamp),
          Sign: signOf(credentials, timestamp),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
      const envelope: unknown = await response.json().catch(() => null);
      const { code, msg, data } = envelopeOf(envelope);
      if (code === null) throw new DialectError(path, null, `HTTP ${response.status} without an envelope`);
      if (code !== 0) throw new DialectError(path, code, msg);
      return data;
    },
  };
}

function envelopeOf(value: unknown): { code: number | null; msg: string; data: unknown } {
  if (typeof value !== 'object' || value === null || !('code' in value)) return { code: null, msg: '', data: null };
  return {
    code: Number(value.code),
    msg: 'msg' in value ? String(value.msg) : '',
    data: 'data' in value ? value.data : null,
  };
}
