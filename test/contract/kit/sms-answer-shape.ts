import { absentOr, isoTime, listOf, object, oneOf, type Shape, text } from './answer-shape.ts';

const count = text(/^\d+$/);
const result = { status: oneOf('0'), reason: oneOf('success') };

/** The flat answer of sendSms (docs/sms-dialect.md): how many were taken, as text, and each of them. */
export const sentSmsShape: Shape = object({
  ...result,
  success: count,
  fail: count,
  array: listOf(object({ msgId: text(/^\d+$/), number: text(/^\d+$/), orderId: absentOr(text()) })),
});

const reported = (failed: '1' | '2'): Shape =>
  listOf(
    object({ msgId: text(/^\d+$/), number: text(/^\d+$/), receiveTime: isoTime(), status: oneOf('0', '-1', failed) }),
  );

/** The flat answer of getReport. */
export const smsReportShape: Shape = object({
  ...result,
  success: count,
  fail: count,
  sending: count,
  nofound: count,
  array: reported('1'),
});

/** The flat answer of getSentRcd, where a failed message has another status. */
export const sentRecordShape: Shape = object({ ...result, success: count, fail: count, array: reported('2') });
