import { errors } from '../../domain/error/registry.ts';

/** A time of a request. Schemas let leap seconds pass (RFC 3339 section 5.6), which no Date holds. Throws `badParameter`. */
export function givenTime(field: string, text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw errors.badParameter(field, 'must be a time such as 2026-11-26T12:00:00Z');
  return time;
}
