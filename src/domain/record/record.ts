import type { CallMachine } from '../../call/call-machine.ts';
import type { LegMediaStats } from '../../call/leg-media-stats.ts';
import type { CallStatus } from '../../call/outcome.ts';
import type { CallRecording } from '../recording/recording.ts';
import type { CallSms } from '../sms/sms-column.ts';
import type { CallCharge } from './call-charge.ts';
import type { OutcomeClass } from './outcome-class.ts';

/** A call detail record (contract 8.1, 10.1, 15.9). */
export type CallRecord = {
  /** In the later rounds of a direct call the first one's, which is what the client was given. */
  readonly voiceId: string;
  /** 1 group call, 2 verification code. */
  readonly callType: 1 | 2;
  /** Whether it is a direct call's: its task is not the client's to see. */
  readonly isDirect: boolean;
  readonly taskId: number;
  /** The parent of a recall round's or resend's task; null: none. */
  readonly sourceTaskId: number | null;
  /** The round of a recall flow that it was made in; 0: the first call. */
  readonly outRecallCount: number;
  /** As it was sent with a direct call; with a template, the variables used as JSON; null: nothing. */
  readonly calledInfo: string | null;
  /** The template's id; null: none. */
  readonly dimensionId: number | null;
  readonly seq: number;
  readonly callee: string;
  readonly displayNum: string | null;
  readonly state: 'dialing' | 'ringing' | 'answered' | 'ended';
  /** When the callee was claimed; of a direct call that waits for that, when it was sent. */
  readonly submitTime: Date;
  /** When the INVITE left. */
  readonly callTime: Date | null;
  readonly ringingTime: Date | null;
  readonly answerTime: Date | null;
  readonly hangupTime: Date | null;
  /** Answer to hang-up, rounded up to whole seconds; 0 without an answer. */
  readonly callDurationS: number;
  /** Ringing to answer or end, rounded to whole seconds. */
  readonly ringDurationS: number;
  /** Null until the call has ended. */
  readonly outcomeClass: OutcomeClass | null;
  /** 10, 20, 30, 40, 50 or 60 (contract 10.1); null until the call has ended. */
  readonly callStatus: CallStatus | null;
  readonly terminationCode: string | null;
  readonly terminationReason: string | null;
  readonly sipStatus: number | null;
  /** The ITU-T Q.850 cause that the far side gave, 1 to 127; null: none. */
  readonly q850Cause: number | null;
  /** Its own words beside that cause; null: none. */
  readonly endReason: string | null;
  /** First digit pressed; null: none (the dialect's "-1"). */
  readonly feedbackValue: string | null;
  /** All digits pressed, in order. */
  readonly digits: string | null;
  /** Of the leg that was answered; null: none was, its process died, or it has not ended. */
  readonly media: LegMediaStats | null;
  /** Who answered; null: as for `media`, or it was not to be found out. */
  readonly machine: CallMachine | null;
  /** The task's voice file; null: text. */
  readonly voiceFileId: string | null;
  readonly trunkId: number | null;
  readonly charge: CallCharge;
  /** null: none was to be made, of a call that was not answered or whose task does not record. */
  readonly recording: CallRecording | null;
  /** The SMS that followed it; null: none was made. */
  readonly sms: CallSms | null;
};
