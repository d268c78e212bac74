import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CompiledQuery, type PostgresCursor } from 'kysely';
import { from as copyFrom } from 'pg-copy-streams';
import type { Db } from './tables.ts';

/**
 * Runs `COPY ... FROM STDIN` in the transaction of `tx`, feeding it chunks of rows in COPY's text format. Twice as fast as INSERT, because the
 * server stores rows by the page. Rejects as the statement does; the transaction has failed then.
 */
export async function copyIn(tx: Db, statement: string, chunks: Iterable<string>): Promise<void> {
  const results = tx.getExecutor().stream(CompiledQuery.raw(statement, [chunks]), 1);
  for await (const _ of results) throw new Error('COPY FROM gave rows');
}

/**
 * What the dialect is given as its cursor. Kysely keeps a transaction's connection to itself, and hands it only to the cursor of a streamed
 * query; so COPY goes in as a cursor that sends rows instead of reading them. The single parameter holds the chunks.
 */
export class CopyCursor<T> implements PostgresCursor<T> {
  declare readonly read: (rowsCount: number) => Promise<T[]>;
  declare readonly close: () => Promise<void>;

  constructor(statement: string, parameters: unknown[]) {
    const chunks = parameters[0] as Iterable<string>;
    const stream = copyFrom(statement);
    // biome-ignore lint/correctness/noConstructorReturn: the driver must be given the COPY stream itself, and Kysely calls `new`.
    return Object.assign(stream, {
      read: async (): Promise<T[]> => {
        await pipeline(Readable.from(chunks, { objectMode: false }), stream);
        return [];
      },
      close: async (): Promise<void> => undefined,
    });
  }
}

/** A value in COPY's text format: null, or text with its control characters escaped. */
export function copyText(value: string | null): string {
  if (value === null) return '\\N';
  return value.replace(/[\\\n\r\t]/g, (char) => escapes[char as keyof typeof escapes]);
}

const escapes = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' } as const;
