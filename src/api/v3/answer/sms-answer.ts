import type { SmsState } from '../../../domain/sms/message.ts';
import type { SmsReport } from '../../../domain/sms/query.ts';
import type { LocalTime } from '../local-time.ts';

/** What became of messages that were asked for by their ids; those that still wait count as not found (docs/sms-dialect.md). */
export function smsReportAnswer(found: readonly SmsReport[], askedCount: number, time: LocalTime) {
  const array = found.filter(({ state }) => state !== 'queued').map((report) => reportOf(report, '1', time));
  const count = (status: string): string => String(array.filter((report) => report.status === status).length);
  return {
    success: count('0'),
    fail: count('1'),
    sending: count('-1'),
    nofound: String(askedCount - array.length),
    array,
  };
}

/** The messages of a period. */
export function sentReportAnswer(reports: readonly SmsReport[], time: LocalTime) {
  const array = reports.map((report) => reportOf(report, '2', time));
  const count = (status: string): string => String(array.filter((report) => report.status === status).length);
  return { success: count('0'), fail: count('2'), array };
}

function reportOf({ msgId, number, state, createdAt, sentAt, doneAt }: SmsReport, failed: '1' | '2', time: LocalTime) {
  const receiveTime = time.formatWithOffset(doneAt ?? sentAt ?? createdAt);
  return { msgId, number, receiveTime, status: statusOf(state, failed), state };
}

/** What is in doubt may have arrived, so it is neither a success nor a failure. */
function statusOf(state: SmsState, failed: '1' | '2'): string {
  switch (state) {
    case 'delivered':
      return '0';
    case 'failed':
    case 'expired':
      return failed;
    case 'queued':
    case 'sending':
    case 'sent':
    case 'unknown':
      return '-1';
  }
}
