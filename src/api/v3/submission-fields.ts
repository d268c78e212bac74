import { errors } from '../../domain/error/registry.ts';
import type { TaskResend } from '../../domain/task/resend.ts';
import type { CallPlan, SendWindow, TaskSubmission } from '../../domain/task/submission.ts';
import type { TaskChange } from '../../domain/task/update.ts';
import {
  anything,
  choice,
  digits,
  id,
  integer,
  isBlank,
  isEmptyObject,
  list,
  object,
  optional,
  type Reader,
  readFields,
  text,
  withDefault,
} from './field.ts';
import type { LocalTime } from './local-time.ts';
import { checkNumberList } from './number-list.ts';
import { readRecallFlow, type SentRecallFlow } from './recall-fields.ts';
import { rules } from './rule.ts';
import { neededVariables, readSettings, type SentSettings } from './settings-fields.ts';
import type { VoiceCheck } from './voice-check.ts';

/** What reading a task's fields depends on besides the request. */
export type SubmissionContext = {
  readonly voices: VoiceCheck;
  readonly time: LocalTime;
  /** Milliseconds since the epoch; a send time before it means at once. */
  readonly now: number;
};

/** A checked task whose uploads are not stored yet. */
export type SentTask = {
  readonly task: Omit<TaskSubmission, 'settings' | 'recallFlow'>;
  readonly sent: SentSettings;
  readonly recallFlow: SentRecallFlow | null;
};

/** Reads a request of group/call/send (contract 4.1, 15.5). Throws request errors only. */
export async function readSend(body: unknown, context: SubmissionContext): Promise<SentTask> {
  const fields = readFields({ ...sendFields, sendTime: optional(context.time.reader()) }, body);
  const sent = readSettings(body, '', context.voices);
  const recallFlow = readOptionalRecallFlow(fields.recallFlow, context.voices);
  const numbers = await checkNumberList({
    numberList: fields.numberList,
    numberInfoList: fields.numberInfoList,
    skipInvalid: fields.skipInvalid === 1,
    neededVariables: neededVariables([sent, ...(recallFlow?.nodes ?? [])]),
  });
  const task = {
    appId: fields.appId,
    taskName: fields.taskName,
    displayNum: fields.displayNum,
    plan: planOf(fields, fields.maxCalls),
    sendTime: futureOnly(fields.sendTime, context.now),
    windows: fields.allowSendTime ?? [],
    ...numbers,
  };
  return { task, sent, recallFlow };
}

/** A checked resend whose uploads are not stored yet. `maxCallS` null: the source task's. */
export type SentResend = {
  readonly resend: Omit<TaskResend, 'settings' | 'recallFlow' | 'plan'>;
  readonly planWith: (sourceMaxCallS: number) => CallPlan;
  readonly sent: SentSettings;
  readonly recallFlow: SentRecallFlow | null;
};

/** Reads a request of group/call/resend (contract 4.5). */
export function readResend(body: unknown, context: SubmissionContext): SentResend {
  const fields = readFields({ ...resendFields, sendTime: optional(context.time.reader()) }, body);
  const resend = {
    sourceTaskId: fields.keyId,
    appId: fields.appId,
    taskName: fields.taskName,
    displayNum: fields.displayNum,
    sendTime: futureOnly(fields.sendTime, context.now),
    windows: fields.allowSendTime ?? [],
    resendType: fields.resendType,
  };
  return {
    resend,
    planWith: (sourceMaxCallS) => planOf(fields, fields.maxCalls ?? sourceMaxCallS),
    sent: readSettings(body, '', context.voices),
    recallFlow: readOptionalRecallFlow(fields.recallFlow, context.voices),
  };
}

/** A checked change whose upload is not stored yet. */
export type SentChange = { readonly change: Omit<TaskChange, 'settings'>; readonly sent: SentSettings };

/** Reads a request of group/call/update (contract 4.4); what is left out of plan, times and caller id stays as it is. */
export function readUpdate(body: unknown, context: SubmissionContext): SentChange {
  const fields = readFields({ ...updateFields, sendTime: optional(context.time.reader()) }, body);
  const change = {
    taskId: fields.keyId,
    taskName: fields.taskName,
    displayNum: fields.displayNum,
    plan: partialPlanOf(fields),
    sendTime: fields.sendTime,
    windows: fields.allowSendTime,
  };
  return { change, sent: readSettings(body, '', context.voices) };
}

