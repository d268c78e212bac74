import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import { newestFirst } from '../paging/newest-first.ts';
import type { Page, PageRequest } from '../paging/page.ts';
import { containing } from '../paging/text-search.ts';
import type { CallSettings } from './settings.ts';
import type { TaskStatus } from './status.ts';
import type { CallPlan, SendWindow } from './submission.ts';

/** Contract 4.2. */
export type TaskFilter = {
  readonly from: Date;
  /** Not in it itself. */
  readonly to: Date;
  /** Empty: all. */
  readonly statusList: readonly TaskStatus[];
  /** The app's number, `idxAppId`. */
  readonly appSeq: number | null;
  /** Part of the task's name, the voice file's name or the text, ignoring case. */
  readonly searchCondition: string | null;
};

/** One line of the list (contract 4.2 and 15.7). */
export type TaskSummary = {
  readonly taskId: number;
  readonly taskName: string;
  readonly status: TaskStatus;
  readonly numberCount: number;
  /** Calls begun. */
  readonly calledCount: number;
  readonly endedCount: number;
  readonly successCount: number;
  readonly failCount: number;
  /** SMS after its calls that a channel accepted. */
  readonly smsSentCount: number;
  readonly sendTime: Date | null;
  readonly createdAt: Date;
};

/** Everything about a task (contract 4.3, 15.5); what the dialect derives from it (rates, averages) is derived in the API. */
export type TaskDetail = TaskSummary & {
  readonly appId: string;
  readonly displayNum: string | null;
  readonly settings: CallSettings;
  /** The voice file's name, for source 1 and 2; null also when it was deleted. */
  readonly voiceFileName: string | null;
  readonly plan: CallPlan;
  readonly windows: readonly SendWindow[];
  readonly statusReason: string | null;
  readonly waitingReason: string | null;
  readonly speechNote: string | null;
  readonly sourceTaskId: number | null;
  readonly duplicateCount: number;
  readonly invalidCount: number;
  readonly keyFeedbackCount: number;
  readonly callDurationS: number;
  /** The durations that its calls were charged for. */
  readonly chargedS: number;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
  /** The task's recall flow; null: none. */
  readonly flowId: number | null;
};

const summaryColumns = sql`
  t.task_id as "taskId", t.task_name as "taskName", t.status, t.number_count as "numberCount", t.next_seq - 1 as "calledCount",
  t.ended_count as "endedCount", t.success_count as "successCount", t.fail_count as "failCount", t.sms_sent_count as "smsSentCount", t.send_time as "sendTime",
  t.created_at as "createdAt"`;

/** Of uploaded content. */
const voiceFileJoin = sql`
  left join voice_file v on v.file_id = t.settings #>> '{content,voiceFileId}' and v.account_id = t.account_id`;

/** Newest first. */
export async function listTasks(
  db: Db,
  accountId: number,
  filter: TaskFilter,
  page: PageRequest,
): Promise<Page<TaskSummary>> {
  const pattern = filter.searchCondition ? containing(filter.searchCondition) : null;
  const statusList = filter.statusList.length > 0 ? [...filter.statusList] : null;
  // Joined only where the filter asks for it, so that a listing of everything is counted from the index alone.
  const voiceFile = pattern === null ? sql`` : voiceFileJoin;
  const ofApp =
    filter.appSeq === null ? sql`` : sql`and t.app_id = (select app_id from app where app_seq = ${filter.appSeq})`;
  const inState = statusList === null ? sql`` : sql`and t.status = any(${statusList}::smallint[])`;
  const bySearch =
    pattern === null
      ? sql``
      : sql`and (t.task_name ilike ${pattern} or v.file_name ilike ${pattern} or t.settings #>> '{content,text}' ilike ${pattern})`;
  const matching = sql`
      from task t ${voiceFile}
     where t.account_id = ${accountId} and not t.is_hidden and t.created_at >= ${filter.from} and t.created_at < ${filter.to} ${inState} ${ofApp} ${bySearch}`;
  const listing = { matching, madeAt: sql`t.created_at`, id: sql`t.task_id` };
  return newestFirst(db, listing, page, async (taskIds) => {
    const { rows } = await sql<TaskSummary>`
      select ${summaryColumns} from task t where t.task_id in (${taskIds})
       order by t.created_at desc, t.task_id desc`.execute(db);
    return rows;
  });
}

/** Throws `unknownTask`. */
export async function getTaskDetail(db: Db, accountId: number, taskId: number): Promise<TaskDetail> {
  const { rows } = await sql<TaskDetail>`
    select ${summaryColumns}, t.app_id as "appId", t.display_num as "displayNum", t.settings, v.file_name as "voiceFileName",
           jsonb_build_object('delayPlayS', t.delay_play_s, 'delayHangupS', t.delay_hangup_s, 'maxRingingS', t.max_ringing_s,
                              'loopCount', t.loop_count, 'maxCallS', t.max_call_s,
                              'isRecorded', t.is_recorded, 'detectsMachine', t.detects_machine,
                              'machineAction', t.machine_action) as plan,
           t.windows, t.status_reason as "statusReason", t.waiting_reason as "waitingReason", t.speech_note as "speechNote",
           t.source_task_id as "sourceTaskId", t.duplicate_count as "duplicateCount", t.invalid_count as "invalidCount",
           t.key_feedback_count as "keyFeedbackCount", t.call_duration_s as "callDurationS", t.charged_s as "chargedS", t.updated_at as "updatedAt",
           t.finished_at as "finishedAt", f.flow_id as "flowId"
      from task t
      left join recall_flow f on f.task_id = t.task_id
      ${voiceFileJoin}
     where t.task_id = ${taskId} and t.account_id = ${accountId} and not t.is_hidden`.execute(db);
  const detail = rows[0];
  if (!detail) throw errors.unknownTask([taskId]);
  return detail;
}
