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

/** Reads `strTime` and `endTime`; the end is not before the start. */
export function readSpan(params: unknown, time: LocalTime, path = 'params'): { from: Date; to: Date } {
  const { strTime, endTime } = readFields({ strTime: time.reader(), endTime: time.reader() }, params, path);
  if (endTime < strTime) throw errors.badParameter(`${path}.endTime`, rules.timeOrder);
  return { from: strTime, to: endTime };
}
