import { chargeFields } from '../record/call-charge.ts';
import type { CallRecord } from '../record/record.ts';
import type { CallKey } from '../record/voice-id.ts';
import { recordingFileId } from '../recording/recording-name.ts';

/** What a report says besides the call's record. */
export type ReportFacts = {
  readonly key: CallKey;
  readonly appId: string;
};

/**
 * A status report as the receiver gets it (contract 10.1, the newest list of fields): times are milliseconds since the epoch, what is absent is null. It is made
 * of the record when it is sent, which says the same whenever that is: the record of a call that has ended does not change any more.
 */
export function reportBody(record: CallRecord, { key, appId }: ReportFacts) {
  const charge = chargeFields(record.charge);
  return {
    voiceId: record.voiceId,
    type: record.callType,
    callee: record.callee,
    displayNum: record.displayNum,
    submitTime: record.submitTime.getTime(),
    callTime: millis(record.callTime),
    ringingTime: millis(record.ringingTime),
    answerTime: millis(record.answerTime),
    hangupTime: millis(record.hangupTime),
    callDuration: record.callDurationS,
    chargedDuration: charge.chargedDuration,
    billPeriod: charge.billPeriod,
    code: charge.code,
    voiceFileId: record.voiceFileId,
    // Also while it waits for being stored: by then it can be fetched under this name.
    recordingFileId: isKept(record.recording) ? recordingFileId(key) : null,
    rate: charge.rate,
    baseCost: charge.baseCost,
    cost: charge.cost,
    terminationCode: record.terminationCode,
    terminationReason: record.terminationReason,
    sipCode: record.sipStatus === null ? null : String(record.sipStatus),
    feedbackValue: record.feedbackValue ?? '-1',
    calledInfo: record.calledInfo,
    ringDuration: record.ringDurationS,
    currency: charge.currency,
    settleRate: charge.settleRate,
    quoteExchange: charge.quoteExchange,
    settlePay: charge.settlePay,
    outRecallCount: record.outRecallCount,
    // A direct call's task is not its client's to see.
    taskId: record.isDirect ? null : record.taskId,
    sourceTaskId: record.isDirect ? null : record.sourceTaskId,
    scriptId: null,
    intent: null,
    dimensionId: record.dimensionId,
    callStatus: record.callStatus,
    // Extensions: the app, all keys, and the ITU-T Q.850 cause where the far side gave one.
    appId,
    digits: record.digits,
    causeCode: record.q850Cause,
  };
}

export type ReportBody = ReturnType<typeof reportBody>;

function millis(time: Date | null): number | null {
  return time === null ? null : time.getTime();
}

function isKept(recording: CallRecord['recording']): boolean {
  return recording !== null && (recording.state === 'waiting' || recording.state === 'stored');
}
