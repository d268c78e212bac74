-- What calls cost, and prepaid balances. Words, definitions and rounding: docs/rates.md.

-- The rates that accounts are given, all in one currency for as long as the table lives.
create table rate_table (
  rate_table_id bigint generated always as identity primary key,
  name text not null,
  -- ISO 4217, the quote currency.
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- US dollars for one unit of it.
  quote_exchange numeric(18, 9) not null check (quote_exchange > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Deleted: calls still refer to its rates.
  retired_at timestamptz
);
create unique index rate_table_name on rate_table (name) where retired_at is null;

-- One price. A row is never changed but for being retired, because calls refer to what held when they were claimed; another price is another row.
create table rate (
  rate_id bigint generated always as identity primary key,
  rate_table_id bigint not null references rate_table,
  -- Leading digits of the numbers it is for; of several the longest wins.
  prefix text collate "C" not null check (prefix ~ '^[0-9]{1,18}$'),
  -- Area and operator in words, the record's `code`.
  code text not null,
  -- The bill period first_s+step_s.
  first_s integer not null check (first_s between 1 and 3600),
  step_s integer not null check (step_s between 1 and 3600),
  -- For a minute, in the table's currency.
  rate numeric(12, 6) not null check (rate >= 0),
  -- The table's when this row was made.
  quote_exchange numeric(18, 9) not null check (quote_exchange > 0),
  created_at timestamptz not null default now(),
  -- null: it holds.
  retired_at timestamptz
);
create unique index rate_held on rate (rate_table_id, prefix) where retired_at is null;

alter table account
  -- null: calls cost nothing.
  add column rate_table_id bigint references rate_table,
  -- Whether a number without a rate is refused instead of called for nothing.
  add column requires_rate boolean not null default false;

-- What an account has paid in advance; an account without a row is postpaid. The row is locked after the rows of tasks, and those of several accounts by ascending
-- id, by whoever locks both. Its last check is the promise: nothing is spent that is not there.
create table account_balance (
  account_id bigint primary key references account,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- Paid; below zero as far as the credit goes.
  balance numeric(18, 6) not null default 0,
  -- Given; spent before the balance.
  gift numeric(18, 6) not null default 0 check (gift >= 0),
  -- How far the balance may go below zero.
  credit numeric(18, 6) not null default 0 check (credit >= 0),
  -- Held for calls that have not ended, the most that each may come to cost.
  reserved numeric(18, 6) not null default 0 check (reserved >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint account_balance_is_covered check (balance + gift + credit >= reserved)
) with (fillfactor = 50);

-- What came and went: the amounts of an account's entries sum up to its balance + gift.
create table balance_entry (
  entry_id bigint generated always as identity primary key,
  account_id bigint not null references account_balance,
  kind text not null check (kind in ('top_up', 'gift', 'correction', 'charge')),
  -- Below zero: taken away.
  amount numeric(18, 6) not null,
  -- Of a charge: whose calls. There is one charge a task, which grows while its calls end.
  task_id bigint references task,
  -- Of the others: what the operator's request was named by, so that it counts once.
  request_key text,
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((kind = 'charge') = (task_id is not null)),
  check ((kind = 'charge') = (request_key is null))
);
create unique index balance_entry_charge on balance_entry (account_id, task_id) where kind = 'charge';
create unique index balance_entry_request on balance_entry (account_id, request_key) where request_key is not null;
create index balance_entry_listing on balance_entry (account_id, entry_id desc);

alter table call
  -- The rate that held when the callee was claimed; null: none did, or the account has no rates.
  add column rate_id bigint,
  -- No more than this is charged for: the task's max_call_s at the claim. Null without a rate.
  add column charge_limit_s integer,
  -- What was held of the account's balance until the end; null: the account was postpaid at the claim.
  add column reserved numeric,
  -- These three are null until the call has ended, and without a rate.
  add column charged_duration_s integer,
  -- In the quote currency, and in US dollars.
  add column cost numeric,
  add column base_cost numeric;

-- The charged durations of a task's calls.
alter table task add column charged_s bigint not null default 0;

-- The duration that is charged for: none for 0, else first_s and as many steps as cover it.
create function charged_seconds(duration_s integer, first_s integer, step_s integer) returns integer
  language sql immutable parallel safe
  return case
    when duration_s <= 0 then 0
    when duration_s <= first_s then first_s
    else first_s + (duration_s - first_s + step_s - 1) / step_s * step_s
  end;

-- charged_s minutes at a rate, to six places, half up. By div, which is exact, and not by a quotient that would be rounded twice.
create function cost_of(charged_s integer, rate numeric) returns numeric
  language sql immutable parallel safe
  return div(charged_s * rate * 2000000 + 60, 120) * 0.000001;
