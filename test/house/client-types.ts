/**
 * What the server answers is what the client's types say: checked by tsc alone, since types are nowhere to be found when tests run. Each line fails to compile where a
 * field is missing in the answer, or has another type.
 */
import type {
  CalleeResult,
  CallRecord,
  DirectCallResult,
  FlowDetail,
  FlowSummary,
  Report,
  SentSms,
  SmsReports,
  TaskDetail,
  TaskSummary,
} from '@carillon/client';
import type { directAnswer } from '../../src/api/v3/answer/direct-answer.ts';
import type { flowDetailAnswer, flowSummaryAnswer } from '../../src/api/v3/answer/recall-answer.ts';
import type { calleeResultAnswer, recordAnswer } from '../../src/api/v3/answer/record-answer.ts';
import type { sentReportAnswer, smsReportAnswer } from '../../src/api/v3/answer/sms-answer.ts';
import type { taskDetailAnswer, taskSummaryAnswer } from '../../src/api/v3/answer/task-answer.ts';
import type { reportBody } from '../../src/domain/report/report-body.ts';

export type Checked = [
  Answers<TaskSummary, typeof taskSummaryAnswer>,
  Answers<TaskDetail, typeof taskDetailAnswer>,
  Answers<FlowSummary, typeof flowSummaryAnswer>,
  Answers<FlowDetail, typeof flowDetailAnswer>,
  Answers<CallRecord, typeof recordAnswer>,
  Answers<CalleeResult, typeof calleeResultAnswer>,
  Answers<readonly DirectCallResult[], typeof directAnswer>,
  Answers<Report, typeof reportBody>,
  Answers<SmsReports, typeof smsReportAnswer>,
  Answers<SentSms, typeof sentReportAnswer>,
];

/** The answer, which has to be one that the client expects. */
type Answers<Expected, Answer extends (...given: never[]) => Expected> = ReturnType<Answer>;
