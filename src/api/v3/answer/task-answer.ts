import type { TaskDetail, TaskSummary } from '../../../domain/task/query.ts';
import type { LocalTime } from '../local-time.ts';
import { average, perCent } from './ratio.ts';

/** Normal (IVR) group call; the only kind there is here (contract 4.0). */
const taskType = 1;

/** A line of group/call/query (contract 4.2, 15.7). */
export function taskSummaryAnswer(task: TaskSummary, time: LocalTime) {
  return {
    taskId: task.taskId,
    jobId: task.taskId,
    taskName: task.taskName,
    status: task.status,
    rate: progressOf(task),
    numCnt: task.numberCount,
    callNum: task.calledCount,
    success: task.successCount,
    fail: task.failCount,
    successRate: successRateOf(task),
    sendSmsNum: task.smsSentCount,
    sendTime: time.format(task.sendTime),
    createdTime: time.format(task.createdAt),
    scriptId: null,
    taskType,
  };
}

/** The data of group/call/detail (contract 4.3, 15.5) and, after it, what is ours. What needs agents is null or 0. */
export function taskDetailAnswer(task: TaskDetail, time: LocalTime) {
  const { content, hangUpSms, transfer } = task.settings;
  return {
    ...taskSummaryAnswer(task, time),
    successRate: String(successRateOf(task)),
    displayNum: task.displayNum,
    appId: task.appId,
    source: content.source,
    voiceFileId: content.voiceFileId,
    uploadName: content.uploadName,
    // The file's bytes are not sent back.
    baseFile: null,
    text: content.text,
    lan: content.lan,
    code: null,
    chargeLen: task.chargedS,
    callDuration: task.callDurationS,
    callTotal: task.calledCount,
    acd: average(task.callDurationS, task.successCount),
    mdfTime: time.format(task.updatedAt),
    finishTime: time.format(task.finishedAt),
    keyFeedbackNum: task.keyFeedbackCount,
    loopCount: task.plan.loopCount,
    maxCalls: task.plan.maxCallS,
    enableRecording: task.plan.isRecorded ? 1 : 0,
    ...agentFigures,
    calloutRate: transfer.calloutRate,
    speakingRate: content.speakingRate,
    ssmlGender: content.ssmlGender,
    accent: content.accent,
    delayPlay: task.plan.delayPlayS,
    delayHangup: task.plan.delayHangupS,
    maxRingingTime: task.plan.maxRingingS,
    allowSendTime: task.windows.map(({ start, end }) => ({ strTime: start, endTime: end })),
    ...hangUpSms,
    toSeat: transfer.toSeat,
    sipGroupId: transfer.sipGroupId,
    outboundControl: transfer.outboundControl,
    toSeatType: transfer.toSeatType,
    toSeatKey: transfer.toSeatKey,
    delayTransfer: transfer.delayTransfer,
    voiceFileName: task.voiceFileName,
    duplicateNum: task.duplicateCount,
    invalidNum: task.invalidCount,
    statusReason: task.statusReason,
    waitingReason: task.waitingReason,
    speechNote: task.speechNote,
    sourceTaskId: task.sourceTaskId,
    recallFlowId: task.flowId,
    detectMachine: task.plan.detectsMachine ? 1 : 0,
    machineAction: task.plan.machineAction,
  };
}

/** No task transfers (such a request is refused), so nobody was transferred and nobody waited. */
const agentFigures = {
  toseatNum: 0,
  toseatNumRate: '0',
  allCallToseatNum: 0,
  callLossNum: 0,
  callLossNumRate: '0',
  receivedSeatNum: 0,
  onineSeatNum: 0,
  sipGroupName: null,
};

/** Per cent of the callees whose call has ended, as text (contract 4.2, sample "0"). */
function progressOf(task: TaskSummary): string {
  return String(perCent(task.endedCount, task.numberCount));
}

function successRateOf(task: TaskSummary): number {
  return perCent(task.successCount, task.successCount + task.failCount);
}
