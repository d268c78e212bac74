import type { Kysely } from 'kysely';

/** What a domain function runs its SQL on: the pool, or a transaction of it when the caller needs several facts to hold together. */
export type Executor = Kysely<unknown>;
