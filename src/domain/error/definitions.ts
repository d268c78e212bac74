import type { ErrorDefinition } from './request-error.ts';

/**
 * Every message that a dialect request can be answered with besides success. docs/errors.md lists the same keys and codes; a test holds
 * one against the other. `timestampExpired` is the one text that the contract quotes (section 1.3).
 */
export const errorDefinitions = {
  badCredentials: {
    code: -1,
    en: 'authentication failed: check Api-Key, and that Sign is the MD5 of Api-Key + secret + Timestamp',
    zhCN: '认证失败：请检查 Api-Key，并确认 Sign 为 Api-Key + 密钥 + Timestamp 的 MD5',
  },
  addressNotAllowed: {
    code: -2,
    en: "address {address} is not on the account's allow-list: have it added, or call from a listed one",
    zhCN: 'IP 地址 {address} 不在账号白名单内：请添加该地址或从白名单地址调用',
  },
  balanceUsedUp: {
    code: -10,
    en: 'insufficient balance: {available} {currency} are available, and the cheapest of these calls may cost {needed}; top up',
    zhCN: '余额不足：可用余额为 {available} {currency}，最便宜的一通呼叫最多需要 {needed}；请充值',
  },
  accountLocked: {
    code: -13,
    en: 'the account is locked: ask the operator',
    zhCN: '账号已被锁定：请联系运营方',
  },
  timestampExpired: { code: -16, en: 'timestamp expires', zhCN: '时间戳过期' },
  internal: {
    code: -18,
    en: 'system exception: nothing was changed, try again; the log has it under reference {reference}',
    zhCN: '系统异常：未做任何更改，请重试；日志编号 {reference}',
  },
  taskNameTaken: {
    code: -20,
    en: 'taskName "{name}" is taken by another task of the account: choose another',
    zhCN: 'taskName "{name}" 已被本账号的其他任务使用：请换一个名称',
  },
  fileNameTaken: {
    code: -20,
    en: 'fileName "{name}" is taken by another voice file of the account: choose another, or delete that file',
    zhCN: '文件名 "{name}" 已存在：请换一个名称，或先删除原文件',
  },
  nameTaken: {
    code: -20,
    en: '{what} "{name}" exists already: choose another name',
    zhCN: '{what} "{name}" 已存在：请换一个名称',
  },
  badAudio: {
    code: -21,
    en: '{field} is not audio that can be used: {problem}',
    zhCN: '{field} 不是可用的音频：{problem}',
  },
  badNumbers: {
    code: -21,
    en: '{count} of the numbers cannot be used; the first: {rows}. Correct them, or send skipInvalid: 1',
    zhCN: '有 {count} 个号码不可用，前几个为：{rows}。请修正，或传 skipInvalid: 1',
  },
  missingVariables: {
    code: -21,
    en: '{count} callees have no value for a variable of the text or the SMS; the first by row: {rows}. Leave the variable out',
    zhCN: '有 {count} 个被叫缺少文本或短信模板变量的值，前几行为：{rows}。请去掉该变量',
  },
  badParameter: { code: -22, en: '{field}: {rule}', zhCN: '{field}：{rule}' },
  badBody: { code: -22, en: 'the body cannot be read: {problem}', zhCN: '请求体无法解析：{problem}' },
  unknownPath: {
    code: -22,
    en: 'there is no {method} {path}: check the address and the method',
    zhCN: '不存在接口 {method} {path}：请检查地址和方法',
  },
  notOffered: { code: -22, en: '{what} is not offered here: {instead}', zhCN: '本平台不提供 {what}：{instead}' },
  unknownLanguage: {
    code: -22,
    en: '{field}: language "{lan}" is not known; known are {known}',
    zhCN: '{field}：未知语种 "{lan}"，可用语种为 {known}',
  },
  unknownFlow: {
    code: -22,
    en: 'recall flow {id} does not exist: use a keyId from recallFlow/queryPage',
    zhCN: '自动重呼流程 {id} 不存在：请使用 recallFlow/queryPage 返回的 keyId',
  },
  taskHasNoFlow: {
    code: -22,
    en: 'task {id} has no recall flow: use the taskId of a task that was sent with recallFlow',
    zhCN: '任务 {id} 没有自动重呼流程：请使用带 recallFlow 提交的任务 ID',
  },
  unknownNode: {
    code: -22,
    en: 'recall node {id} does not exist: use nodeList[].keyId from recallFlow/queryDetail',
    zhCN: '重呼节点 {id} 不存在：请使用 recallFlow/queryDetail 返回的 nodeList[].keyId',
  },
  flowNotPending: {
    code: -22,
    en: 'recall flow {id} is {state}, and only a pending one can be {action}',
    zhCN: '自动重呼流程 {id} 状态为{state}，只有待执行的流程可以{action}',
  },
  nodeNotPending: {
    code: -22,
    en: 'recall node {id} is {state}, and only a pending one can be cancelled',
    zhCN: '重呼节点 {id} 状态为{state}，只有待执行的节点可以取消',
  },
  unknownRecord: {
    code: -22,
    en: 'there is no call record {id}: use the voiceId of a report or of a record query',
    zhCN: '通话记录 {id} 不存在：请使用状态报告或记录查询返回的 voiceId',
  },
  unknownRecording: {
    code: -22,
    en: 'there is no recording {id}: use the recordingFileId of a record; recordings are made where enableRecording is 1 and the call was answered, appear some seconds after its end, and are deleted after the days that the account keeps them',
    zhCN: '录音 {id} 不存在：请使用通话记录中的 recordingFileId；仅当 enableRecording 为 1 且通话接通时才有录音，通话结束几秒后可用，超过账号的保留天数后删除',
  },
  keyReused: {
    code: -20,
    en: 'Idempotency-Key "{key}" named another entry before: use a new one for a new entry',
    zhCN: 'Idempotency-Key "{key}" 已用于另一条记录：新记录请使用新的值',
  },
  noSmsContent: { code: -4, en: '{field} is empty: send the text', zhCN: '{field} 为空：请填写短信内容' },
  smsContentTooLong: {
    code: -5,
    en: '{field}: at most {limit} characters, got {actual}',
    zhCN: '{field}：最多 {limit} 个字符，实际 {actual} 个',
  },
  tooManySmsNumbers: {
    code: -7,
    en: '{field}: at most {limit} in one request, got {actual}',
    zhCN: '{field}：一次最多 {limit} 个号码，实际 {actual} 个',
  },
  noSmsNumber: { code: -8, en: '{field} is empty: send at least one', zhCN: '{field} 为空：请至少提交一个号码' },
  badSmsNumbers: {
    code: -9,
    en: '{field}: none can be used, e.g. "{number}": country code and number, 6 to 18 digits, separated by commas',
    zhCN: '{field}：没有可用的号码，例如 "{number}"：应为国家码加号码，6 到 18 位数字，以英文逗号分隔',
  },
  badSmsTime: {
    code: -11,
    en: '{field}: must be a time like 2021-02-12T00:00:00+08:00, encoded in a query, and the end not before the start',
    zhCN: '{field}：时间格式应为 2021-02-12T00:00:00+08:00（查询参数需编码），且结束时间不早于开始时间',
  },
  badMsgIds: {
    code: -14,
    en: '{field} is empty: send the msgId of sendSms',
    zhCN: '{field} 为空：请填写 sendSms 返回的 msgId',
  },
  channelNotBound: {
    code: -19,
    en: 'the application "{id}" has no SMS channel yet: the operator gives it one',
    zhCN: '应用 "{id}" 尚未绑定短信通道：请联系业务经理绑定',
  },
  orderIdsDiffer: {
    code: -21,
    en: '{field}: as many as numbers, {numbers}, separated by commas; got {orderIds}',
    zhCN: '{field}：数量须与号码数量 {numbers} 一致，以英文逗号分隔；实际 {orderIds} 个',
  },
  unknownSmsApp: {
    code: -24,
    en: 'appId "{id}" is not an sms application of the account: check it in the account\'s applications',
    zhCN: 'appId "{id}" 不是本账号的短信应用：请在账号的应用列表中核对',
  },
  smsSpanTooLong: {
    code: -25,
    en: 'startTime and endTime: at most 31 days apart; ask in several requests',
    zhCN: 'startTime 与 endTime 最多相隔 31 天：请分多次查询',
  },
  channelOfVoiceApp: {
    code: -22,
    en: 'smsChannelId: only an app of kind sms has one',
    zhCN: 'smsChannelId：只有 sms 类型的应用才有短信通道',
  },
  smsAppMissing: {
    code: -22,
    en: 'smsAppId: is required, since a recall node with hangUpSms 1 sends over it',
    zhCN: 'smsAppId：必填，因为 hangUpSms 为 1 的重呼节点通过它发送短信',
  },
  channelInUse: {
    code: -37,
    en: 'SMS channel "{name}" is the channel of the apps {apps}: give them another one first',
    zhCN: '短信通道 "{name}" 正被应用 {apps} 使用：请先为这些应用更换通道',
  },
  appHasNoChannel: {
    code: -22,
    en: 'the SMS application "{id}" has no SMS channel yet: the operator gives it one',
    zhCN: '短信应用 "{id}" 尚未绑定短信通道：请联系运营人员绑定',
  },
  limitReached: { code: -23, en: '{what}: at most {limit}, got {actual}', zhCN: '{what}：最多 {limit}，实际 {actual}' },
  unknownApp: {
    code: -24,
    en: 'appId "{id}" is not a {kind} application of the account: check it in the account\'s applications',
    zhCN: 'appId "{id}" 不是本账号的 {kind} 应用：请在账号的应用列表中核对',
  },
  unknownVoiceFile: {
    code: -24,
    en: 'voice file {ids} does not exist: upload it first, or use a fileId from fileQuery',
    zhCN: '语音文件 {ids} 不存在：请先上传，或使用 fileQuery 返回的 fileId',
  },
  unknownTask: {
    code: -24,
    en: 'task {ids} does not exist: use an id from group/call/query',
    zhCN: '任务 {ids} 不存在：请使用 group/call/query 返回的 ID',
  },
  unknownAgentGroup: {
    code: -24,
    en: 'agent group {id} does not exist: check sipGroupId',
    zhCN: '坐席组 {id} 不存在：请检查 sipGroupId',
  },
  unknownEntry: { code: -24, en: '{what} {id} does not exist', zhCN: '{what} {id} 不存在' },
  accountIsPostpaid: {
    code: -24,
    en: 'account {id} has no balance: it is postpaid until PUT /admin/v1/accounts/{id}/balance makes it prepaid',
    zhCN: '账号 {id} 没有余额：它是后付费账号，可通过 PUT /admin/v1/accounts/{id}/balance 改为预付费',
  },
  noTrace: {
    code: -24,
    en: 'call {seq} of task {id} has no trace: calls are traced while a rule wants them (POST /admin/v1/trace-rules, before the call is made), and written some seconds after their end by the process that made them; if that died, there is none',
    zhCN: '任务 {id} 的呼叫 {seq} 没有信令跟踪：请在呼叫之前通过 POST /admin/v1/trace-rules 创建规则；跟踪在呼叫结束几秒后由发起呼叫的进程写入，该进程异常退出则没有跟踪',
  },
  noRate: {
    code: -26,
    en: '{count} of the numbers have no rate, and the account demands one; the first: {rows}. Leave them out, or have the rates added',
    zhCN: '有 {count} 个号码没有费率，而本账号要求必须有费率，前几个为：{rows}。请去掉这些号码，或联系运营方添加费率',
  },
  nobodyLeft: {
    code: -34,
    en: 'task {id} has no number left to call again: create a new task',
    zhCN: '任务 {id} 没有可重呼的号码：请新建任务',
  },
  noNumber: {
    code: -35,
    en: 'there is no number to call: send at least one',
    zhCN: '没有可呼叫的号码：请至少提交一个',
  },
  taskNotWaiting: {
    code: -37,
    en: 'task {id} is {state}, and only a waiting one can be modified',
    zhCN: '任务 {id} 状态为{state}，只有等待提交的任务可以修改',
  },
  rateTableInUse: {
    code: -54,
    en: 'rate table {id} is that of accounts {accounts}: give them another one first',
    zhCN: '费率表 {id} 正被账号 {accounts} 使用：请先为其更换费率表',
  },
  wrongTaskState: {
    code: -54,
    en: 'these tasks cannot be {action} in their state: {tasks}; nothing was changed',
    zhCN: '以下任务当前状态不能{action}：{tasks}；未做任何更改',
  },
} satisfies Record<string, ErrorDefinition>;

export type ErrorKey = keyof typeof errorDefinitions;
