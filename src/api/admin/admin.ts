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
import { describeRoutes, problemType } from './describe-routes.ts';
import { logChanges } from './log-changes.ts';
import { mountOperations } from './operations.ts';
import { problem, problemOf } from './problem.ts';
import { mountRateTables } from './rate-tables.ts';
import { mountRates } from './rates.ts';
import { mountRecordings } from './recordings.ts';
import { mountReports } from './reports.ts';
import { mountSms } from './sms-channels.ts';
import { requireStorable } from './storable.ts';
import { mountTemplates } from './templates.ts';
import { mountTraceRules } from './trace-rules.ts';
import { mountTrunks } from './trunks.ts';
import { mountVoiceFiles } from './voice-files.ts';

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
    describeRoutes(typed);
    logChanges(typed);
    mountAccounts(typed, deps);
    mountBalances(typed, deps);
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

const openApi = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Carillon admin API',
      version: '1',
      description:
        'What an operator sets up and looks at. Errors are RFC 9457 problem details; docs/api.md says what holds for all routes.',
    },
    tags: [
      { name: 'accounts', description: 'tenants, with their keys and limits' },
      { name: 'balances', description: 'of accounts that pay in advance' },
      { name: 'rates', description: 'what calls cost, by prefix' },
      { name: 'apps', description: 'what clients name as appId, and where their calls are reported to' },
      { name: 'reports', description: 'what became of status reports, and sending them again' },
      { name: 'trunks', description: 'where calls leave' },
      { name: 'templates', description: 'texts that sendIvr speaks' },
      { name: 'SMS', description: 'where messages leave, and what became of them' },
      { name: 'voice files', description: 'what accounts have uploaded' },
      { name: 'calls', description: 'what became of each callee' },
      { name: 'trace rules', description: 'which calls are traced' },
      { name: 'operations', description: 'processes and running tasks' },
    ],
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
    // As for the dialect: a client that is still writing is to find this answer, not a broken connection.
    reply.removeHeader('connection');
    return reply.code(answer.status).type(problemType).send(answer);
  });
  instance.setNotFoundHandler((request, reply) => {
    const answer = problem(404, `there is no ${request.method} ${request.url.split('?', 1)[0]}`);
    return reply.code(404).type(problemType).send(answer);
  });
}
