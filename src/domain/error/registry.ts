import type { RecallStatus } from '../recall/status.ts';
import type { TaskStatus } from '../task/status.ts';
import { type ErrorKey, errorDefinitions } from './definitions.ts';
import { type ErrorParams, type LocalText, RequestError } from './request-error.ts';
import { recallStateWords, type TaskInState, taskStateWords } from './state-words.ts';

/** One way to make each request error; see docs/errors.md for the codes. */
export const errors = {
  badCredentials: () => make('badCredentials'),
  addressNotAllowed: (address: string) => make('addressNotAllowed', { address }),
  /** Amounts are exact decimals. */
  balanceUsedUp: (balance: { readonly available: string; readonly currency: string; readonly needed: string }) =>
    make('balanceUsedUp', balance),
  accountLocked: () => make('accountLocked'),
  timestampExpired: () => make('timestampExpired', {}, 'Timestamp'),
  internal: (reference: string) => make('internal', { reference }),
  taskNameTaken: (name: string) => make('taskNameTaken', { name }, 'taskName'),
  fileNameTaken: (name: string) => make('fileNameTaken', { name }, 'fileName'),
  /** For our own resources, e.g. `('account', 'ACME')`. */
  nameTaken: (what: string, name: string) => make('nameTaken', { what, name }, 'name'),
  badAudio: (field: string, problem: string | LocalText) => make('badAudio', { field, problem }, field),
  /** `rows` lists the first bad rows with value and reason. */
  badNumbers: (count: number, rows: string | LocalText) => make('badNumbers', { count, rows }, 'numberList'),
  /** Callees that are stored already; `rows` lists the first with number and variable. */
  missingVariables: (count: number, rows: string) => make('missingVariables', { count, rows }),
  /** `rule` says what is allowed, e.g. "must be 1 to 1440". */
  badParameter: (field: string, rule: string | LocalText) => make('badParameter', { field, rule }, field),
  badBody: (problem: string | LocalText) => make('badBody', { problem }),
  unknownPath: (method: string, path: string) => make('unknownPath', { method, path }),
  notOffered: (what: string | LocalText, instead: string | LocalText) => make('notOffered', { what, instead }),
  unknownLanguage: (field: string, lan: string, known: readonly string[]) =>
    make('unknownLanguage', { field, lan, known: known.join(', ') }, field),
  unknownFlow: (id: number) => make('unknownFlow', { id }, 'keyId'),
  taskHasNoFlow: (id: number) => make('taskHasNoFlow', { id }, 'id'),
  unknownNode: (id: number) => make('unknownNode', { id }, 'id'),
  flowNotPending: (id: number, status: RecallStatus, action: FlowAction) =>
    make('flowNotPending', { id, state: recallStateWords[status], action: actionWords[action] }),
  nodeNotPending: (id: number, status: RecallStatus) =>
    make('nodeNotPending', { id, state: recallStateWords[status] }, 'id'),
  unknownRecord: (id: string) => make('unknownRecord', { id }, 'voiceId'),
  unknownRecording: (id: string) => make('unknownRecording', { id }, 'recordingFileId'),
  keyReused: (key: string) => make('keyReused', { key }),
  noSmsContent: (field: string) => make('noSmsContent', { field }, field),
  smsContentTooLong: (field: string, limit: number, actual: number) =>
    make('smsContentTooLong', { field, limit, actual }, field),
  tooManySmsNumbers: (field: string, limit: number, actual: number) =>
    make('tooManySmsNumbers', { field, limit, actual }, field),
  noSmsNumber: (field: string) => make('noSmsNumber', { field }, field),
  badSmsNumbers: (field: string, number: string) => make('badSmsNumbers', { field, number }, field),
  badSmsTime: (field: string) => make('badSmsTime', { field }, field),
  badMsgIds: (field: string) => make('badMsgIds', { field }, field),
  channelNotBound: (id: string) => make('channelNotBound', { id }, 'appId'),
  orderIdsDiffer: (field: string, numbers: number, orderIds: number) =>
    make('orderIdsDiffer', { field, numbers, orderIds }, field),
  unknownSmsApp: (id: string) => make('unknownSmsApp', { id }, 'appId'),
  smsSpanTooLong: () => make('smsSpanTooLong', {}, 'endTime'),
  channelOfVoiceApp: () => make('channelOfVoiceApp', {}, 'smsChannelId'),
  /** A recall round sends SMS, and neither it nor its task says over which app. */
  smsAppMissing: () => make('smsAppMissing', {}, 'smsAppId'),
  /** An SMS channel that apps send over. */
  channelInUse: (name: string, appIds: readonly string[]) => make('channelInUse', { name, apps: appIds.join(', ') }),
  appHasNoChannel: (id: string) => make('appHasNoChannel', { id }, 'smsAppId'),
  limitReached: (what: string, limit: number, actual: number) => make('limitReached', { what, limit, actual }, what),
  unknownApp: (id: string, kind: 'voice' | 'sms') =>
    make('unknownApp', { id, kind }, kind === 'voice' ? 'appId' : 'smsAppId'),
  unknownVoiceFile: (ids: readonly string[]) => make('unknownVoiceFile', { ids: ids.join(', ') }, 'voiceFileId'),
  unknownTask: (ids: readonly number[]) => make('unknownTask', { ids: ids.join(', ') }),
  unknownAgentGroup: (id: number) => make('unknownAgentGroup', { id }, 'sipGroupId'),
  /** For our own resources, e.g. `('trunk', 3)`. */
  unknownEntry: (what: string, id: string | number) => make('unknownEntry', { what, id }),
  accountIsPostpaid: (accountId: number) => make('accountIsPostpaid', { id: accountId }),
  noTrace: (taskId: number, seq: number) => make('noTrace', { id: taskId, seq }),
  /** `rows` lists the first with row and number. */
  noRate: (count: number, rows: string) => make('noRate', { count, rows }, 'numberList'),
  nobodyLeft: (taskId: number) => make('nobodyLeft', { id: taskId }, 'keyId'),
  noNumber: () => make('noNumber', {}, 'numberList'),
  taskNotWaiting: (id: number, status: TaskStatus) =>
    make('taskNotWaiting', { id, state: taskStateWords[status] }, 'keyId'),
  rateTableInUse: (id: number, accountIds: readonly number[]) =>
    make('rateTableInUse', { id, accounts: accountIds.join(', ') }),
  wrongTaskState: (action: TaskAction, tasks: readonly TaskInState[]) =>
    make('wrongTaskState', {
      action: actionWords[action],
      tasks: {
        en: tasks.map((task) => `${task.taskId} (${taskStateWords[task.status].en})`).join(', '),
        zhCN: tasks.map((task) => `${task.taskId}（${taskStateWords[task.status].zhCN}）`).join('、'),
      },
    }),
};

export type FlowAction = 'modified' | 'cancelled';

export type TaskAction = 'cancelled' | 'suspended' | 'resumed' | 'resent';

const actionWords: Record<FlowAction | TaskAction, LocalText> = {
  modified: { en: 'modified', zhCN: '修改' },
  cancelled: { en: 'cancelled', zhCN: '取消' },
  suspended: { en: 'suspended', zhCN: '暂停' },
  resumed: { en: 'resumed', zhCN: '恢复' },
  resent: { en: 'resent', zhCN: '重呼' },
};

function make(key: ErrorKey, params: ErrorParams = {}, field: string | null = null): RequestError {
  return new RequestError(key, errorDefinitions[key], params, field);
}
