import { sql } from 'kysely';
import { copyIn, copyText } from '../../db/copy-in.ts';
import type { Db } from '../../db/tables.ts';
import { errors } from '../error/registry.ts';
import type { NumberSource } from '../rate/number-source.ts';
import type { TaskPlace } from './create.ts';
import { type CallSettings, variablesIn } from './settings.ts';
import type { SubmittedCallee } from './submission.ts';

/** So many rows go to the server at once: enough to be fast, few enough that building them does not hold up the process. */
const chunkSize = 2000;

/** Stores the callees as 1..n of the task: 200,000 take about 0.7 s. Call it in a transaction. */
export async function insertCallees(tx: Db, place: TaskPlace, callees: readonly SubmittedCallee[]): Promise<void> {
  await copyIn(tx, 'copy callee (created_day, task_id, seq, number, variables) from stdin', copyChunks(place, callees));
}

function* copyChunks(place: TaskPlace, callees: readonly SubmittedCallee[]): Generator<string> {
  for (let start = 0; start < callees.length; start += chunkSize) {
    let rows = '';
    for (const [index, { number, variables }] of callees.slice(start, start + chunkSize).entries()) {
      const values = variables === null ? copyText(null) : copyArray(variables);
      rows += `${place.createdDay}\t${place.taskId}\t${start + index + 1}\t${copyText(number)}\t${values}\n`;
    }
    yield rows;
  }
}

/** `all` callees, or those that `failed`: not connected, or never called. A call that is still open counts as neither. */
export type CalleeChoice = 'all' | 'failed';

/** Copies callees of one task to another, numbered anew in the same order; returns how many. One statement: 200,000 rows take about a second. */
export async function copyCallees(tx: Db, from: TaskPlace, to: TaskPlace, choice: CalleeChoice): Promise<number> {
  const isChosen =
    choice === 'all'
      ? sql`true`
      : sql`not exists (
          select from call k
           where k.created_day = ${from.createdDay}::date and k.task_id = ${from.taskId} and k.seq = c.seq
             and (k.state <> 'ended' or k.call_status = 50))`;
  const copied = await sql`
    insert into callee (created_day, task_id, seq, number, variables)
    select ${to.createdDay}::date, ${to.taskId}::bigint, row_number() over (order by c.seq), c.number, c.variables
      from callee c
     where c.created_day = ${from.createdDay}::date and c.task_id = ${from.taskId} and ${isChosen}`.execute(tx);
  return Number(copied.numAffectedRows ?? 0n);
}

/** A task's callees for what is asked of numbers, see `NumberSource`. */
export function calleeNumbers(place: TaskPlace): NumberSource {
  return sql`select seq, number from callee where created_day = ${place.createdDay}::date and task_id = ${place.taskId}`;
}

/** Throws `missingVariables` naming the first callees without a value for a variable that the text or the SMS of any of `settings` uses. */
export async function requireVariables(tx: Db, place: TaskPlace, settings: readonly CallSettings[]): Promise<void> {
  const used = variablesOf(settings);
  if (used.length === 0) return;
  const { rows } = await sql<{ seq: number; number: string; missing: number; total: number }>`
    select seq, number, missing, count(*) over () as total
      from callee
      cross join lateral (
        select min(index) as missing from unnest(${used}::int[]) as index where variables is null or variables[index] is null) first
     where created_day = ${place.createdDay}::date and task_id = ${place.taskId} and missing is not null
     order by seq limit 20`.execute(tx);
  const first = rows[0];
  if (!first) return;
  throw errors.missingVariables(
    Number(first.total),
    rows.map((row) => `${row.seq} (${row.number}: text${row.missing})`).join(', '),
  );
}

/** The variables that the templates of these settings use, ascending, each once. */
function variablesOf(settings: readonly CallSettings[]): number[] {
  const templates = settings.flatMap(({ content, hangUpSms }) => [
    content.source === 3 ? (content.text ?? '') : '',
    hangUpSms.hangUpSms === 1 ? (hangUpSms.smsContent ?? '') : '',
  ]);
  return variablesIn(templates.join('\n'));
}

/**
 * A PostgreSQL array literal in COPY's text format; without NUL characters, which PostgreSQL's texts cannot hold, and without the nulls at its end,
 * which reading beyond the end gives anyway. A list of 200,000 rows has up to two million values, hardly any of which needs escaping.
 */
function copyArray(values: readonly (string | null)[]): string {
  const length = values.findLastIndex((value) => value !== null) + 1;
  let literal = '{';
  for (let index = 0; index < length; index++) {
    const value = values[index] ?? null;
    if (index > 0) literal += ',';
    if (value === null) literal += 'NULL';
    else literal += needsEscape.test(value) ? `"${escaped(value)}"` : `"${value}"`;
  }
  return `${literal}}`;
}

const needsEscape = /["\\\n\r\t\0]/;

function escaped(value: string): string {
  return copyText(value.replaceAll('\0', '').replace(/["\\]/g, '\\$&'));
}
