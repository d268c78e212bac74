import type { Maybe } from './page.ts';
import type { Variables } from './task.ts';

/** 10 rang, busy; 20 rang, no answer; 30 rang, other; 40 voicemail; 50 connected; 60 other (contract 10.1). */
export type CallStatus = 10 | 20 | 30 | 40 | 50 | 60;

/** What is told of a call; null: not (yet) known, or it did not happen. Times are ISO 8601 with an offset. Money is decimal text. */
export type CallFacts = {
  readonly displayNum: string | null;
  /** Country or operator. */
  readonly code: string | null;
  readonly submitTime: string | null;
  readonly callTime: string | null;
  readonly ringingTime: string | null;
  readonly answerTime: string | null;
  readonly hangupTime: string | null;
  /** Seconds from answer to end. */
  readonly callDuration: number | null;
  readonly chargedDuration: number | null;
  /** "0" connected, else the SIP status or a code of the platform's own. */
  readonly terminationCode: string | null;
  readonly terminationReason: string | null;
  /** In the quote currency. */
  readonly cost: string | null;
  /** `a+b`: the first a seconds, then steps of b. */
  readonly billPeriod: string | null;
  readonly rate: string | null;
  /** USD. */
  readonly baseCost: string | null;
  readonly voiceFileId: string | null;
  /** The first key; "-1" none. */
  readonly feedbackValue: string | null;
  /** As sent with a direct call. */
  readonly calledInfo: string | null;
  readonly settleRate?: string | null;
  readonly quoteExchange?: string | null;
  readonly settlePay?: string | null;
  readonly currency?: string | null;
  /** Of Carillon and of the newer reports (contract 15.9). */
  readonly taskId?: number | null;
  readonly sourceTaskId?: number | null;
  readonly callStatus?: CallStatus | null;
  readonly sipCode?: string | null;
  /** Seconds. */
  readonly ringDuration?: number | null;
  readonly recordingFileId?: string | null;
  /** Carillon's own: null where nothing was to be recorded. */
  readonly recordingState?: 'waiting' | 'stored' | 'lost' | 'deleted' | null;
  readonly recordingProblem?: string | null;
};

/** A call detail record (contract 8.1). */
export type CallRecord = CallFacts & {
  readonly voiceId: string;
  readonly callee: string;
};

/** Which callees of a task (contract 15.9). */
export type CalleeFilter = {
  readonly taskId: number;
  /** None: all. */
  readonly callStatusList?: Maybe<readonly CallStatus[]>;
  readonly number?: Maybe<string>;
};

/** A callee of a task and what came of it; Carillon's own (contract 15.9). */
export type CalleeResult = CallFacts &
  Variables & {
    /** The row in the task's list, from 1. */
    readonly seq: number;
    readonly callee: string;
    /** Null: not called yet. */
    readonly voiceId: string | null;
    readonly taskId: number;
    /** All keys that were pressed. */
    readonly digits: string | null;
    /** Null: not called yet. */
    readonly state: 'dialing' | 'ringing' | 'answered' | 'ended' | null;
    /** ITU-T Q.850. */
    readonly causeCode: number | null;
  };
