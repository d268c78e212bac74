import { sql } from 'kysely';
import type { CallRecording } from '../recording/recording.ts';
import { recordingColumn } from '../recording/recording-column.ts';
import { recordingFileId } from '../recording/recording-name.ts';
import { formatMsgId } from '../sms/message.ts';
import { type CallSms, type CallSmsRow, smsColumn } from '../sms/sms-column.ts';
import { type CallCharge, chargeColumn, freeCharge, roundsChargeColumn } from './call-charge.ts';
import type { CallRecord } from './record.ts';
import { type CallKey, formatVoiceId } from './voice-id.ts';

/** What a record is read from, for a query with `call k` and its `task t` in scope. Durations are the database's, where the times are. */
export const recordColumns = sql`
  k.created_day as "createdDay", k.task_id as "taskId", t.source_task_id as "sourceTaskId", k.seq, k.number as callee,
  t.call_type as "callType", t.is_hidden as "isDirect", t.recall_round as "outRecallCount", t.called_info as "calledInfo",
  t.template_id as "dimensionId", t.voice_id as "firstVoiceId",
  case when t.template_id is not null then callee_variables(k.created_day, k.task_id, k.seq) end as variables,
  t.rounds_left > 0 and t.voice_id is null and k.state = 'ended' and k.call_status <> 50 as "mayBeRepeated",
  k.display_num as "displayNum", k.state, k.claimed_at as "submitTime", k.invited_at as "callTime",
  k.ringing_at as "ringingTime", k.answered_at as "answerTime", k.ended_at as "hangupTime",
  coalesce(greatest(0, ceil(extract(epoch from k.ended_at - k.answered_at))), 0)::int as "callDurationS",
  coalesce(greatest(0, round(extract(epoch from coalesce(k.answered_at, k.ended_at) - k.ringing_at))), 0)::int as "ringDurationS",
  k.outcome_class as "outcomeClass", k.call_status as "callStatus", k.termination_code as "terminationCode",
  k.termination_reason as "terminationReason", k.sip_status as "sipStatus",
  k.q850_cause as "q850Cause", k.end_reason as "endReason", k.feedback_value as "feedbackValue", k.digits, k.media, k.machine,
  t.settings #>> '{content,voiceFileId}' as "voiceFileId", k.trunk_id as "trunkId",
  ${chargeColumn} as charge, ${roundsChargeColumn} as "roundsCharge", ${recordingColumn} as recording, ${smsColumn} as sms`;

/** A row of {@link recordColumns}. */
export type RecordRow = Omit<CallRecord, 'voiceId' | 'recording' | 'charge' | 'sms'> & {
  readonly createdDay: string;
  /** null: it had no rate. */
  readonly charge: CallCharge | null;
  /** With the rounds of a direct call before it; null: none of them was charged. */
  readonly roundsCharge: CallCharge | null;
  readonly recording: RecordingRow | null;
  readonly sms: CallSmsRow | null;
  /** Set in the later rounds of a direct call. */
  readonly firstVoiceId: string | null;
  /** Only where there is a template: those that it uses. */
  readonly variables: readonly (string | null)[] | null;
  /** Whether later rounds may have a result that stands for this one, see `last-result.ts`. */
  readonly mayBeRepeated: boolean;
};

/** What is null in the record is left out here. */
type RecordingRow = Pick<CallRecording, 'state'> & Partial<CallRecording>;

/** The record that clients see. */
export function recordOf(row: RecordRow): CallRecord {
  const { createdDay, recording, sms, firstVoiceId, variables, roundsCharge, mayBeRepeated: _, ...record } = row;
  const key = { createdDay, taskId: row.taskId, seq: row.seq };
  return {
    ...record,
    voiceId: firstVoiceId ?? formatVoiceId(key),
    calledInfo: row.calledInfo ?? (variables && variablesText(variables)),
    charge: roundsCharge ?? chargeOf(row),
    recording: recording && recordingOf(recording, key),
    sms: sms && smsOf(sms, createdDay),
  };
}

/** What the one call of the row cost. */
export function chargeOf({ charge, state }: Pick<RecordRow, 'charge' | 'state'>): CallCharge {
  return charge ?? freeCharge(state === 'ended');
}

function smsOf({ smsId, ...sms }: CallSmsRow, createdDay: string): CallSms {
  return { msgId: formatMsgId({ createdDay, smsId }), ...sms };
}

/** What a client sees of a callee's variables, e.g. `{"text1":"Tom","text2":"12"}`. */
function variablesText(variables: readonly (string | null)[]): string {
  const given = variables.flatMap((value, index) => (value === null ? [] : [[`text${index + 1}`, value]]));
  return JSON.stringify(Object.fromEntries(given));
}

function recordingOf({ state, problem = null, durationMs = null }: RecordingRow, key: CallKey): CallRecording {
  return { state, fileId: state === 'stored' ? recordingFileId(key) : null, problem, durationMs };
}
