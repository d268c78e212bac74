import { errors } from '../../../domain/error/registry.ts';
import { getRecord, listRecords } from '../../../domain/record/record-query.ts';
import { earliestRecord } from '../../../domain/retention/retention.ts';
import { answered } from '../answer/page-answer.ts';
import { recordAnswer } from '../answer/record-answer.ts';
import { type Endpoint, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { usualLiterals } from '../envelope.ts';
import { anything, readFields, text } from '../field.ts';
import { readPage, readSpan } from '../query-fields.ts';
import { rules } from '../rule.ts';

const longestSpanMs = 31 * 24 * 3_600_000;

/** recordGroup/{voiceId} and recordGroupQuery (contract 8.1, 8.2). */
export function recordEndpoints(deps: DialectDeps): Endpoint[] {
  const one: Endpoint = {
    method: 'GET',
    path: '/recordGroup/:voiceId',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, params, time }) {
      const { voiceId } = readFields({ voiceId: text({ min: 1, max: 64 }) }, params);
      return recordAnswer(await getRecord(deps.db, account.accountId, voiceId), time);
    },
  };
  const query: Endpoint = {
    method: 'POST',
    path: '/recordGroupQuery',
    literals: usualLiterals,
    bodyLimit: usualBodyLimit,
    async handle({ account, body, time, now }) {
      const page = readPage(body);
      const span = readSpan(readFields({ params: anything() }, body).params, time, longestSpanMs);
      if (span.from < earliestRecord(deps.recordDays, now))
        throw errors.badParameter('params.strTime', rules.beforeRetention(deps.recordDays));
      const records = await listRecords(deps.db, account.accountId, span, page);
      return { ...answered(records, (record) => recordAnswer(record, time)), searchCount: true };
    },
  };
  return [one, query];
}
