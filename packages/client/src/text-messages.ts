import type { Connection } from './connection.ts';
import type { CallOptions } from './transport.ts';
import type {
  SentSms,
  SentSmsFilter,
  SmsBatch,
  SmsReport,
  SmsReportFilter,
  SmsReports,
  SmsRequest,
  SmsSubmission,
} from './wire/sms.ts';

/** SMS of their own, not after a call. Answers have their fields beside the code, without `data`. */
export class TextMessages {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** sendSms: a text to many numbers. Where `isOutcomeUnknown` says so, look with `eachSent` before it is sent again. */
  async send(message: SmsRequest, options?: CallOptions): Promise<SmsSubmission> {
    return (await this.#connection.post('/sendSms', message, options)).body as SmsSubmission;
  }

  /** sendSms/batch: several texts in one request. */
  async sendBatch(batch: SmsBatch, options?: CallOptions): Promise<SmsSubmission> {
    return (await this.#connection.post('/sendSms/batch', batch, options)).body as SmsSubmission;
  }

  /** getReport: what became of messages whose ids are known. */
  async reports({ appId, msgIds }: SmsReportFilter, options?: CallOptions): Promise<SmsReports> {
    const query = new URLSearchParams({ appId, msgIds: msgIds.join() });
    return (await this.#connection.get(`/getReport?${query}`, options)).body as SmsReports;
  }

  /** getSentRcd: the messages of a period. */
  async sent(filter: SentSmsFilter, options?: CallOptions): Promise<SentSms> {
    const { appId, startTime, endTime, startIndex } = filter;
    const query = new URLSearchParams({ appId, startTime, endTime, startIndex: String(startIndex ?? 0) });
    return (await this.#connection.get(`/getSentRcd?${query}`, options)).body as SentSms;
  }

  /** getSentRcd over all messages of the period. */
  async *eachSent(filter: SentSmsFilter, options?: CallOptions): AsyncGenerator<SmsReport, void, undefined> {
    for (let startIndex = filter.startIndex ?? 0; ; ) {
      const { array } = await this.sent({ ...filter, startIndex }, options);
      if (array.length === 0) return;
      yield* array;
      startIndex += array.length;
    }
  }
}
