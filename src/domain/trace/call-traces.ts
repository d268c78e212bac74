import type { CallTrace } from '../../call/trace.ts';
import type { Db } from '../../db/tables.ts';
import { type Backoff, createBackoff } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import { isDataError } from '../error/database-error.ts';
import { type TraceBounds, TraceMemory, TraceRecorder } from './trace-recorder.ts';
import { isWanted, type TraceRule } from './trace-rule.ts';
import { activeTraceRules } from './trace-rule-store.ts';
import { type RuledTrace, writeTraces } from './trace-store.ts';

export type CallTracesOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  readonly limits?: Partial<CallTraceLimits>;
};

export type CallTraceLimits = TraceBounds & {
  /** What all traces together may hold, those that wait for being written included. */
  readonly maxTotalBytes: number;
  /** How long after a call's end its trace is written, ms: late repetitions are in it. */
  readonly settleMs: number;
};

export const defaultTraceLimits: CallTraceLimits = {
  maxEvents: 400,
  maxBytes: 256 * 1024,
  maxTotalBytes: 32 * 1024 * 1024,
  settleMs: 2000,
};

export type TracedCall = {
  readonly createdDay: string;
  readonly taskId: number;
  readonly seq: number;
  readonly number: string;
};

/** A trace under way. `end`: the call is over; what comes for another while still belongs to it. Idempotent. */
export interface OpenTrace extends CallTrace {
  end(): void;
}

/** At most this many in one statement. */
const batchSize = 50;

/**
 * The traces of this process's calls: decides by the rules who is traced, holds what is taken down, and writes it after the call's end, many calls
 * at once and apart from the ledger: a trace may be lost, a record may not. While PostgreSQL is away traces wait, up to the bound in memory;
 * beyond it calls are not traced, and counted as lost for their rule.
 */
export class CallTraces {
  readonly #options: CallTracesOptions;
  readonly #limits: CallTraceLimits;
  readonly #memory: TraceMemory;
  readonly #backoff: Backoff;
  #rules: readonly TraceRule[] = [];
  /** Of each rule: begun and not written. */
  readonly #unwritten = new Map<number, number>();
  #ended: EndedTrace[] = [];
  #lost = new Map<number, number>();
  #timer: Timer | null = null;
  /** The write under way; never rejects. */
  #writing: Promise<void> | null = null;
  #isFailing = false;
  #isClosed = false;

  constructor(options: CallTracesOptions) {
    this.#options = options;
    this.#limits = { ...defaultTraceLimits, ...options.limits };
    this.#memory = new TraceMemory(this.#limits.maxTotalBytes);
    this.#backoff = createBackoff({ firstMs: 500, maxMs: 10_000, random: options.random });
  }

  /** Reads the rules. */
  async refresh(): Promise<void> {
    this.#rules = await activeTraceRules(this.#options.db);
  }

  /** Begins a call's trace if a rule wants it; null: it is not traced. `trunkId` null: before a trunk was chosen. */
  begin(call: TracedCall, trunkId: number | null): OpenTrace | null {
    if (this.#rules.length === 0 || this.#isClosed) return null;
    const { taskId, number } = call;
    const rule = this.#rules.find(
      (candidate) => isWanted(candidate, { taskId, number, trunkId }) && this.#hasCalls(candidate),
    );
    if (rule === undefined) return null;
    const { traceRuleId } = rule;
    const { clock } = this.#options;
    const recorder = new TraceRecorder(clock, this.#limits, this.#memory);
    recorder.note('call', `task ${taskId}, callee ${call.seq}: ${number}`);
    if (recorder.events.length === 0) {
      this.#count(this.#lost, traceRuleId, 1);
      this.#schedule(this.#limits.settleMs);
      return null;
    }
    this.#count(this.#unwritten, traceRuleId, 1);
    let isEnded = false;
    return {
      message: (message) => recorder.message(message),
      note: (kind, text) => recorder.note(kind, text),
      end: () => {
        if (isEnded) return;
        isEnded = true;
        this.#ended.push({ call, traceRuleId, recorder, dueAt: clock.monotonic() + this.#limits.settleMs });
        this.#schedule(this.#limits.settleMs);
      },
    };
  }

  /** Writes the traces of all calls that have ended, without waiting for them to settle; gives up at the first failure. Never rejects. */
  async drain(): Promise<void> {
    await this.#writing;
    this.#timer?.cancel();
    this.#timer = null;
    this.#isFailing = false;
    while (this.#ended.length > 0 && !this.#isFailing) await this.#write(this.#ended.slice(0, batchSize));
  }

  /** Gives up what is not written. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = null;
    for (const { recorder } of this.#ended.splice(0)) recorder.close();
  }

  #hasCalls(rule: TraceRule): boolean {
    return rule.tracedCalls + (this.#unwritten.get(rule.traceRuleId) ?? 0) < rule.maxCalls;
  }

  #count(counts: Map<number, number>, traceRuleId: number, change: number): void {
    const count = (counts.get(traceRuleId) ?? 0) + change;
    if (count === 0) counts.delete(traceRuleId);
    else counts.set(traceRuleId, count);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#writing !== null || this.#isClosed) return;
    this.#timer = this.#options.clock.setTimer(() => {
      this.#timer = null;
      this.#writing = this.#writeDue();
    }, delayMs);
  }

  /** Never rejects. */
  async #writeDue(): Promise<void> {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const due = this.#ended.filter((ended) => ended.dueAt <= now).slice(0, batchSize);
    if (due.length > 0 || this.#lost.size > 0) await this.#write(due);
    this.#writing = null;
    const [next] = this.#ended;
    if (this.#isFailing) this.#schedule(this.#backoff.next());
    else if (next !== undefined) this.#schedule(Math.max(0, next.dueAt - clock.monotonic()));
  }

  /** Never rejects. */
  async #write(batch: readonly EndedTrace[]): Promise<void> {
    const { db, processId, logger } = this.#options;
    const lost = this.#lost;
    this.#lost = new Map();
    try {
      await writeTraces(
        db,
        batch.map((ended) => ruledTrace(ended, processId)),
        lost,
      );
    } catch (error) {
      for (const [traceRuleId, count] of lost) this.#count(this.#lost, traceRuleId, count);
      if (!isDataError(error)) {
        if (!this.#isFailing) logger.warn({ err: error, traces: batch.length }, 'writing call traces failed, retrying');
        this.#isFailing = true;
        return;
      }
      logger.error({ err: error, traces: batch.length }, 'call traces cannot be stored and are dropped');
      for (const { traceRuleId } of batch) this.#count(this.#lost, traceRuleId, 1);
    }
    this.#isFailing = false;
    this.#backoff.reset();
    this.#forget(batch);
  }

  #forget(batch: readonly EndedTrace[]): void {
    for (const { recorder, traceRuleId } of batch) {
      recorder.close();
      this.#count(this.#unwritten, traceRuleId, -1);
    }
    const gone = new Set(batch);
    this.#ended = this.#ended.filter((ended) => !gone.has(ended));
  }
}

type EndedTrace = {
  readonly call: TracedCall;
  readonly traceRuleId: number;
  readonly recorder: TraceRecorder;
  readonly dueAt: number;
};

function ruledTrace({ call, traceRuleId, recorder }: EndedTrace, processId: string): RuledTrace {
  const { createdDay, taskId, seq } = call;
  const { startedAt, events, droppedEvents } = recorder;
  return { traceRuleId, trace: { createdDay, taskId, seq, processId, startedAt, events, droppedEvents } };
}
