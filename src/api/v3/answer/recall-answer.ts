import type { FlowDetail, FlowNode } from '../../../domain/recall/flow-detail.ts';
import type { FlowSummary } from '../../../domain/recall/query.ts';
import type { LocalTime } from '../local-time.ts';

/** A line of recallFlow/queryPage (contract 5.4). */
export function flowSummaryAnswer(flow: FlowSummary, time: LocalTime) {
  return {
    keyId: flow.flowId,
    taskId: flow.taskId,
    taskName: flow.taskName,
    createTime: time.format(flow.createdAt),
    recallType: flow.recallType,
    recallInterval: flow.recallInterval,
    recallNum: flow.recallNum,
    finishNum: flow.finishedNum,
    status: flow.status,
    statusReason: flow.statusReason,
  };
}

/** The data of recallFlow/queryDetail: the page's table, and the page keys of its example (contract 15.8). */
export function flowDetailAnswer(flow: FlowDetail, time: LocalTime) {
  const nodes = flow.nodes.map((node) => flowNodeAnswer(node, time));
  return {
    keyId: flow.flowId,
    recallInterval: flow.recallInterval,
    recallNum: flow.recallNum,
    recallType: flow.recallType,
    status: flow.status,
    statusReason: flow.statusReason,
    nodeList: nodes,
    records: nodes,
    total: nodes.length,
    size: nodes.length,
    current: 1,
    searchCount: true,
    pages: 1,
  };
}

/** A node with every field of the page's table and of its example; `statusReason` and `dueTime` are ours. */
export function flowNodeAnswer(node: FlowNode, time: LocalTime) {
  const { content, hangUpSms, transfer } = node.settings;
  return {
    keyId: node.nodeId,
    taskId: node.taskId,
    nodeStatus: node.status,
    source: content.source,
    voiceFileId: content.voiceFileId,
    voiceFileName: node.voiceFileName,
    uploadName: content.uploadName,
    text: content.text,
    lan: content.lan,
    speakingRate: content.speakingRate,
    ssmlGender: content.ssmlGender,
    // The table types it Int here, unlike elsewhere.
    accent: content.accent === null ? null : Number(content.accent),
    hangUpSms: hangUpSms.hangUpSms,
    idxSmsAppId: node.smsAppSeq,
    smsContent: hangUpSms.smsContent,
    senderId: hangUpSms.senderId,
    feedbackPush: hangUpSms.feedbackPush,
    feedbackValue: hangUpSms.feedbackValue,
    successPush: hangUpSms.successPush,
    successPushTime: hangUpSms.successPushTime,
    failedPush: hangUpSms.failedPush,
    ringPush: hangUpSms.ringPush,
    toSeat: transfer.toSeat,
    sipGroupId: transfer.sipGroupId,
    outboundControl: transfer.outboundControl,
    calloutRate: transfer.calloutRate,
    toSeatType: transfer.toSeatType,
    toSeatKey: transfer.toSeatKey,
    delayTransfer: transfer.delayTransfer ?? 0,
    statusReason: node.statusReason,
    dueTime: time.format(node.dueAt),
  };
}