const delay = integer({ min: 0, max: 999 });
const ringing = integer({ min: 20, max: 120 });
const loops = integer({ min: 1, max: 9 });
const recorded = choice(0, 1);
const flag = choice(0, 1);
/** 1 hang up, 2 leave the message. */
const machineAction = choice(1, 2);
const callLength = integer({ min: 1, max: 999 });

const clockTime: Reader<string> = (value, field) => {
  if (value === undefined) throw errors.badParameter(field, rules.required);
  if (typeof value !== 'string' || !/^([01]\d|2[0-3]):[0-5]\d$/.test(value))
    throw errors.badParameter(field, rules.clockTime);
  return value;
};

const sendWindow: Reader<SendWindow> = (value, field) => {
  const { strTime, endTime } = object({ strTime: clockTime, endTime: clockTime })(value, field);
  return { start: strTime, end: endTime };
};

/** What send, resend and update have in common. */
const namedTaskFields = {
  taskName: text({ min: 2, max: 64 }),
  displayNum: optional(digits({ min: 1, max: 20 })),
  allowSendTime: optional(list(sendWindow, { max: 3 })),
};

const planFields = {
  delayPlay: withDefault(delay, 0),
  delayHangup: withDefault(delay, 0),
  maxRingingTime: withDefault(ringing, 60),
  loopCount: withDefault(loops, 1),
  enableRecording: withDefault(recorded, 0),
  detectMachine: withDefault(flag, 0),
  machineAction: withDefault(machineAction, 1),
};

const sendFields = {
  appId: text({ min: 1, max: 64 }),
  ...namedTaskFields,
  ...planFields,
  maxCalls: callLength,
  skipInvalid: withDefault(choice(0, 1), 0),
  numberList: anything(),
  numberInfoList: anything(),
  recallFlow: anything(),
};

const resendFields = {
  keyId: id(),
  appId: optional(text({ max: 64 })),
  ...namedTaskFields,
  ...planFields,
  maxCalls: optional(callLength),
  resendType: withDefault(choice(0, 1), 0),
  recallFlow: anything(),
};

const updateFields = {
  keyId: id(),
  ...namedTaskFields,
  delayPlay: optional(delay),
  delayHangup: optional(delay),
  maxRingingTime: optional(ringing),
  loopCount: optional(loops),
  enableRecording: optional(recorded),
  detectMachine: optional(flag),
  machineAction: optional(machineAction),
  maxCalls: optional(callLength),
};

type PlanFields = {
  readonly delayPlay: number | null;
  readonly delayHangup: number | null;
  readonly maxRingingTime: number | null;
  readonly loopCount: number | null;
  readonly enableRecording: 0 | 1 | null;
  readonly detectMachine: 0 | 1 | null;
  readonly machineAction: 1 | 2 | null;
};

function planOf(fields: { readonly [K in keyof PlanFields]: NonNullable<PlanFields[K]> }, maxCallS: number): CallPlan {
  return {
    delayPlayS: fields.delayPlay,
    delayHangupS: fields.delayHangup,
    maxRingingS: fields.maxRingingTime,
    loopCount: fields.loopCount,
    maxCallS,
    isRecorded: fields.enableRecording === 1,
    detectsMachine: fields.detectMachine === 1,
    machineAction: fields.machineAction,
  };
}

function partialPlanOf(fields: PlanFields & { readonly maxCalls: number | null }): Partial<CallPlan> {
  return {
    ...(fields.delayPlay !== null && { delayPlayS: fields.delayPlay }),
    ...(fields.delayHangup !== null && { delayHangupS: fields.delayHangup }),
    ...(fields.maxRingingTime !== null && { maxRingingS: fields.maxRingingTime }),
    ...(fields.loopCount !== null && { loopCount: fields.loopCount }),
    ...(fields.maxCalls !== null && { maxCallS: fields.maxCalls }),
    ...(fields.enableRecording !== null && { isRecorded: fields.enableRecording === 1 }),
    ...(fields.detectMachine !== null && { detectsMachine: fields.detectMachine === 1 }),
    ...(fields.machineAction !== null && { machineAction: fields.machineAction }),
  };
}

function futureOnly(time: Date | null, now: number): Date | null {
  return time !== null && time.getTime() > now ? time : null;
}

/** Absent, null and an object without a value all mean: no recall (contract 5.1, "leaving it empty"). */
function readOptionalRecallFlow(value: unknown, voices: VoiceCheck): SentRecallFlow | null {
  if (value === undefined || isBlank(value) || isEmptyObject(value)) return null;
  return readRecallFlow(value, 'recallFlow', voices);
}
