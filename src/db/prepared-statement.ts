import { hash } from 'node:crypto';
import { CompiledQuery } from 'kysely';
import type { Db } from './tables.ts';

const mark = '/* prepared ';
const nameLength = mark.length + 32;

/**
 * A statement that each connection parses once and PostgreSQL plans once for whatever values, instead of every time. For statements that are run often, take less than
 * their own planning, and do not depend on partitions being left out by their values: a plan for any values has all partitions in it.
 */
export function preparedStatement<Row>(text: string): (db: Db, values: readonly unknown[]) => Promise<readonly Row[]> {
  const marked = `${mark}${hash('md5', text)} */ ${text}`;
  return async (db, values) => (await db.executeQuery<Row>(CompiledQuery.raw(marked, [...values]))).rows;
}

/** The name under which the server keeps a statement of {@link preparedStatement}; null: any other one. Kysely passes on nothing but texts, so it is in there. */
export function preparedName(statement: string): string | null {
  return statement.startsWith(mark) ? statement.slice(0, nameLength) : null;
}
