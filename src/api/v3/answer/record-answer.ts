import { chargeFields, nothingCharged } from '../../../domain/record/call-charge.ts';
import type { CallRecord } from '../../../domain/record/record.ts';
import type { CalleeResult } from '../../../domain/task/results.ts';
import type { LocalTime } from '../local-time.ts';

/** A call detail record (contract 8.1, 15.9).  */
export function recordAnswer(record: CallRecord, time: LocalTime) {
  return {
    voiceId: record.voiceId,
    callee: record.callee,
    ...callFacts(record, time),
  };
}

/** A callee of a task and what came of it (contract 15.9); a callee that was not called yet has null everywhere else. */
export function calleeResultAnswer(result: CalleeResult, taskId: number, time: LocalTime) {
  const variables = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`text${index + 1}`, result.variables?.[index] ?? null]),
  );
  return {
    seq: result.seq,
    voiceId: result.record?.voiceId ?? null,
    callee: result.number,
    ...variables,
    ...callFacts(result.record, time),
    taskId,
    digits: result.record?.digits ?? null,
    state: result.record?.state ?? null,
    // The ITU-T Q.850 cause, where the far side gave one.
    causeCode: result.record?.q850Cause ?? null,
    // Extensions: how the audio went, and who answered.
    media: result.record?.media ?? null,
    machine: result.record?.machine ?? null,
  };
}

function callFacts(record: CallRecord | null, time: LocalTime) {
  return {
    // A direct call has no task that its client could ask for.
    taskId: record === null || record.isDirect ? null : record.taskId,
    sourceTaskId: record === null || record.isDirect ? null : record.sourceTaskId,
    displayNum: record?.displayNum ?? null,
    submitTime: time.formatWithOffset(record?.submitTime ?? null),
    callTime: time.formatWithOffset(record?.callTime ?? null),
    ringingTime: time.formatWithOffset(record?.ringingTime ?? null),
    answerTime: time.formatWithOffset(record?.answerTime ?? null),
    hangupTime: time.formatWithOffset(record?.hangupTime ?? null),
    callDuration: record?.callDurationS ?? null,
    ringDuration: record?.ringDurationS ?? null,
    callStatus: record?.callStatus ?? null,
    terminationCode: record?.terminationCode ?? null,
    terminationReason: record?.terminationReason ?? null,
    sipCode: record === null || record.sipStatus === null ? null : String(record.sipStatus),
    // The dialect's "-1" says that a call ended without a key.
    feedbackValue: record?.feedbackValue ?? (record?.state === 'ended' ? '-1' : null),
    voiceFileId: record?.voiceFileId ?? null,
    recordingFileId: record?.recording?.fileId ?? null,
    // Extensions: how it stands with the recording, and why there is none or what is wrong with it.
    recordingState: record?.recording?.state ?? null,
    recordingProblem: record?.recording?.problem ?? null,
    // Extensions: the SMS that followed the call, and how it stands with it.
    smsMsgId: record?.sms?.msgId ?? null,
    smsState: record?.sms?.state ?? null,
    smsReason: record?.sms?.reason ?? null,
    calledInfo: record?.calledInfo ?? null,
    // Extensions, as reports have them (contract 10.1).
    type: record?.callType ?? null,
    outRecallCount: record?.outRecallCount ?? null,
    dimensionId: record?.dimensionId ?? null,
    ...(record === null ? nothingCharged : chargeFields(record.charge)),
  };
}
