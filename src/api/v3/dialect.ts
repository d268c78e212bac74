import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../../domain/account/account.ts';
import { errors } from '../../domain/error/registry.ts';
import { assert } from '../../lib/errors.ts';
import type { AccountCache } from './account-cache.ts';
import { failedAnswer } from './answer-error.ts';
import { refusalOf } from './authenticate.ts';
import type { Endpoint } from './dialect-call.ts';
import { type Literals, succeeded, succeededFlat, usualLiterals } from './envelope.ts';
import { isObject } from './field.ts';
import { parseJsonBody } from './json-body.ts';
import { LocalTime } from './local-time.ts';
import type { Turns } from './turns.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose request it is, once it is authenticated; null on other paths. */
    dialectAccount: Account | null;
  }
  interface FastifyContextConfig {
    dialectLiterals?: Literals;
  }
}

export type DialectOptions = {
  readonly accounts: AccountCache;
  readonly endpoints: readonly Endpoint[];
  /** Large bodies by account id, so that no account can fill the memory with them. */
  readonly largeBodies: Turns<number>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** How many large bodies of one account are read and handled at a time; more wait before they are read. */
export const largeBodiesAtOnce = 2;
const largeBodyBytes = 8 * 1024 * 1024;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Mounts the dialect's endpoints below the instance's prefix. Every answer on one of their paths is HTTP 200 with the envelope of the endpoint; who is asking is
 * checked before the body is read.
 */
export function mountDialect(instance: FastifyInstance, options: DialectOptions): void {
  const times = new LocalTimes();
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    parseJsonBody(body, request.headers['content-encoding']),
  );
  instance.setErrorHandler((error, request, reply) => answerFailure(error, request, reply));
  for (const endpoint of options.endpoints) {
    const config = { dialectLiterals: endpoint.literals };
    const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      await authenticate(request, options, endpoint.tellsLock);
      if (endpoint.bodyLimit > largeBodyBytes) await waitForTurn(request, reply, options.largeBodies);
    };
    const own: readonly string[] = [endpoint.method].flat();
    instance.route({
      method: [...own],
      url: endpoint.path,
      bodyLimit: endpoint.bodyLimit,
      config,
      onRequest,
      async handler(request) {
        const account = request.dialectAccount;
        assert(account !== null, 'a request is authenticated before it is handled');
        const call = {
          account,
          body: request.body,
          params: textsOf(request.params),
          query: textsOf(request.query),
          origin: `${request.protocol}://${request.host}`,
          time: times.in(account.timeZone),
          now: options.now(),
        };
        const data = await endpoint.handle(call);
        const isFlat = endpoint.isFlat === true && isObject(data);
        return isFlat ? succeededFlat(endpoint.literals, data) : succeeded(endpoint.literals, data);
      },
    });
    // Refused before the body is read, so that the method is what the message is about.
    const refuse = async (request: FastifyRequest): Promise<void> => {
      await authenticate(request, options);
      throw errors.unknownPath(request.method, pathOf(request));
    };
    instance.route({
      method: methods.filter((method) => !own.includes(method)),
      url: endpoint.path,
      config,
      onRequest: refuse,
      handler: refuse,
    });
  }
}

/** Answers a path that does not exist: HTTP 404 in the dialect's shape (contract 15.2). */
export function answerUnknownPath(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = errors.unknownPath(request.method, pathOf(request));
  const context = { literals: usualLiterals, locale: 'en', reference: request.id } as const;
  return reply.code(404).send(failedAnswer(error, context).envelope);
}

/** Answers a failed request on a dialect path; on a path that does not exist that is what is said, not what is wrong with its body. */
export function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.is404) return answerUnknownPath(request, reply);
  const answer = failedAnswer(error, {
    literals: request.routeOptions.config.dialectLiterals ?? usualLiterals,
    locale: request.dialectAccount?.language ?? 'en',
    reference: request.id,
  });
  if (answer.isFault) {
    const fields = {
      err: error,
      path: pathOf(request),
      accountId: request.dialectAccount?.accountId,
    };
    request.log.error(fields, 'dialect request failed');
  }
  // Fastify would close the connection where a body was not read to its end, and a client that is still writing would find it broken instead of this answer;
  // kept open, what is left of the body is read and thrown away, as it is for a request that is not let in.
  reply.removeHeader('connection');
  return reply.code(200).send(answer.envelope);
}

async function authenticate(
  request: FastifyRequest,
  { accounts, now }: DialectOptions,
  tellsLock?: boolean,
): Promise<void> {
  const credentials = {
    apiKey: header(request, 'api-key'),
    sign: header(request, 'sign'),
    timestamp: header(request, 'timestamp'),
    address: request.ip,
  };
  const known = await accounts.find(credentials.apiKey);
  const refusal = refusalOf(known, credentials, now(), tellsLock);
  // Whose language the refusal is in is known as soon as the account is; a wrong signature gets English.
  if (refusal === null || refusal.dialectCode !== -1) request.dialectAccount = known?.account ?? null;
  if (refusal !== null) throw refusal;
}

/** A large body waits, unread, until the account's other ones are done. Its turn ends with the answer, or with the connection. */
async function waitForTurn(request: FastifyRequest, reply: FastifyReply, turns: Turns<number>): Promise<void> {
  const account = request.dialectAccount;
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  const isLarge = request.headers['transfer-encoding'] !== undefined || length > largeBodyBytes;
  if (account === null || !isLarge) return;
  const over = new AbortController();
  for (const event of ['finish', 'close']) reply.raw.once(event, () => over.abort());
  await turns.take(account.accountId, over.signal);
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function textsOf(values: unknown): Record<string, string> {
  if (!isObject(values)) return {};
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, String(Array.isArray(value) ? value.at(-1) : value)]),
  );
}

/** One formatter a time zone: making one costs more than using it. */
class LocalTimes {
  readonly #byZone = new Map<string, LocalTime>();

  in(timeZone: string): LocalTime {
    let time = this.#byZone.get(timeZone);
    if (time === undefined) {
      time = new LocalTime(timeZone);
      this.#byZone.set(timeZone, time);
    }
    return time;
  }
}
