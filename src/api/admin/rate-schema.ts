import { Type } from 'typebox';
import { decimalPattern, ratePattern } from '../../domain/rate/decimal.ts';
import { longestPrefix } from '../../domain/rate/held-rate.ts';
import { rateColumns } from '../../domain/rate/rate-file.ts';
import { closed, name, oneOf, orNull, problemSchema, rowId, timestamp } from './schema.ts';

const amount = (description: string) => Type.String({ description: `exact decimal: ${description}` });
const givenAmount = Type.String({ pattern: decimalPattern, description: 'exact decimal, at most six places' });
const currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' });
const quoteExchange = Type.String({
  pattern: '^(0|[1-9][0-9]{0,8})([.][0-9]{1,9})?$',
  description: 'US dollars for one unit of the currency, an exact decimal of at most nine places',
});

export const rateTableSchema = Type.Object({
  rateTableId: rowId,
  name,
  currency: Type.String({ description: 'the quote currency, ISO 4217' }),
  quoteExchange: Type.String({ description: 'US dollars for one unit of it' }),
  rateCount: Type.Integer({ description: 'rates that hold' }),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export const newRateTableSchema = Type.Object(
  { name, currency, quoteExchange: Type.Optional({ ...quoteExchange, description: 'may be left out for USD' }) },
  closed,
);
export const rateTableChangeSchema = Type.Partial(Type.Object({ name, quoteExchange }), {
  ...closed,
  description: 'a new exchange holds for calls that are claimed from now on',
});

export const prefix = Type.String({
  pattern: `^[0-9]{1,${longestPrefix}}$`,
  description: 'leading digits; of several that fit, the longest wins',
});
const terms = {
  code: Type.String({ maxLength: 200, description: 'area and operator: the `code` of records' }),
  billPeriod: Type.String({
    pattern: '^[1-9][0-9]{0,3}\\+[1-9][0-9]{0,3}$',
    description: 'a+b: the first a seconds, then steps of b; 1 to 3600 each',
  }),
  rate: Type.String({ pattern: ratePattern, description: 'for a minute, an exact decimal of at most six places' }),
};
export const rateTermsSchema = Type.Object(terms, closed);
export const rateSchema = Type.Object({ prefix: Type.String(), ...terms });
export const rateListSchema = Type.Object({
  items: Type.Array(rateSchema),
  next: orNull(Type.String({ description: 'pass it as `after` for those that follow; null: these were the last' })),
});
export const rateListQuerySchema = Type.Object({
  after: Type.Optional(Type.String({ pattern: '^[0-9]{0,18}$', description: 'a prefix: those after it' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});
export const ratesImportQuerySchema = Type.Object({
  mode: Type.Optional(
    oneOf(['replace', 'merge'], 'replace (default): what the file does not have holds no more; merge: it stays'),
  ),
  skipInvalid: Type.Optional(
    Type.Boolean({ description: 'write the good rows although others are bad; otherwise all or nothing' }),
  ),
});
const rowErrors = {
  errorCount: Type.Integer({ description: 'bad cells and rows' }),
  rowErrors: Type.Array(
    Type.Object({
      row: Type.Integer({ description: 'line of the file, from 1' }),
      column: orNull(oneOf(rateColumns)),
      value: Type.String(),
      rule: Type.String(),
    }),
    { description: 'the first 100' },
  ),
};
export const ratesImportSchema = Type.Object({
  added: Type.Integer(),
  changed: Type.Integer({ description: 'had other terms before' }),
  removed: Type.Integer({ description: 'hold no more' }),
  unchanged: Type.Integer(),
  ...rowErrors,
});
/** Without them where it is not about rows. */
export const ratesProblemSchema = Type.Object({
  ...problemSchema.properties,
  ...Type.Partial(Type.Object(rowErrors)).properties,
});

export const balanceSchema = Type.Object({
  accountId: rowId,
  currency: Type.String(),
  balance: amount('paid and not spent; below zero as far as the credit goes'),
  gift: amount('given and not spent; spent first'),
  credit: amount('how far the balance may go below zero'),
  reserved: amount('held for calls in progress, each at its longest'),
  available: amount('balance + gift + credit - reserved'),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export const balanceChangeSchema = Type.Object(
  { credit: Type.Optional(givenAmount) },
  { ...closed, description: 'makes a postpaid account prepaid, in the currency of its rate table' },
);
export const resumedTasksSchema = Type.Object({
  taskIds: Type.Array(Type.Integer(), { description: 'call again, as far as the balance goes' }),
});
export const entrySchema = Type.Object({
  entryId: rowId,
  kind: oneOf(['topUp', 'gift', 'correction', 'charge'], 'a charge is what the calls of one task have cost so far'),
  amount: amount('below zero: taken away'),
  taskId: orNull(Type.Integer({ description: 'of a charge' })),
  note: orNull(Type.String()),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export const newEntrySchema = Type.Object(
  {
    kind: oneOf(['topUp', 'gift', 'correction']),
    amount: Type.String({
      pattern: `^-?${decimalPattern.slice(1)}`,
      description: 'exact decimal, at most six places; below zero for a correction only',
    }),
    note: Type.Optional(orNull(Type.String({ maxLength: 500 }))),
  },
  closed,
);
export const entryHeadersSchema = Type.Object({
  'idempotency-key': Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'names the request: repeated with the same key and body, it counts once and is answered 200',
  }),
});
