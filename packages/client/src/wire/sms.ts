import type { Maybe } from './page.ts';

/** A text to up to 1,000 numbers (vendor's page sms/sendSms). */
export type SmsRequest = {
  /** An app of kind SMS. */
  readonly appId: string;
  /** Separated by commas. */
  readonly numbers: string;
  /** At most 1,024 characters. */
  readonly content: string;
  /** At most 32 characters. */
  readonly senderId?: Maybe<string>;
  /** The sender's own ids, one for each number, separated by commas. */
  readonly orderId?: Maybe<string>;
};

/** Several texts, all of them or none; at most 1,000 numbers together (sms/sendSmsBatch). */
export type SmsBatch = {
  readonly appId: string;
  readonly array: readonly Omit<SmsRequest, 'appId'>[];
};

/** What became of a request. */
export type SmsSubmission = {
  /** How many were accepted, as text. */
  readonly success: string;
  readonly fail: string;
  /** Those that were accepted. */
  readonly array: readonly SubmittedSms[];
};

export type SubmittedSms = { readonly msgId: string; readonly number: string; readonly orderId?: string | null };

/** Which messages (sms/getReport). */
export type SmsReportFilter = {
  readonly appId: string;
  /** Of a submission, at most 200. */
  readonly msgIds: readonly string[];
};

/** What became of messages, counted and one by one. */
export type SmsReports = {
  readonly success: string;
  readonly fail: string;
  readonly sending: string;
  /** Not known, or still waiting to be sent. */
  readonly nofound: string;
  readonly array: readonly SmsReport[];
};

export type SmsReport = {
  readonly msgId: string;
  readonly number: string;
  /** ISO 8601 with an offset. */
  readonly receiveTime: string | null;
  /** "0" delivered; "-1" on its way; "1" failed, which is "2" in `sent`. */
  readonly status: string;
  /** Carillon's own: what it is exactly. */
  readonly state?: 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'expired' | 'unknown';
};

/** The messages of a period of at most 31 days (sms/getSentRcd). */
export type SentSmsFilter = {
  readonly appId: string;
  /** ISO 8601 with an offset. */
  readonly startTime: string;
  readonly endTime: string;
  /** How many to pass over; default 0. An answer has 50,000 at most. */
  readonly startIndex?: Maybe<number>;
};

export type SentSms = {
  readonly success: string;
  readonly fail: string;
  readonly array: readonly SmsReport[];
};
