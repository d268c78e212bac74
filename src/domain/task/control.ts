import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { errors, type TaskAction as RefusedAction } from '../error/registry.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Scheduling } from '../job/scheduling.ts';
import { isDue, runTaskActions } from './effects.ts';
import { stepTask, type TaskInput, type TaskStep } from './machine.ts';
import { type TaskStatus, taskStatus } from './status.ts';

/** Waiting, calling or suspended -> cancelled. All or nothing; throws `unknownTask`, `wrongTaskState`. Calls in progress run to their end. */
export async function cancelTasks(
  db: Db,
  accountId: number,
  taskIds: readonly number[],
  scheduling: Scheduling,
): Promise<void> {
  const command: Command = { action: 'cancelled', inputFor: () => ({ type: 'cancel' }) };
  await inTransaction(db, (tx) => moveTasks(tx, { accountId, taskIds, command }, scheduling));
}

/** Waiting or calling -> suspended. As {@link cancelTasks}. */
export async function suspendTasks(
  db: Db,
  accountId: number,
  taskIds: readonly number[],
  scheduling: Scheduling,
): Promise<void> {
  const command: Command = { action: 'suspended', inputFor: () => ({ type: 'suspend' }) };
  await inTransaction(db, (tx) => moveTasks(tx, { accountId, taskIds, command }, scheduling));
}

/** Suspended -> calling, or waiting when the send time is yet to come. As {@link cancelTasks}. */
export async function resumeTasks(
  db: Db,
  accountId: number,
  taskIds: readonly number[],
  scheduling: Scheduling,
): Promise<void> {
  const command: Command = {
    action: 'resumed',
    inputFor: (task) => ({ type: 'resume', isDue: isDue(task.sendTime, scheduling) }),
  };
  await inTransaction(db, (tx) => moveTasks(tx, { accountId, taskIds, command }, scheduling));
}

type LockedTask = { readonly taskId: number; readonly status: TaskStatus; readonly sendTime: Date | null };

type Command = { readonly action: RefusedAction; readonly inputFor: (task: LockedTask) => TaskInput };

type Move = { readonly accountId: number; readonly taskIds: readonly number[]; readonly command: Command };

async function moveTasks(tx: Db, { accountId, taskIds, command }: Move, scheduling: Scheduling): Promise<void> {
  const tasks = await lockTasks(tx, accountId, taskIds);
  const moves = tasks.map((task) => ({ task, step: stepTask(task.status, command.inputFor(task)) }));
  const refused = moves.filter((move) => move.step === null).map((move) => move.task);
  if (refused.length > 0) throw errors.wrongTaskState(command.action, refused);
  for (const { task, step } of moves) {
    if (step) await applyStep(tx, task, step, scheduling);
  }
}

/** In the order of their ids, so that two requests over the same tasks queue instead of deadlocking. Throws `unknownTask`. */
async function lockTasks(tx: Db, accountId: number, taskIds: readonly number[]): Promise<LockedTask[]> {
  const wanted = [...new Set(taskIds)];
  // NO KEY: the key-share lock that a child task's foreign key takes on its parent is not to wait for us.
  const { rows } = await sql<LockedTask>`
    select task_id as "taskId", status, send_time as "sendTime" from task
     where account_id = ${accountId} and task_id = any(${wanted}::bigint[]) and not is_hidden
     order by task_id for no key update`.execute(tx);
  const found = new Set(rows.map((row) => row.taskId));
  const unknown = wanted.filter((taskId) => !found.has(taskId));
  if (unknown.length > 0) throw errors.unknownTask(unknown);
  return rows;
}

async function applyStep(tx: Db, task: LockedTask, step: TaskStep, scheduling: Scheduling): Promise<void> {
  const finishedAt = step.status === taskStatus.cancelled ? new Date(scheduling.clock.now()) : null;
  await sql`
    update task set status = ${step.status}, waiting_reason = null, updated_at = now(), finished_at = ${finishedAt}
     where task_id = ${task.taskId} and status = ${task.status}`.execute(tx);
  await runTaskActions(tx, { ...task, actions: step.actions }, scheduling);
}
