import { hash } from 'node:crypto';
import { CompiledQuery, type RawBuilder } from 'kysely';
import type { Db } from './tables.ts';

const mark = '/* prepared ';
const nameLength = mark.length + 32;

/**
 * A statement that each connection parses once and PostgreSQL plans once for whatever values, instead of every time. For statements that are run often, take less than
 * their own planning, and do not depend on partitions being left out by their values: a plan for any values has all partitions in it.
 */
export function preparedStatement<Row>(text: string): (db: Db, values: readonly unknown[]) => Promise<readonly Row[]> {
  const marked = markedText(text);
  return async (db, values) => (await db.executeQuery<Row>(CompiledQuery.raw(marked, [...values]))).rows;
}

/** Of statements that {@link runPrepared} was given lately. */
const markedTexts = new Map<string, string>();
const maxMarkedTexts = 100;

/**
 * Runs a statement that is written as a template, and that each connection parses once. Its parameters are its values; whatever else is in it makes another statement of
 * it, which the connection keeps, so only what has few values at a time may be a literal: the day that leaves all partitions but one out of the plan. For connections that
 * plan each time ({@link DatabaseOptions}); on others, a plan that was made while the day's partition was empty stays when it is full.
 */
export async function runPrepared<Row>(db: Db, statement: RawBuilder<Row>): Promise<readonly Row[]> {
  const { sql, parameters } = statement.compile(db);
  let marked = markedTexts.get(sql);
  if (marked === undefined) {
    marked = markedText(sql);
    const [oldest] = markedTexts.keys();
    if (markedTexts.size >= maxMarkedTexts && oldest !== undefined) markedTexts.delete(oldest);
    markedTexts.set(sql, marked);
  }
  return (await db.executeQuery<Row>(CompiledQuery.raw(marked, [...parameters]))).rows;
}

function markedText(text: string): string {
  return `${mark}${hash('md5', text)} */ ${text}`;
}

/** The name under which the server keeps a statement of one of the two; null: any other one. Kysely passes on nothing but texts, so it is in there. */
export function preparedName(statement: string): string | null {
  return statement.startsWith(mark) ? statement.slice(0, nameLength) : null;
}
