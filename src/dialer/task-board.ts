import { type Zone, zoneOf } from '../domain/account/zone.ts';
import type { Peer } from '../domain/process/share.ts';
import { allowanceOf, resourceKey } from '../domain/process/share.ts';
import type { RunnableTask } from '../domain/task/claim.ts';
import { isInsideWindows } from '../domain/task/windows.ts';
import type { Clock } from '../lib/clock.ts';
import type { CallSession } from './call-session.ts';
import type { Contender } from './fair-share.ts';
import type { TaskPrompts } from './task-prompts.ts';

export type TaskBoardOptions = {
  readonly processId: string;
  readonly clock: Clock;
  readonly promptsFor: (task: RunnableTask) => TaskPrompts;
};

/** Calls that wait for a trunk for this long are told of, ms. */
const longWaitMs = 2000;

/** Whether a task's windows are open in one minute (since the epoch): the question is asked many times a second. */
type Opening = { readonly minute: number; readonly isOpen: boolean };

/** A task that is or was on the board. */
export type BoardEntry = {
  task: RunnableTask;
  nextSeq: number;
  prompts: TaskPrompts;
  writtenReason: string | null;
  /** null: the task was read again since. */
  opening: Opening | null;
  /** Its last claim gave less than it asked for, and it was not read again since. */
  isShort: boolean;
};

/** A reason to be written to a task. */
export type ReasonChange = { readonly taskId: number; readonly reason: string };

/** The tasks that this process could make calls for, and its calls in progress by account. */
export class TaskBoard {
  readonly #options: TaskBoardOptions;
  readonly #entries = new Map<number, BoardEntry>();
  readonly #open = new Map<number, number>();
  readonly #limits = new Map<number, number>();
  readonly #zones = new Map<string, Zone | null>();

