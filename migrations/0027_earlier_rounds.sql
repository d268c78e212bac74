-- What the rounds before cost, of a direct call that is called again: its client sees one record, which has to say what was taken for all of them (docs/rates.md). Null in
-- every other task, and where nothing was charged before.
alter table task
  -- The rate of the last round that was charged.
  add column earlier_rate_id bigint,
  add column earlier_charged_s integer,
  add column earlier_cost numeric,
  add column earlier_base_cost numeric;

-- For retention (src/domain/retention): rates that held once go when no call is left that they were for.
create index rate_retired on rate (retired_at) where retired_at is not null;
