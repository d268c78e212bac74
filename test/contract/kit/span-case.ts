import type { Json } from '../../support/json.ts';
import { type Case, type Expectation, refused } from './field-case.ts';
import { withField } from './json-path.ts';
import { localTimeField, objectField, required } from './request-field.ts';
import type { FieldTable } from './task-table.ts';

/** All times that the suite may have made something at. */
export const always = { strTime: '2020-01-01 00:00:00', endTime: '2099-01-01 00:00:00' };

/** The span of a query, in times without zone (contract 1.5). */
export const localSpanFields: FieldTable = {
  params: required(objectField()),
  'params.strTime': required(localTimeField('2020-03-04 05:06:07')),
  'params.endTime': required(localTimeField()),
};

/** The same query over another span. */
export function spanCase(title: string, strTime: string, endTime: string, expects: Expectation): Case {
  const change = (valid: Json): Json =>
    withField(withField(valid, 'params.strTime', strTime), 'params.endTime', endTime);
  return { title, change, expects };
}

/** A span that ends before it begins. */
export const endBeforeStart: Case = spanCase(
  'an end before the start',
  '2026-02-01 00:00:00',
  '2026-01-01 00:00:00',
  refused(-22, 'endTime'),
);
