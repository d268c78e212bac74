import type { FastifyRequest } from 'fastify';
import { errors } from '../../domain/error/registry.ts';
import { isObject, isStorable } from '../v3/field.ts';
import { rules } from '../v3/rule.ts';

/**
 * Refuses a request with a text that PostgreSQL cannot store as it is, wherever it stands. To be asked after the schemas were: they bound how deep a body goes. Throws
 * `badParameter`.
 */
export function requireStorable({ params, query, body }: FastifyRequest): void {
  for (const part of [params, query, body]) requireStorableIn(part, '');
}

function requireStorableIn(value: unknown, field: string): void {
  if (typeof value === 'string' && !isStorable(value)) throw errors.badParameter(field, rules.wellFormed);
  if (Buffer.isBuffer(value) || (!Array.isArray(value) && !isObject(value))) return;
  for (const [name, entry] of Object.entries(value)) requireStorableIn(entry, field === '' ? name : `${field}.${name}`);
}
