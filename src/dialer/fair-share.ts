/** A task that wants to make calls. */
export type Contender = {
  readonly taskId: number;
  readonly accountId: number;
  /** The most it can use now. */
  readonly want: number;
  /** Whether somebody waits for it: a direct call's. */
  readonly isUrgent: boolean;
};

export type Allotment = { readonly taskId: number; readonly count: number };

/** Where dealing goes on the next time. */
export type Turns = {
  /** The urgent task that was served last, and the other one: whose id follows is next of its kind. */
  readonly lastUrgent: number;
  readonly lastOther: number;
  /** How many calls of urgent tasks were dealt since one of the others. */
  readonly urgentRun: number;
};

export const firstTurns: Turns = { lastUrgent: 0, lastOther: 0, urgentRun: 0 };

/** So many calls of urgent tasks at most come before one of the others: of direct calls without end, a quarter of the calls remains for tasks. */
const longestUrgentRun = 3;

/**
 * Deals `room` calls out to the tasks, one at a time in turn, so that a task with 200,000 callees gets no more than one with 20 while both want
 * some; in each turn the urgent ones come first, so that of little room a code gets the first call, but no more than three in a row while others want some. `accountRoom` is the
 * most for an account over its tasks; an account that is not in it is unlimited. The turns go on from one dealing to the next, so that little room is taken in turns.
 */
export function allot(
  room: number,
  contenders: readonly Contender[],
  accountRoom: ReadonlyMap<number, number>,
  turns: Turns,
): { readonly allotments: Allotment[]; readonly turns: Turns } {
  const counts = new Map<number, number>();
  const accountLeft = new Map(accountRoom);
  const canHave = ({ taskId, accountId, want }: Contender): boolean =>
    (counts.get(taskId) ?? 0) < want && (accountLeft.get(accountId) ?? Number.POSITIVE_INFINITY) > 0;
  const urgent = new Ring(
    contenders.filter(({ isUrgent }) => isUrgent),
    turns.lastUrgent,
  );
  const others = new Ring(
    contenders.filter(({ isUrgent }) => !isUrgent),
    turns.lastOther,
  );
  let run = turns.urgentRun;
  // How many of either kind this turn has still to come to.
  let [urgentDue, othersDue] = [urgent.size, others.size];
  for (let left = room; left > 0; ) {
    if (urgentDue <= 0 && othersDue <= 0) [urgentDue, othersDue] = [urgent.size, others.size];
    if (urgentDue <= 0 && othersDue <= 0) break;
    const isUrgent = urgentDue > 0 && (run < longestUrgentRun || others.size === 0);
    if (isUrgent) urgentDue -= 1;
    else othersDue -= 1;
    const task = (isUrgent ? urgent : others).next(canHave);
    if (task === null) continue;
    counts.set(task.taskId, (counts.get(task.taskId) ?? 0) + 1);
    const ofAccount = accountLeft.get(task.accountId);
    if (ofAccount !== undefined) accountLeft.set(task.accountId, ofAccount - 1);
    run = isUrgent ? Math.min(run + 1, longestUrgentRun) : 0;
    left -= 1;
  }
  return {
    allotments: [...counts].map(([taskId, count]) => ({ taskId, count })),
    turns: { lastUrgent: urgent.last, lastOther: others.last, urgentRun: run },
  };
}

/** Tasks of one kind, by ascending id, round and round. */
class Ring {
  readonly #tasks: Contender[];
  #place: number;
  /** The task that was served last. */
  last: number;

  constructor(tasks: readonly Contender[], last: number) {
    this.#tasks = tasks.toSorted((a, b) => a.taskId - b.taskId);
    this.last = last;
    this.#place = this.#tasks.findIndex(({ taskId }) => taskId > last);
    if (this.#place < 0) this.#place = 0;
  }

  /** Those that may want some yet. */
  get size(): number {
    return this.#tasks.length;
  }

  /** The task whose turn it is; null if it can have no more, and then it is left out from now on. */
  next(canHave: (task: Contender) => boolean): Contender | null {
    if (this.#place >= this.#tasks.length) this.#place = 0;
    const task = this.#tasks[this.#place];
    if (task === undefined) return null;
    if (!canHave(task)) {
      this.#tasks.splice(this.#place, 1);
      return null;
    }
    this.#place += 1;
    this.last = task.taskId;
    return task;
  }
}
