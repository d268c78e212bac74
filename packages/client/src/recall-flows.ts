import type { Connection } from './connection.ts';
import type { CallOptions } from './transport.ts';
import type { Page, PageRequest } from './wire/page.ts';
import type { FlowDetail, FlowFilter, FlowSummary, RecallCancel, RecallChange } from './wire/recall-flow.ts';

/** The plans to call a task's callees again (contract section 5). */
export class RecallFlows {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** recallFlow/update: only of a flow that is pending. */
  async update(change: RecallChange, options?: CallOptions): Promise<void> {
    await this.#connection.change('/voice/recallFlow/update', change, options);
  }

  /** recallFlow/cancel. */
  async cancel(what: RecallCancel, options?: CallOptions): Promise<void> {
    await this.#connection.change('/voice/recallFlow/cancel', what, options);
  }

  /** recallFlow/queryPage: a page of flows. */
  query(request: PageRequest & { readonly params: FlowFilter }, options?: CallOptions): Promise<Page<FlowSummary>> {
    return this.#connection.page('/voice/recallFlow/queryPage', request, options);
  }

  /** recallFlow/queryPage over all pages. */
  each(filter: FlowFilter, options?: CallOptions): AsyncGenerator<FlowSummary, void, undefined> {
    return this.#connection.each('/voice/recallFlow/queryPage', filter, options);
  }

  /** recallFlow/queryDetail: a flow with its rounds. */
  detail(flowId: number, options?: CallOptions): Promise<FlowDetail> {
    return this.#connection.query('/voice/recallFlow/queryDetail', { keyId: flowId }, options);
  }
}
