import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';
import type { Page, PageRequest } from '../paging/page.ts';
import type { CallSettings } from '../task/settings.ts';
import type { RecallStatus } from './status.ts';

/** Contract 5.4. */
export type FlowFilter = {
  readonly from: Date;
  readonly to: Date;
  /** Part of the parent task's name, or exactly its id; null: any. */
  readonly taskName: string | null;
};

export type FlowSummary = {
  readonly flowId: number;
  /** The parent task. */
  readonly taskId: number;
  readonly taskName: string;
  readonly recallType: 0 | 1;
  /** Minutes. */
  readonly recallInterval: number;
  readonly recallNum: number;
  /** Rounds that are completed. */
  readonly finishedNum: number;
  readonly status: RecallStatus;
  readonly statusReason: string | null;
  readonly createdAt: Date;
};

export type FlowNode = {
  readonly nodeId: number;
  /** The round, from 1. */
  readonly ordinal: number;
  /** The child task; null: none (yet). */
  readonly taskId: number | null;
  readonly status: RecallStatus;
  readonly statusReason: string | null;
  /** When the round starts; null: not known yet. */
  readonly dueAt: Date | null;
  /** What the round plays, texts and transfers: its own, else the last given node's before it, else the parent's. */
  readonly settings: CallSettings;
  /** Of `settings.content.voiceFileId`; null also when the file was deleted. */
  readonly voiceFileName: string | null;
  /** The SMS app's number (`idxSmsAppId`) of `settings.hangUpSms.smsAppId`. */
  readonly smsAppSeq: number | null;
};

export type FlowDetail = FlowSummary & { readonly nodes: readonly FlowNode[] };

/** Newest first. */
export async function listFlows(
  db: Db,
  accountId: number,
  filter: FlowFilter,
  page: PageRequest,
): Promise<Page<FlowSummary>> {
  throw new BugError(`not written yet ${db} ${accountId} ${filter} ${page}`);
}
/** Throws `unknownFlow`. */
export async function getFlowDetail(db: Db, accountId: number, flowId: number): Promise<FlowDetail> {
  throw new BugError(`not written yet ${db} ${accountId} ${flowId}`);
}
/** The flow's nodes by round, as a page. Throws `unknownFlow`. */
export async function listFlowNodes(
  db: Db,
  accountId: number,
  flowId: number,
  page: PageRequest,
): Promise<Page<FlowNode>> {
  throw new BugError(`not written yet ${db} ${accountId} ${flowId} ${page}`);
}
