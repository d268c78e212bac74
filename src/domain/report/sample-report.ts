import { freeCharge } from '../record/call-charge.ts';
import { formatVoiceId } from '../record/voice-id.ts';
import { type ReportBody, reportBody } from './report-body.ts';

/** A report of a call that never was: it ended a moment before `now`. */
export function sampleReport(appId: string, now: Date): ReportBody {
  const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
  const key = { createdDay: now.toISOString().slice(0, 10), taskId: 1, seq: 1 };
  const record = {
    ...({
      voiceId: formatVoiceId(key),
      callType: 1,
      isDirect: false,
      taskId: key.taskId,
      sourceTaskId: null,
      outRecallCount: 0,
    } as const),
    ...({
      calledInfo: null,
      dimensionId: null,
      seq: key.seq,
      callee: '8613800000000',
      displayNum: null,
      state: 'ended',
    } as const),
    ...{
      submitTime: before(30),
      callTime: before(29),
      ringingTime: before(27),
      answerTime: before(20),
      hangupTime: before(2),
    },
    ...({
      callDurationS: 18,
      ringDurationS: 7,
      outcomeClass: 'success',
      callStatus: 50,
      terminationCode: '0',
    } as const),
    ...{
      terminationReason: 'answered',
      sipStatus: 200,
      q850Cause: 16,
      endReason: null,
      feedbackValue: null,
      digits: null,
    },
    ...{
      media: null,
      machine: null,
      voiceFileId: null,
      trunkId: null,
      charge: freeCharge(true),
      recording: null,
      sms: null,
    },
  };
  return reportBody(record, { key, appId });
}
