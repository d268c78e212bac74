import type { FastifyInstance } from 'fastify';
import { isObject } from '../v3/field.ts';

/**
 * One line for each request that has changed something: what was asked for, from where, and the names of the fields that were given. No values, for some of them
 * are secrets, and no query.
 */
export function logChanges(instance: FastifyInstance): void {
  instance.addHook('onResponse', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD' || reply.statusCode >= 400) return;
    const { method, body, ip: address } = request;
    const path = request.url.split('?', 1)[0];
    const fields = isObject(body) && !Buffer.isBuffer(body) ? namesIn(body) : [];
    request.log.info({ method, path, fields, address, status: reply.statusCode }, 'admin request changed something');
  });
}

/** With those of objects in it, as `smpp.window`. */
function namesIn(body: object): string[] {
  return Object.entries(body).flatMap(([name, value]) =>
    isObject(value) ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name],
  );
}
