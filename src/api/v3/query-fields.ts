import { errors } from '../../domain/error/registry.ts';
import type { PageRequest } from '../../domain/paging/page.ts';
import { integer, readFields, withDefault } from './field.ts';
import type { LocalTime } from './local-time.ts';
import { rules } from './rule.ts';

/** Reads the paging fields (contract 1.4); the newer pages have defaults for both. */
export function readPage(body: unknown): PageRequest {
  return readFields(pageFields, body);
}

const pageFields = {
  current: withDefault(integer({ min: 1, max: 1_000_000 }), 1),
  size: withDefault(integer({ min: 1, max: 100 }), 25),
};

/**
 * Reads `strTime` and `endTime`; the end is not before the start, and at most `longestMs` after it. Both are whole seconds, and the last one belongs to the span
 * as a whole: what clients ask for day by day, up to 23:59:59, leaves nothing out and has nothing twice. So `to`, a second later, is not in the span itself.
 */
export function readSpan(
  params: unknown,
  time: LocalTime,
  longestMs = Number.POSITIVE_INFINITY,
): { from: Date; to: Date } {
  const { strTime, endTime } = readFields({ strTime: time.reader(), endTime: time.reader() }, params, 'params');
  if (endTime < strTime) throw errors.badParameter('params.endTime', rules.timeOrder);
  if (endTime.getTime() - strTime.getTime() > longestMs) throw errors.badParameter('params.endTime', rules.spanTooLong);
  return { from: strTime, to: new Date(endTime.getTime() + 1000) };
}
