import { type RawBuilder, sql } from 'kysely';

/**
 * What a call cost, and by what rate; amounts are exact decimals without closing zeros (docs/rates.md). The record of a direct call that was called again has what all its calls
 * cost, and the last rate.
 */
export type CallCharge = {
  /** The duration that was charged for, s; 0 also without a rate. Null until the call has ended, as the two amounts. */
  readonly chargedDurationS: number | null;
  /** In the quote currency. */
  readonly cost: string | null;
  /** In US dollars. */
  readonly baseCost: string | null;
  /** That of the moment in which the callee was claimed; null: none held. */
  readonly rate: CallRate | null;
};

export type CallRate = {
  /** Area and operator in words. */
  readonly code: string;
  /** `a+b`: the first a seconds, then steps of b. */
  readonly billPeriod: string;
  /** For a minute, in the quote currency. */
  readonly rate: string;
  /** The quote currency, ISO 4217. */
  readonly currency: string;
  /** US dollars for one unit of it. */
  readonly quoteExchange: string;
};

type ChargeColumns = Record<'chargedS' | 'cost' | 'baseCost' | 'rateId', RawBuilder<unknown>>;

const chargeJson = ({ chargedS, cost, baseCost, rateId }: ChargeColumns) => sql`(
  select jsonb_build_object(
    'chargedDurationS', ${chargedS}, 'cost', trim_scale(${cost})::text, 'baseCost', trim_scale(${baseCost})::text,
    'rate', jsonb_build_object(
      'code', r.code, 'billPeriod', r.first_s || '+' || r.step_s, 'rate', trim_scale(r.rate)::text, 'currency', rt.currency,
      'quoteExchange', trim_scale(r.quote_exchange)::text))
    from rate r join rate_table rt using (rate_table_id) where r.rate_id = ${rateId})`;

/** A call's charge as JSON, for a query with `call k` in scope; null without a rate, and then nothing is looked up. */
export const chargeColumn = sql`
  case when k.rate_id is not null
       then ${chargeJson({ chargedS: sql`k.charged_duration_s`, cost: sql`k.cost`, baseCost: sql`k.base_cost`, rateId: sql`k.rate_id` })} end`;

/**
 * The same, of a call that has ended and the rounds of a direct call before it, by its own rate if it has one; for a query with `call k` and its `task t` in scope. Null where
 * nothing was charged before.
 */
export const roundsChargeColumn = sql`
  case when t.earlier_rate_id is not null and k.state = 'ended'
       then ${chargeJson({
         chargedS: sql`coalesce(k.charged_duration_s, 0) + t.earlier_charged_s`,
         cost: sql`coalesce(k.cost, 0) + t.earlier_cost`,
         baseCost: sql`coalesce(k.base_cost, 0) + t.earlier_base_cost`,
         rateId: sql`coalesce(k.rate_id, t.earlier_rate_id)`,
       })} end`;

/** What a call without a rate costs. */
export function freeCharge(hasEnded: boolean): CallCharge {
  const [chargedDurationS, cost] = hasEnded ? ([0, '0'] as const) : [null, null];
  return { chargedDurationS, cost, baseCost: cost, rate: null };
}

/**
 * The contract's fields (8.1, 10.1). Accounts are settled in the quote currency, so `settleRate` and `settlePay` are the rate and the cost; with its name and exchange they are
 * given only where it is not the US dollar.
 */
export function chargeFields(charge: CallCharge) {
  const { chargedDurationS, cost, baseCost, rate } = charge;
  const isForeign = rate !== null && rate.currency !== 'USD';
  return {
    code: rate?.code ?? null,
    chargedDuration: chargedDurationS,
    billPeriod: rate?.billPeriod ?? null,
    rate: rate?.rate ?? null,
    baseCost,
    cost,
    settleRate: isForeign ? rate.rate : null,
    quoteExchange: isForeign ? rate.quoteExchange : null,
    settlePay: isForeign ? cost : null,
    currency: isForeign ? rate.currency : null,
  };
}

/** Of a call that was not made yet. */
export const nothingCharged = chargeFields(freeCharge(false));
