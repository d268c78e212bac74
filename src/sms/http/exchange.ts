import { createHash } from 'node:crypto';
import { type ClientRequest, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { messageOf } from '../../lib/errors.ts';

/** Key and secret of an account of the dialect. */
export type DialectCredentials = { readonly apiKey: string; readonly apiSecret: string };

export type ExchangeRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** null: none. */
  readonly body: string | null;
  readonly credentials: DialectCredentials;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Ends the request, whatever it is at. */
  readonly signal: AbortSignal;
};

/**
 * What came of a request. `unsent`: there was no connection, so the other side knows nothing of it. `lost`: there was one, and no whole answer came: what
 * became of the request is not known.
 */
export type Exchange =
  | { readonly type: 'answered'; readonly httpStatus: number; readonly text: string }
  | { readonly type: 'unsent'; readonly reason: string }
  | { readonly type: 'lost'; readonly reason: string };

/** An answer is of a hundred messages at most; more than this is no answer of the dialect. */
const mostAnswerBytes = 1024 * 1024;

/**
 * One signed request of the dialect. Never rejects. Each has a connection of its own: on one that was kept, a request and the other side's closing may pass
 * each other, and nobody could tell whether it arrived. Redirects are not followed.
 */
export function exchange({ method, url, body, credentials, now, signal }: ExchangeRequest): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const isEncrypted = url.protocol === 'https:';
  let isConnected = false;
  const fail = (error: unknown): void =>
    resolve({ type: isConnected ? 'lost' : 'unsent', reason: signal.aborted ? 'no answer in time' : messageOf(error) });
  const headers = {
    ...signedHeaders(credentials, now),
    ...(body !== null && { 'content-length': Buffer.byteLength(body) }),
  };
  let request: ClientRequest;
  try {
    request = (isEncrypted ? requestHttps : requestHttp)(url, { method, headers, agent: false, signal });
  } catch (error) {
    // An address or a header that cannot be one.
    fail(error);
    return promise;
  }
  request.on('socket', (socket) =>
    socket.once(isEncrypted ? 'secureConnect' : 'connect', () => {
      isConnected = true;
    }),
  );
  request.on('error', fail);
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostAnswerBytes) response.destroy(new Error('the answer is too large'));
      else chunks.push(chunk);
    });
    response.on('error', fail);
    response.on('end', () =>
      resolve({ type: 'answered', httpStatus: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
    );
  });
  request.end(body ?? undefined);
  return promise;
}

/** The headers of contract 1.2. */
function signedHeaders({ apiKey, apiSecret }: DialectCredentials, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const sign = createHash('md5').update(`${apiKey}${apiSecret}${timestamp}`).digest('hex');
  return { 'content-type': 'application/json;charset=UTF-8', 'api-key': apiKey, timestamp, sign };
}
