import type { CallStatus } from './record.ts';

/** A status report as it is pushed (contract 10.1). Times are milliseconds since the epoch; money is decimal text. */
export type Report = {
  readonly voiceId: string;
  /** 1 group call, 2 verification code, 3 phone call, 4 phone direct dialling. */
  readonly type: number;
  readonly callee: string;
  readonly displayNum: string | null;
  readonly submitTime: number | null;
  readonly callTime: number | null;
  readonly ringingTime: number | null;
  readonly answerTime: number | null;
  readonly hangupTime: number | null;
  /** Seconds. */
  readonly callDuration: number | null;
  readonly chargedDuration: number | null;
  readonly ringDuration: number | null;
  readonly billPeriod: string | null;
  readonly code: string | null;
  readonly voiceFileId: string | null;
  readonly recordingFileId: string | null;
  readonly rate: string | null;
  /** USD. */
  readonly baseCost: string | null;
  readonly cost: string | null;
  /** "0" connected. */
  readonly terminationCode: string | null;
  readonly terminationReason: string | null;
  readonly sipCode: string | null;
  /** The first key; "-1" none. */
  readonly feedbackValue: string | null;
  readonly calledInfo: string | null;
  readonly currency?: string | null;
  readonly settleRate?: string | null;
  readonly quoteExchange?: string | null;
  readonly settlePay?: string | null;
  /** How the manieth call again it was. */
  readonly outRecallCount: number | null;
  readonly taskId: number | null;
  /** The parent, where a recall round called. */
  readonly sourceTaskId: number | null;
  /** The template of a `sendIvr`. */
  readonly dimensionId?: number | null;
  /** Carillon's own: the app whose report it is. */
  readonly appId?: string;
  /** Carillon's own: all keys that were pressed. */
  readonly digits?: string | null;
  /** Carillon's own: ITU-T Q.850. */
  readonly causeCode?: number | null;
  readonly callStatus: CallStatus | null;
};
