import { errors } from '../../../domain/error/registry.ts';
import { parseMsgId } from '../../../domain/sms/message.ts';
import { findReports, listReports } from '../../../domain/sms/query.ts';
import { requireBoundSmsApp } from '../../../domain/sms/require-app.ts';
import { submitSms } from '../../../domain/sms/submit.ts';
import { sentReportAnswer, smsReportAnswer } from '../answer/sms-answer.ts';
import { type DialectCall, type Endpoint, usualBodyLimit } from '../dialect-call.ts';
import type { DialectDeps } from '../dialect-deps.ts';
import { usualLiterals } from '../envelope.ts';
import { integer, optional, readFields, text, withDefault } from '../field.ts';
import { readBatch, readMessage, type SentSms, submittedMost } from '../sms-fields.ts';

/** Messages in one answer of getSentRcd. */
const mostSent = 50_000;
const longestSpanMs = 31 * 86_400_000;
const mostIds = 200;

/** sendSms, sendSms/batch, getReport and getSentRcd (docs/sms-dialect.md); their fields stand beside the result. */
export function smsEndpoints({ db }: Pick<DialectDeps, 'db'>): Endpoint[] {
  const common = { method: ['GET', 'POST'], literals: usualLiterals, bodyLimit: usualBodyLimit, isFlat: true } as const;
  const send = async ({ account, now }: DialectCall, appId: string, messages: readonly SentSms[]) => {
    const smsChannelId = await requireBoundSmsApp(db, account.accountId, appId);
    const sender = { accountId: account.accountId, appId };
    const array: { msgId: string; number: string; orderId: string | null }[] = [];
    // All of the request or nothing.
    await db.transaction().execute(async (tx) => {
      for (const message of messages) {
        const submitted = await submitSms(tx, { sender, smsChannelId, ...message }, new Date(now));
        array.push(...submitted.map(({ msgId, number, orderId }) => ({ msgId, number, orderId })));
      }
    });
    const fail = messages.reduce((sum, message) => sum + message.refusedCount, 0);
    return { success: String(array.length), fail: String(fail), array };
  };
  return [
    {
      ...common,
      path: '/sendSms',
      async handle(call) {
        const isPost = call.body !== undefined;
        const { appId, ...message } = readMessage(sourceOf(call), isPost ? submittedMost.post : submittedMost.get);
        return send(call, appId, [message]);
      },
    },
    {
      ...common,
      method: 'POST',
      path: '/sendSms/batch',
      async handle(call) {
        const { appId, messages } = readBatch(call.body);
        return send(call, appId, messages);
      },
    },
    {
      ...common,
      path: '/getReport',
      async handle(call) {
        const { appId, msgIds } = readFields(
          { appId: text({ min: 1, max: 64 }), msgIds: optional(text({ max: 10_000 })) },
          sourceOf(call),
        );
        const ids = (msgIds ?? '')
          .split(',')
          .map((id) => id.trim())
          .filter((id) => id !== '');
        if (ids.length === 0) throw errors.badMsgIds('msgIds');
        if (ids.length > mostIds) throw errors.limitReached('msgIds', mostIds, ids.length);
        const keys = ids.flatMap((id) => parseMsgId(id) ?? []);
        const found = await findReports(db, { accountId: call.account.accountId, appId }, keys);
        return smsReportAnswer(found, ids.length, call.time);
      },
    },
    {
      ...common,
      path: '/getSentRcd',
      async handle(call) {
        const { appId, startIndex } = readFields(
          { appId: text({ min: 1, max: 64 }), startIndex: withDefault(integer({ max: 100_000_000 }), 0) },
          sourceOf(call),
        );
        const span = readSpan(call);
        const owner = { accountId: call.account.accountId, appId };
        const reports = await listReports(db, owner, { ...span, offset: startIndex, limit: mostSent });
        return sentReportAnswer(reports, call.time);
      },
    },
  ];
}

/** A GET has its fields in the query, and so has a POST without a body. */
function sourceOf({ body, query }: DialectCall): unknown {
  return body ?? query;
}

/** `startTime` and `endTime`, both included as whole seconds. */
function readSpan(call: DialectCall): { from: Date; to: Date } {
  const fields = { startTime: text({ min: 1, max: 40 }), endTime: text({ min: 1, max: 40 }) };
  const given = readFields(fields, sourceOf(call));
  const from = timeOf(call, 'startTime', given.startTime);
  const to = timeOf(call, 'endTime', given.endTime);
  if (to < from) throw errors.badSmsTime('endTime');
  if (to.getTime() - from.getTime() > longestSpanMs) throw errors.smsSpanTooLong();
  return { from, to: new Date(to.getTime() + 1000) };
}

/** In a query a plus that was not encoded is a blank: `+08:00` comes as ` 08:00`. */
function timeOf({ time }: DialectCall, field: string, value: string): Date {
  const parsed = time.parse(
    value.trim().replace(/ (\d{2}:?\d{2})$/, (whole, offset: string) => (/T/.test(value) ? `+${offset}` : whole)),
  );
  if (parsed === null) throw errors.badSmsTime(field);
  return parsed;
}
