import pg from 'pg';

const int8 = 20;
const int8Array = 1016;
const int4Array: number = 1007;
const date = 1082;
const dateArray = 1182;
const textArray: number = 1009;

/**
 * How PostgreSQL's values become JavaScript's, per connection and without touching the library's global parsers: `bigint` becomes a
 * number, because our ids and counters stay below 2^53 (a larger one throws); `date` stays a `YYYY-MM-DD` string, because
 * a Date would shift it by the machine's zone.
 */
export function valueTypes(): pg.CustomTypesConfig {
  const getTypeParser = (oid: number, format?: 'text' | 'binary') => {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
    switch (oid) {
      case int8:
        return parseInt8;
      case int8Array:
        return pg.types.getTypeParser(int4Array, 'text');
      case date:
        return (value: string) => value;
      case dateArray:
        return pg.types.getTypeParser(textArray, 'text');
      default:
        return pg.types.getTypeParser(oid, 'text');
    }
  };
  return { getTypeParser };
}

function parseInt8(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`bigint ${value} is too large for a JavaScript number`);
  return number;
}
