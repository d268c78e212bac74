import type { Flag, Maybe, Span } from './page.ts';
import type { CallSettings, RecallPlan } from './settings.ts';

/** 0 waiting, 1 calling, 2 completed, 3 submission failed, 4 cancelled, 5 suspended, 6 submitting (contract 4.0). */
export type TaskStatus = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Up to ten texts for the variables of a text or an SMS; longer than 30 characters they are cut. */
export type Variables = {
  readonly [name in `text${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`]?: Maybe<string>;
};

/** A callee of a task. */
export type NumberInfo = Variables & {
  /** Country code and number, 6 to 18 digits. */
  readonly calleeNumber: string;
};

/** Hours in which a task may call. */
export type SendWindow = {
  /** `HH:MM` in the account's zone. */
  readonly strTime: string;
  /** Not included; before `strTime`: past midnight. */
  readonly endTime: string;
};

/** How calls go; what is left out has the default of contract 4.1. */
export type CallPlan = {
  /** Caller id, up to 20 digits. */
  readonly displayNum?: Maybe<string>;
  /** Seconds before the playback, 0 to 999. */
  readonly delayPlay?: Maybe<number>;
  /** Seconds from the playback to the hang-up, 0 to 999. */
  readonly delayHangup?: Maybe<number>;
  /** Seconds, 20 to 120; default 60. */
  readonly maxRingingTime?: Maybe<number>;
  /** How often it is played, 1 to 9; default 1. */
  readonly loopCount?: Maybe<number>;
  /** `yyyy-MM-dd HH:mm:ss` in the account's zone; absent: now. */
  readonly sendTime?: Maybe<string>;
  /** At most three. */
  readonly allowSendTime?: Maybe<readonly SendWindow[]>;
  /** Records answered calls. */
  readonly enableRecording?: Maybe<Flag>;
  /** Tells machines from people; Carillon's own. */
  readonly detectMachine?: Maybe<Flag>;
  /** 1 hang up on a machine, 2 leave the message; Carillon's own. */
  readonly machineAction?: Maybe<1 | 2>;
};

/** A group call (contract 4.1); `numberList`, `numberInfoList` or both, at most 200,000 together. */
export type TaskRequest = CallSettings &
  CallPlan & {
    readonly appId: string;
    /** 2 to 64 characters, none of the account's other tasks'. */
    readonly taskName: string;
    readonly numberList?: Maybe<readonly string[]>;
    readonly numberInfoList?: Maybe<readonly NumberInfo[]>;
    /** Seconds after the answer at which a call is hung up, 1 to 999. */
    readonly maxCalls: number;
    /** Calls again by itself whoever it says. */
    readonly recallFlow?: Maybe<RecallPlan>;
    /** 1: bad rows are left out instead of refusing the request; Carillon's own. */
    readonly skipInvalid?: Maybe<Flag>;
  };

/** A change of a task that is still waiting (contract 4.4). */
export type TaskChange = CallSettings &
  CallPlan & {
    /** The task's id. */
    readonly keyId: number;
    readonly taskName: string;
    readonly maxCalls?: Maybe<number>;
  };

/** A new task of a finished or cancelled one's callees (contract 4.5). */
export type TaskResend = CallSettings &
  CallPlan & {
    /** The id of the task whose callees are called again. */
    readonly keyId: number;
    readonly appId?: Maybe<string>;
    /** The new task's. */
    readonly taskName: string;
    readonly maxCalls?: Maybe<number>;
    /** 0 all, 1 those who were not reached; default 0. */
    readonly resendType?: Maybe<0 | 1>;
    readonly recallFlow?: Maybe<RecallPlan>;
  };

/** Which tasks (contract 4.2): those created in the period. */
export type TaskFilter = Span & {
  /** None: all. */
  readonly statusList?: Maybe<readonly TaskStatus[]>;
  /** The app's number, not its `appId`. */
  readonly idxAppId?: Maybe<number>;
  /** In task name, voice file name or text. */
  readonly searchCondition?: Maybe<string>;
};

/** A line of a list of tasks (contract 4.2, 15.7). */
export type TaskSummary = {
  readonly taskId: number;
  /** The same; the older name. */
  readonly jobId: number;
  readonly taskName: string;
  readonly status: TaskStatus;
  /** Per cent of the callees whose call has ended, as text. */
  readonly rate: string;
  readonly numCnt: number;
  readonly callNum: number;
  readonly success: number;
  readonly fail: number;
  /** Per cent of the ended calls that were answered. */
  readonly successRate?: number;
  readonly sendSmsNum?: number;
  readonly sendTime?: string | null;
  readonly createdTime: string;
  readonly taskType?: number | null;
};

/** A task (contract 4.3). The fields that may be missing are Carillon's own. */
export type TaskDetail = {
  readonly taskId?: number;
  readonly jobId: number;
  readonly taskName: string;
  readonly displayNum: string | null;
  readonly appId: string;
  readonly status: TaskStatus;
  readonly source: 1 | 2 | 3;
  readonly voiceFileId: string | null;
  readonly uploadName: string | null;
  readonly text: string | null;
  readonly lan: string | null;
  /** Per cent of the callees whose call has ended, as text. */
  readonly rate: string;
  readonly numCnt: number;
  readonly success: number;
  readonly fail: number;
  /** Per cent of the ended calls that were answered, as text. */
  readonly successRate: string;
  /** Seconds. */
  readonly callDuration: number | null;
  /** Seconds that are charged. */
  readonly chargeLen: number | null;
  /** Calls made. */
  readonly callTotal: number;
  /** Average seconds of an answered call, as text. */
  readonly acd: string;
  readonly keyFeedbackNum: number;
  readonly loopCount: number;
  readonly maxCalls: number;
  readonly sendTime: string | null;
  readonly createdTime: string;
  readonly mdfTime: string;
  readonly finishTime: string | null;
  readonly toseatNum: number;
  readonly toseatNumRate: string;
  readonly callLossNum: number;
  readonly callLossNumRate: string;
  readonly calloutRate: number | null;
  readonly sipGroupName: string | null;
  /** The flow that calls again; null: there is none. */
  readonly recallFlowId?: number | null;
  /** The task whose callees are called again; null: none. */
  readonly sourceTaskId?: number | null;
  /** Numbers that came more than once; each is called once. */
  readonly duplicateNum?: number;
  /** Rows left out by `skipInvalid`. */
  readonly invalidNum?: number;
  /** Why the task has its status. */
  readonly statusReason?: string | null;
  /** Why a task that is calling starts no calls just now. */
  readonly waitingReason?: string | null;
};
