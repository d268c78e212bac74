import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../../domain/error/registry.ts';
import { chargeOf, type RecordRow, recordColumns, recordOf } from '../../domain/record/record-columns.ts';
import type { CallAnswer } from './call-schema.ts';

/** What an operator may look for among a task's calls. */
export type CallFilter = {
  readonly state?: CallAnswer['state'];
  readonly callStatus?: number;
  readonly number?: string;
};

/** A call and the day that its partition goes by. */
export type FoundCall = { readonly createdDay: string; readonly call: CallAnswer };

/** Calls that were begun, by seq. Throws `unknownEntry`. */
export async function listCalls(
  db: Db,
  taskId: number,
  filter: CallFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ total: number; items: CallAnswer[] }> {
  const { createdDay, begun } = await placeOfTask(db, taskId);
  const ofTask = sql`k.created_day = ${createdDay}::date and k.task_id = ${taskId}`;
  if (Object.values(filter).every((wanted) => wanted === undefined)) {
    // Callees are called in the order of seq, without gaps: a page of all of them is known by its numbers alone, however deep it is.
    const ofPage = sql`k.seq > ${page.offset} and k.seq <= ${page.offset + page.limit}`;
    const rows = await readCalls(db, sql`(select * from call k where ${ofTask} and ${ofPage})`);
    return { total: begun, items: rows.map(({ call }) => call) };
  }
  const matching = sql`
    ${ofTask}
    and ${filter.state === undefined ? sql`true` : sql`k.state = ${filter.state}`}
    and ${filter.callStatus === undefined ? sql`true` : sql`k.call_status = ${filter.callStatus}`}
    and ${filter.number === undefined ? sql`true` : sql`k.number = ${filter.number}`}`;
  const counted = await sql<{ total: number }>`select count(*) as total from call k where ${matching}`.execute(db);
  const calls = sql`(select * from call k where ${matching} order by k.seq limit ${page.limit} offset ${page.offset})`;
  const rows = await readCalls(db, calls);
  return { total: counted.rows[0]?.total ?? 0, items: rows.map(({ call }) => call) };
}

/** Throws `unknownEntry`. */
export async function getCall(db: Db, taskId: number, seq: number): Promise<FoundCall> {
  const { createdDay } = await placeOfTask(db, taskId);
  const calls = sql`(select * from call where created_day = ${createdDay}::date and task_id = ${taskId} and seq = ${seq})`;
  const [found] = await readCalls(db, calls);
  if (found === undefined) throw errors.unknownEntry('call', `${taskId}/${seq}`);
  return found;
}

/** The day of a task's partitions, and how many of its calls were begun; none once they are older than calls are kept. */
async function placeOfTask(db: Db, taskId: number): Promise<{ createdDay: string; begun: number }> {
  const { rows } = await sql<{ createdDay: string; begun: number }>`
    select created_day as "createdDay",
           case when to_regclass('call_' || to_char(created_day, 'YYYYMMDD')) is null then 0 else next_seq - 1 end as begun
      from task where task_id = ${taskId}`.execute(db);
  const row = rows[0];
  if (row === undefined) throw errors.unknownEntry('task', taskId);
  return row;
}

type CallRow = RecordRow & {
  readonly processId: string;
  readonly attempt: number;
  readonly trunkName: string | null;
  readonly hasTrace: boolean;
};

async function readCalls(db: Db, calls: RawBuilder<unknown>): Promise<FoundCall[]> {
  const { rows } = await sql<CallRow>`
    select ${recordColumns}, k.process_id as "processId", k.attempt, r.name as "trunkName",
           exists (select from call_trace x where x.created_day = k.created_day and x.task_id = k.task_id and x.seq = k.seq) as "hasTrace"
      from ${calls} k join task t using (task_id) left join trunk r on r.trunk_id = k.trunk_id
     order by k.seq`.execute(db);
  return rows.map((row) => ({ createdDay: row.createdDay, call: answerOf(row) }));
}

function answerOf({ processId, attempt, trunkName, hasTrace, ...row }: CallRow): CallAnswer {
  const record = recordOf(row);
  const { taskId, seq, voiceId, callee, displayNum, state, trunkId, ringDurationS, callDurationS } = record;
  const { outcomeClass, terminationCode, terminationReason, sipStatus, q850Cause, endReason } = record;
  const { recording, digits, media, machine } = record;
  return {
    ...{ taskId, seq, voiceId, number: callee, displayNum, state, processId, trunkId, trunkName, attempt },
    claimedAt: record.submitTime.toISOString(),
    invitedAt: record.callTime?.toISOString() ?? null,
    ringingAt: record.ringingTime?.toISOString() ?? null,
    answeredAt: record.answerTime?.toISOString() ?? null,
    endedAt: record.hangupTime?.toISOString() ?? null,
    ...{ ringDurationS, callDurationS, outcomeClass, callStatus: record.callStatus },
    ...{ terminationCode, terminationReason, sipStatus, q850Cause, endReason },
    // Its own: the client's record of a direct call has that of the rounds before it, too.
    ...chargeOf(row),
    ...{ recording, digits, media, machine, hasTrace },
  };
}
