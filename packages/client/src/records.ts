import type { Connection } from './connection.ts';
import type { CallOptions } from './transport.ts';
import type { Page, PageRequest, Span } from './wire/page.ts';
import type { CallRecord } from './wire/record.ts';

/** Call detail records (contract section 8), of the last two months. */
export class Records {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** recordGroup/{voiceId}. */
  async get(voiceId: string, options?: CallOptions): Promise<CallRecord> {
    const answer = await this.#connection.get(`/voice/recordGroup/${encodeURIComponent(voiceId)}`, options);
    return answer.data as CallRecord;
  }

  /** recordGroupQuery: a page of the calls of a period of at most 31 days; both ends are ISO 8601 with an offset. */
  query(request: PageRequest & { readonly params: Span }, options?: CallOptions): Promise<Page<CallRecord>> {
    return this.#connection.page('/voice/recordGroupQuery', request, options);
  }

  /** recordGroupQuery over all pages. */
  each(span: Span, options?: CallOptions): AsyncGenerator<CallRecord, void, undefined> {
    return this.#connection.each('/voice/recordGroupQuery', span, options);
  }
}
