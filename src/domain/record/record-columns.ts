import { sql } from 'kysely';
import type { CallRecording } from '../recording/recording.ts';
import { recordingColumn } from '../recording/recording-column.ts';
import { recordingFileId } from '../recording/recording-name.ts';
import type { CallRecord } from './record.ts';
import { type CallKey, formatVoiceId } from './voice-id.ts';

/** What a record is read from, for a query with `call k` and its `task t` in scope. Durations are the database's, where the times are. */
export const recordColumns = sql`
  k.created_day as "createdDay", k.task_id as "taskId", t.source_task_id as "sourceTaskId", k.seq, k.number as callee,
  k.display_num as "displayNum", k.state, k.claimed_at as "submitTime", k.invited_at as "callTime",
  k.ringing_at as "ringingTime", k.answered_at as "answerTime", k.ended_at as "hangupTime",
  coalesce(greatest(0, ceil(extract(epoch from k.ended_at - k.answered_at))), 0)::int as "callDurationS",
  coalesce(greatest(0, round(extract(epoch from coalesce(k.answered_at, k.ended_at) - k.ringing_at))), 0)::int as "ringDurationS",
  k.outcome_class as "outcomeClass", k.call_status as "callStatus", k.termination_code as "terminationCode",
  k.termination_reason as "terminationReason", k.sip_status as "sipStatus",
  k.q850_cause as "q850Cause", k.end_reason as "endReason", k.feedback_value as "feedbackValue", k.digits, k.media, k.machine,
  t.settings #>> '{content,voiceFileId}' as "voiceFileId", k.trunk_id as "trunkId",
  ${recordingColumn} as recording`;

/** A row of {@link recordColumns}. */
export type RecordRow = Omit<CallRecord, 'voiceId' | 'recording'> & {
  readonly createdDay: string;
  readonly recording: RecordingRow | null;
};

/** What is null in the record is left out here. */
type RecordingRow = Pick<CallRecording, 'state'> & Partial<CallRecording>;

/** The record that clients see. */
export function recordOf(row: RecordRow): CallRecord {
  const { createdDay, recording, ...record } = row;
  const key = { createdDay, taskId: row.taskId, seq: row.seq };
  return { voiceId: formatVoiceId(key), ...record, recording: recording && recordingOf(recording, key) };
}

function recordingOf({ state, problem = null, durationMs = null }: RecordingRow, key: CallKey): CallRecording {
  return { state, fileId: state === 'stored' ? recordingFileId(key) : null, problem, durationMs };
}
