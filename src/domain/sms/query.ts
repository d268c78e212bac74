import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { contentColumns, contentJoins, type SmsContent, textOf } from './claim.ts';
import { formatMsgId, parseMsgId, type SmsKey, type SmsMessage, type SmsState } from './message.ts';

/** What an operator may look for; what is left out matches everything. */
export type SmsFilter = {
  readonly smsChannelId?: number;
  readonly taskId?: number;
  readonly appId?: string;
  readonly state?: SmsState;
  readonly number?: string;
};

/** Messages, newest first. */
export async function listSms(
  db: Db,
  filter: SmsFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ total: number; items: SmsMessage[] }> {
  const equal = (column: string, value: string | number | undefined): RawBuilder<unknown> =>
    value === undefined ? sql`true` : sql`${sql.ref(column)} = ${value}`;
  const matching = sql`
    ${equal('m.sms_channel_id', filter.smsChannelId)} and ${equal('m.task_id', filter.taskId)} and ${equal('m.app_id', filter.appId)}
    and ${equal('m.state', filter.state)} and ${equal('m.number', filter.number)}`;
  const counted = await sql<{
    total: number;
  }>`select count(*)::int as total from sms_message m where ${matching}`.execute(db);
  const items = await readSms(
    db,
    sql`(select * from sms_message m where ${matching} order by m.created_at desc, m.sms_id desc limit ${page.limit} offset ${page.offset})`,
  );
  return { total: counted.rows[0]?.total ?? 0, items };
}

/** Throws `unknownEntry`. */
export async function getSms(db: Db, msgId: string): Promise<SmsMessage> {
  const key = parseMsgId(msgId);
  const [message] = key === null ? [] : await readSms(db, sql`(select * from sms_message m where ${isOneOf([key])})`);
  if (message === undefined) throw errors.unknownEntry('SMS', msgId);
  return message;
}

/** What a client is told of a message. */
export type SmsReport = Pick<SmsMessage, 'msgId' | 'number' | 'state' | 'createdAt' | 'sentAt' | 'doneAt'>;

type ReportRow = SmsKey & Omit<SmsReport, 'msgId'>;

const reportColumns = sql`
  m.created_day as "createdDay", m.sms_id as "smsId", m.number, m.state, m.created_at as "createdAt", m.sent_at as "sentAt", m.done_at as "doneAt"`;

/** The messages of an account's app that have these keys, in their order. */
export async function findReports(
  db: Db,
  owner: { readonly accountId: number; readonly appId: string },
  keys: readonly SmsKey[],
): Promise<SmsReport[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<ReportRow>`
    select ${reportColumns} from sms_message m
    where ${isOneOf(keys)} and m.account_id = ${owner.accountId} and m.app_id = ${owner.appId}`.execute(db);
  const found = new Map(rows.map((row) => [formatMsgId(row), reportOf(row)]));
  return keys.flatMap((key) => found.get(formatMsgId(key)) ?? []);
}

/** The messages that an account's app has taken between two moments, the second one excluded, oldest first. */
export async function listReports(
  db: Db,
  owner: { readonly accountId: number; readonly appId: string },
  span: { readonly from: Date; readonly to: Date; readonly offset: number; readonly limit: number },
): Promise<SmsReport[]> {
  const { rows } = await sql<ReportRow>`
    select ${reportColumns} from sms_message m
    where m.account_id = ${owner.accountId} and m.app_id = ${owner.appId} and m.created_at >= ${span.from} and m.created_at < ${span.to}
    order by m.created_at, m.sms_id limit ${span.limit} offset ${span.offset}`.execute(db);
  return rows.map(reportOf);
}

function reportOf({ createdDay, smsId, ...report }: ReportRow): SmsReport {
  return { msgId: formatMsgId({ createdDay, smsId }), ...report };
}

/** Days as constants, so that the planner looks at their partitions only. */
function isOneOf(keys: readonly SmsKey[]): RawBuilder<unknown> {
  const byDay = [...Map.groupBy(keys, (key) => key.createdDay)];
  const ofDays = byDay.map(
    ([day, ofDay]) =>
      sql`(m.created_day = ${day}::date and m.sms_id = any(${ofDay.map((key) => key.smsId)}::bigint[]))`,
  );
  return sql`(${sql.join(ofDays, sql` or `)})`;
}

type SmsRow = Omit<SmsMessage, 'msgId' | 'content' | 'call'> &
  SmsKey &
  SmsContent & { readonly taskId: number | null; readonly seq: number | null };

async function readSms(db: Db, messages: RawBuilder<unknown>): Promise<SmsMessage[]> {
  const { rows } = await sql<SmsRow>`
    select m.created_day as "createdDay", m.sms_id as "smsId", m.trigger, m.account_id as "accountId", m.app_id as "appId",
      m.sms_channel_id as "smsChannelId", m.task_id as "taskId", m.seq, m.number,
      coalesce(m.sender_id, t.settings #>> '{hangUpSms,senderId}') as "senderId", ${contentColumns}, m.order_id as "orderId", m.state,
      m.due_at as "dueAt", m.attempt, m.provider_ids as "providerIds", m.code, m.reason, m.created_at as "createdAt", m.sent_at as "sentAt",
      m.done_at as "doneAt"
    from ${messages} m ${contentJoins}
    order by m.created_at desc, m.sms_id desc`.execute(db);
  return rows.map(({ createdDay, smsId, content, isTemplate, variables, taskId, seq, ...row }) => ({
    ...row,
    msgId: formatMsgId({ createdDay, smsId }),
    content: textOf({ content, isTemplate, variables }),
    call: taskId === null || seq === null ? null : { taskId, seq },
  }));
}
