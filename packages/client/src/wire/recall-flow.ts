import type { Flag, Maybe, Span } from './page.ts';
import type { RecallPlan } from './settings.ts';

/** 0 pending, 1 in progress, 2 completed, 3 cancelled, 4 execution exception (contract 5.1). */
export type FlowStatus = 0 | 1 | 2 | 3 | 4;

/** A change of a flow that is still pending (contract 5.2). */
export type RecallChange = RecallPlan & {
  /** The flow's id. */
  readonly keyId: number;
};

/** What to cancel (contract 5.3); it has to be pending. */
export type RecallCancel = {
  /** 1 a flow, 2 the flow of a task, 3 a node and those after it. */
  readonly type: 1 | 2 | 3;
  /** The id of that flow, task or node. */
  readonly id: number;
};

/** Which flows (contract 5.4): those created in the period. */
export type FlowFilter = Span & {
  /** Part of the parent task's name, or its whole id. */
  readonly taskName?: Maybe<string>;
};

/** A line of a list of flows (contract 5.4). */
export type FlowSummary = {
  /** The flow's id. */
  readonly keyId: number;
  /** The parent task. */
  readonly taskId: number;
  readonly taskName: string;
  readonly createTime: string;
  readonly recallType: 0 | 1;
  readonly recallInterval: number;
  readonly recallNum: number;
  /** Rounds that are over. */
  readonly finishNum: number;
  readonly status: FlowStatus;
};

/** A flow with its rounds (contract 5.5, 15.8). */
export type FlowDetail = {
  readonly keyId: number;
  readonly recallInterval: number;
  readonly recallNum: number;
  readonly recallType: 0 | 1;
  readonly status: FlowStatus;
  readonly nodeList: readonly FlowNode[];
  /** Carillon's own. */
  readonly statusReason?: string | null;
};

/** A round. */
export type FlowNode = {
  readonly keyId: number;
  /** The task that it made; null: not yet, or there was nobody left. */
  readonly taskId: number | null;
  readonly nodeStatus: FlowStatus;
  readonly source: 1 | 2 | 3 | null;
  readonly voiceFileId: string | null;
  readonly uploadName: string | null;
  readonly text: string | null;
  readonly lan: string | null;
  readonly speakingRate: number | null;
  readonly ssmlGender: 1 | 2 | null;
  readonly accent: number | null;
  readonly hangUpSms: Flag | null;
  readonly smsContent: string | null;
  readonly senderId: string | null;
  readonly feedbackPush: Flag | null;
  readonly feedbackValue: string | null;
  readonly successPush: Flag | null;
  readonly successPushTime: number | null;
  readonly failedPush: Flag | null;
  readonly ringPush: Flag | null;
  readonly toSeat: Flag | null;
  readonly sipGroupId: number | null;
  readonly outboundControl: 1 | null;
  readonly calloutRate: number | null;
  readonly toSeatType: 1 | 2 | null;
  readonly toSeatKey: string | number | null;
  readonly delayTransfer: number | null;
  /** Why it has its status; Carillon's own. */
  readonly statusReason?: string | null;
  /** When it begins, once that is known; Carillon's own. */
  readonly dueTime?: string | null;
};
