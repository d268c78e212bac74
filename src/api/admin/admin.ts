import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { registerAjvFormats, type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { equalInConstantTime } from '../constant-time.ts';
import { mountAccounts } from './accounts.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { mountApps } from './apps.ts';
import { mountBalances } from './balances.ts';
import { mountCalls } from './calls.ts';
import { mountOperations } from './operations.ts';
import { problem, problemOf } from './problem.ts';
import { mountRateTables } from './rate-tables.ts';
import { mountRates } from './rates.ts';
import { mountRecordings } from './recordings.ts';
import { mountReports } from './reports.ts';
import { problemSchema } from './schema.ts';
import { mountSms } from './sms-channels.ts';
import { requireStorable } from './storable.ts';
import { mountTemplates } from './templates.ts';
import { mountTraceRules } from './trace-rules.ts';
import { mountTrunks } from './trunks.ts';
import { mountVoiceFiles } from './voice-files.ts';

const problemType = 'application/problem+json';

/** Wrong tokens that one address may send in a minute before it is told to wait. */
const failuresAMinute = 10;

/** Mounts our own REST API (design section 10) below the instance's prefix. */
export function mountAdmin(parent: FastifyInstance, deps: AdminDeps): void {
  const instance: AdminInstance = parent.withTypeProvider<TypeBoxTypeProvider>();
  registerAjvFormats();
  instance.setValidatorCompiler(TypeBoxValidatorCompiler);
  instance.register(rateLimit, { global: false });
  instance.register(swagger, openApi);
  answerWithProblems(instance);
  instance.get('/openapi.json', { schema: { hide: true } }, () => instance.swagger());
  instance.register((guarded: FastifyInstance, _options: object, done: () => void) => {
    const typed: AdminInstance = guarded.withTypeProvider<TypeBoxTypeProvider>();
    guardByToken(typed, deps.token);
    typed.addHook('preHandler', async (request) => requireStorable(request));
    describeProblems(typed);
    mountAccounts(typed, deps);
    mountBalances(typed, deps.db);
    mountRateTables(typed, deps.db);
    mountRates(typed, deps.db);
    mountApps(typed, deps);
    mountTrunks(typed, deps);
    mountOperations(typed, deps);
    mountCalls(typed, deps.db);
    mountRecordings(typed, deps);
    mountReports(typed, deps);
    mountTraceRules(typed, deps);
    mountTemplates(typed, deps);
    mountVoiceFiles(typed, deps.db);
    mountSms(typed, deps);
    done();
  });
}

/** Every route may answer with problem details, and its description says so. */
function describeProblems(instance: AdminInstance): void {
  const content = { [problemType]: { schema: problemSchema } };
  const problems = {
    '4XX': { description: 'What is wrong with the request', content },
    500: { description: 'A fault of the server', content },
  };
  instance.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, response: { ...Object(route.schema?.response), ...problems } };
  });
}

const openApi = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Carillon admin API', version: '1' },
    components: { securitySchemes: { token: { type: 'http' as const, scheme: 'bearer' } } },
    security: [{ token: [] }],
  },
};

/**
 * A right token always passes. Wrong ones are counted by address, and above the limit they are answered 429 instead of 401, so that a guesser cannot
 * lock the operator out who comes from the same address.
 */
function guardByToken(instance: AdminInstance, token: string): void {
  const countFailure = instance.createRateLimit({ max: failuresAMinute, timeWindow: 60_000 });
  instance.addHook('onRequest', async (request, reply) => {
    if (equalInConstantTime(bearerToken(request), token)) return;
    const limit = await countFailure(request);
    if (!limit.isAllowed && limit.isExceeded) {
      reply.header('retry-after', limit.ttlInSeconds);
      await reply
        .code(429)
        .type(problemType)
        .send(problem(429, `too many wrong tokens: wait ${limit.ttlInSeconds} s`));
      return;
    }
    reply.header('www-authenticate', 'Bearer realm="carillon admin"');
    await reply.code(401).type(problemType).send(problem(401, 'send Authorization: Bearer <admin token>'));
  });
}

function bearerToken(request: FastifyRequest): string {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function answerWithProblems(instance: AdminInstance): void {
  instance.setErrorHandler((error, request, reply) => {
    const known = problemOf(error);
    if (known === null) request.log.error({ err: error }, 'admin request failed');
    const answer = known ?? problem(500, `the log has it under reference ${request.id}`);
    return reply.code(answer.status).type(problemType).send(answer);
  });
  instance.setNotFoundHandler((request, reply) => {
    const answer = problem(404, `there is no ${request.method} ${request.url.split('?', 1)[0]}`);
    return reply.code(404).type(problemType).send(answer);
  });
}