  constructor(options: TaskBoardOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Takes over what the database says. The prompts of tasks that are no longer there are given back. */
  refresh(tasks: readonly RunnableTask[]): void {
    const present = new Set(tasks.map((task) => task.taskId));
    for (const task of tasks) {
      const known = this.#entries.get(task.taskId);
      if (known && known.task.promptId === task.promptId) {
        known.task = task;
        known.opening = null;
        known.isShort = false;
        // A claim of our own may be newer than what was read.
        known.nextSeq = Math.max(known.nextSeq, task.nextSeq);
      } else {
        known?.prompts.close();
        const prompts = this.#options.promptsFor(task);
        this.#entries.set(task.taskId, {
          task,
          nextSeq: task.nextSeq,
          prompts,
          writtenReason: task.waitingReason,
          opening: null,
          isShort: false,
        });
      }
      if (task.maxConcurrency === null) this.#limits.delete(task.accountId);
      else this.#limits.set(task.accountId, task.maxConcurrency);
    }
    for (const taskId of this.#entries.keys()) {
      if (!present.has(taskId)) this.drop(taskId);
    }
  }

  /** Nothing is left to claim, or it was stopped. */
  drop(taskId: number): void {
    this.#entries.get(taskId)?.prompts.close();
    this.#entries.delete(taskId);
  }

  get(taskId: number): BoardEntry | undefined {
    return this.#entries.get(taskId);
  }

  /** The tasks that can make calls now, and the reasons of those that cannot where that changed. */
  contenders(
    outage: string | null,
    waiting: ReadonlyMap<number, number>,
  ): { contenders: Contender[]; reasons: ReasonChange[] } {
    const contenders: Contender[] = [];
    const reasons: ReasonChange[] = [];
    for (const entry of this.#entries.values()) {
      const { task, prompts, nextSeq } = entry;
      prompts.advance(nextSeq);
      const reason = this.#reasonOf(entry, outage, waiting);
      if (reason !== null && reason !== entry.writtenReason) {
        entry.writtenReason = reason;
        reasons.push({ taskId: task.taskId, reason });
      }
      const want = Math.min(prompts.readyCount(nextSeq), task.numberCount - nextSeq + 1);
      if (reason === null && want > 0 && !entry.isShort && !waiting.has(task.taskId))
        contenders.push({ taskId: task.taskId, accountId: task.accountId, want, isUrgent: task.isDirect });
    }
    return { contenders, reasons };
  }

  /** The claim cleared the reason in the same statement. */
  claimed(taskId: number, lastSeq: number): void {
    const entry = this.#entries.get(taskId);
    if (!entry) return;
    entry.nextSeq = Math.max(entry.nextSeq, lastSeq + 1);
    entry.writtenReason = null;
  }

  /**
   * A charged task gave less than was asked for: its account's balance may be held for calls in progress. It is asked again when it was read again, and not with every tick: what
   * is held is given back when those end.
   */
  fellShort(taskId: number): void {
    const entry = this.#entries.get(taskId);
    if (entry) entry.isShort = true;
  }

  /** A reason could not be written: it is due again. */
  forgetReason(taskId: number): void {
    const entry = this.#entries.get(taskId);
    if (entry) entry.writtenReason = null;
  }

  opened(accountId: number): void {
    this.#open.set(accountId, (this.#open.get(accountId) ?? 0) + 1);
  }

  closed(accountId: number): void {
    const left = (this.#open.get(accountId) ?? 0) - 1;
    if (left > 0) this.#open.set(accountId, left);
    else this.#open.delete(accountId);
  }

  /** How many more calls each limited account may have in this process. */
  accountRoom(peers: readonly Peer[]): Map<number, number> {
    const room = new Map<number, number>();
    for (const [accountId, limit] of this.#limits) {
      const allowed = allowanceOf(limit, resourceKey('account', accountId), peers, this.#options.processId);
      room.set(accountId, Math.max(0, allowed - (this.#open.get(accountId) ?? 0)));
    }
    return room;
  }

  /** What this process holds or may come to hold of the accounts' limits, for the others. */
  usage(peers: readonly Peer[]): Record<string, number> {
    const usage: Record<string, number> = {};
    for (const [accountId, room] of this.accountRoom(peers)) {
      usage[resourceKey('account', accountId)] = room + (this.#open.get(accountId) ?? 0);
    }
    return usage;
  }

  close(): void {
    for (const taskId of [...this.#entries.keys()]) this.drop(taskId);
  }

  /** Whether calls of the task may begin now, also of one that has left the board since. */
  mayCall(entry: BoardEntry): boolean {
    return entry.task.isAccountEnabled && this.#isOpen(entry);
  }

  #isOpen(entry: BoardEntry): boolean {
    const now = new Date(this.#options.clock.now());
    const minute = Math.floor(now.getTime() / 60_000);
    if (entry.opening?.minute !== minute) {
      entry.opening = { minute, isOpen: isInsideWindows(now, entry.task.windows, this.#zoneOf(entry.task.timeZone)) };
    }
    return entry.opening.isOpen;
  }

  #zoneOf(timeZone: string): Zone | null {
    const known = this.#zones.get(timeZone);
    if (known !== undefined) return known;
    const zone = zoneOf(timeZone);
    this.#zones.set(timeZone, zone);
    return zone;
  }

  #reasonOf(entry: BoardEntry, outage: string | null, waiting: ReadonlyMap<number, number>): string | null {
    const { task, prompts } = entry;
    if (!task.isAccountEnabled) return 'the account is disabled';
    if (!this.#isOpen(entry)) return 'outside the allowed sending times';
    if (outage !== null) return outage;
    // Not for the moment that a call waits for its turn.
    const since = waiting.get(task.taskId) ?? Number.POSITIVE_INFINITY;
    if (this.#options.clock.monotonic() - since > longWaitMs) return 'calls wait for a trunk that serves their numbers';
    return prompts.trouble;
  }
}

/** The tasks with calls that wait for a trunk, and since when (monotonic ms): they claim no more until those have left. */
export function tasksWaiting(sessions: Iterable<CallSession>): Map<number, number> {
  const waiting = new Map<number, number>();
  for (const session of sessions) {
    if (session.heldSince === null) continue;
    const { taskId } = session.call.callee;
    waiting.set(taskId, Math.min(waiting.get(taskId) ?? Number.POSITIVE_INFINITY, session.heldSince));
  }
  return waiting;
}
