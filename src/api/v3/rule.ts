import type { LocalText } from '../../domain/error/request-error.ts';

/** What a field must be, in every language; completes "field: ". */
export const rules = {
  required: text('is required', '必填'),
  integer: (min: number, max: number) =>
    max === Number.MAX_SAFE_INTEGER
      ? text(`must be an integer of at least ${min}`, `必须是不小于 ${min} 的整数`)
      : text(`must be an integer from ${min} to ${max}`, `必须是 ${min} 到 ${max} 的整数`),
  decimal: (min: number, max: number) =>
    text(`must be a number from ${min} to ${max}`, `必须是 ${min} 到 ${max} 的数字`),
  oneOf: (values: readonly (number | string)[]) =>
    text(`must be one of ${values.join(', ')}`, `必须是以下之一：${values.join('、')}`),
  string: text('must be a text', '必须是字符串'),
  wellFormed: text('holds characters that are not valid Unicode text', '包含无效的 Unicode 字符'),
  length: (min: number, max: number) =>
    min === 0
      ? text(`must have at most ${max} characters`, `最多 ${max} 个字符`)
      : text(`must have ${min} to ${max} characters`, `长度必须为 ${min} 到 ${max} 个字符`),
  notBlank: text('must not be blank', '不能为空白'),
  digits: (min: number, max: number) =>
    text(`must be ${min} to ${max} digits and nothing else`, `必须是 ${min} 到 ${max} 位数字，不能有其他字符`),
  key: text('must be one key, 0 to 9', '必须是单个按键，0 到 9'),
  list: text('must be a list', '必须是数组'),
  listSize: (min: number, max: number) => text(`must have ${min} to ${max} entries`, `必须有 ${min} 到 ${max} 个元素`),
  object: text('must be an object', '必须是对象'),
  localTime: text(
    "must be a time as yyyy-MM-dd HH:mm:ss (in the account's time zone) or as ISO 8601 with offset",
    '时间格式必须为 yyyy-MM-dd HH:mm:ss（账号时区）或带时区的 ISO 8601',
  ),
  timeOrder: text('must not be before strTime', '不能早于 strTime'),
  clockTime: text('must be a time of the day as HH:MM, 00:00 to 23:59', '必须是 HH:MM 格式的时刻，00:00 到 23:59'),
  base64: text('must be Base64 without a data: prefix', '必须是不带 data: 前缀的 Base64'),
  extension: text(
    'must end in one of .wav, .mp3, .m4a, .mp4, .aac, .ogg, .oga, .opus, .flac',
    '扩展名必须是 .wav、.mp3、.m4a、.mp4、.aac、.ogg、.oga、.opus、.flac 之一',
  ),
  fileTooLarge: text('the file has more than 20 MB', '文件超过 20 MB'),
  ownVoiceApp: text('must be a voice application of the account', '必须是本账号的语音应用'),
  ownVoiceFile: text(
    'must be a voice file of the account: upload it first, or use a fileId from fileQuery',
    '必须是本账号的语音文件：请先上传，或使用 fileQuery 返回的 fileId',
  ),
  unspeakable: text('cannot be spoken', '无法合成语音'),
  spanTooLong: text('must be at most 31 days after strTime', '与 strTime 的间隔最多 31 天'),
  beforeRetention: (days: number) =>
    text(
      `must be within the last ${days} days: older records are not kept`,
      `必须在最近 ${days} 天以内：更早的记录不再保留`,
    ),
  fileEmpty: text('the file is empty', '文件内容为空'),
  trigger: text(
    'with hangUpSms 1, at least one of feedbackPush, successPush, failedPush, ringPush must be 1',
    'hangUpSms 为 1 时，feedbackPush、successPush、failedPush、ringPush 至少一个必须为 1',
  ),
  nodesBeyondRounds: text('must have at most recallNum entries', '元素个数不能超过 recallNum'),
} as const;

/** A text in both languages. */
export function text(en: string, zhCN: string): LocalText {
  return { en, zhCN };
}
