import type { Connection } from './connection.ts';
import type { CallOptions } from './transport.ts';
import type { Page, PageRequest } from './wire/page.ts';
import type { CalleeFilter, CalleeResult } from './wire/record.ts';
import type { TaskChange, TaskDetail, TaskFilter, TaskRequest, TaskResend, TaskSummary } from './wire/task.ts';

/** Group calls (contract section 4). */
export class Tasks {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** group/call/send: creates a task and returns its id. Where `isOutcomeUnknown` says so, look for its name before sending it again (-20 if it is there). */
  send(task: TaskRequest, options?: CallOptions): Promise<number> {
    return this.#connection.create('/voice/group/call/send', task, options);
  }

  /** group/call/query: a page of tasks. */
  query(request: PageRequest & { readonly params: TaskFilter }, options?: CallOptions): Promise<Page<TaskSummary>> {
    return this.#connection.page('/voice/group/call/query', request, options);
  }

  /** group/call/query over all pages. */
  each(filter: TaskFilter, options?: CallOptions): AsyncGenerator<TaskSummary, void, undefined> {
    return this.#connection.each('/voice/group/call/query', filter, options);
  }

  /** group/call/detail/{id}. */
  async detail(taskId: number, options?: CallOptions): Promise<TaskDetail> {
    return (await this.#connection.get(`/voice/group/call/detail/${taskId}`, options)).data as TaskDetail;
  }

  /** group/call/update: only of a task that is waiting (-37). */
  async update(change: TaskChange, options?: CallOptions): Promise<void> {
    await this.#connection.change('/voice/group/call/update', change, options);
  }

  /** group/call/resend: makes a new task of a finished one's callees and returns its id; -34: nobody is left. */
  resend(task: TaskResend, options?: CallOptions): Promise<number> {
    return this.#connection.create('/voice/group/call/resend', task, options);
  }

  /** group/call/cancel: all of them or none (-54). Calls in progress run to their end. */
  async cancel(taskIds: readonly number[], options?: CallOptions): Promise<void> {
    await this.#connection.change('/voice/group/call/cancel', { taskIdList: taskIds }, options);
  }

  /** group/call/provisional: suspends; all of them or none (-54). */
  async suspend(taskIds: readonly number[], options?: CallOptions): Promise<void> {
    await this.#connection.change('/voice/group/call/provisional', { jobIdList: taskIds }, options);
  }

  /** group/call/resume, Carillon's own: lets suspended tasks go on; all of them or none (-54). */
  async resume(taskIds: readonly number[], options?: CallOptions): Promise<void> {
    await this.#connection.change('/voice/group/call/resume', { taskIdList: taskIds }, options);
  }

  /** group/call/records, Carillon's own: a page of a task's callees and what came of each. */
  records(
    request: PageRequest & { readonly params: CalleeFilter },
    options?: CallOptions,
  ): Promise<Page<CalleeResult>> {
    return this.#connection.page('/voice/group/call/records', request, options);
  }

  /** group/call/records over all pages. */
  eachRecord(filter: CalleeFilter, options?: CallOptions): AsyncGenerator<CalleeResult, void, undefined> {
    return this.#connection.each('/voice/group/call/records', filter, options);
  }
}
