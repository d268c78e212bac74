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

/**
 * Deals `room` calls out to the tasks, one at a time in turn, so that a task with 200,000 callees gets no more than one with 20 while both want
 * some; in each turn the urgent ones come first, so that of little room a code gets the first call. `accountRoom` is the most for an account over its tasks; an account that is not in it is unlimited. `startAt` is the
 * index of the task that is served first; the caller moves it on, so that little room is taken in turns.
 */
export function allot(
  room: number,
  contenders: readonly Contender[],
  accountRoom: ReadonlyMap<number, number>,
  startAt: number,
): Allotment[] {
  const counts = new Map<number, number>();
  const accountLeft = new Map(accountRoom);
  let left = room;
  const inTurn = contenders
    .map((_, index) => contenders[(index + startAt) % contenders.length])
    .filter((task) => task !== undefined);
  let waiting = [...inTurn.filter((task) => task.isUrgent), ...inTurn.filter((task) => !task.isUrgent)];
  while (left > 0 && waiting.length > 0) {
    const still: Contender[] = [];
    for (const task of waiting) {
      if (left === 0) break;
      const count = counts.get(task.taskId) ?? 0;
      const ofAccount = accountLeft.get(task.accountId) ?? Number.POSITIVE_INFINITY;
      if (count >= task.want || ofAccount <= 0) continue;
      counts.set(task.taskId, count + 1);
      accountLeft.set(task.accountId, ofAccount - 1);
      left -= 1;
      still.push(task);
    }
    waiting = still;
  }
  return [...counts].map(([taskId, count]) => ({ taskId, count }));
}
