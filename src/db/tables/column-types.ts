import type { ColumnType, Generated } from 'kysely';

/** Read parsed, written as JSON text. */
export type Json<T> = ColumnType<T, string, string>;
export type JsonWithDefault<T> = ColumnType<T, string | undefined, string>;
/** An exact decimal, which comes and goes as text. */
export type NumericWithDefault = Generated<string>;
/** Has a default; may be given on insert and changed. */
export type Timestamp = ColumnType<Date, Date | undefined, Date>;
