-- How many calls of an account began in each ten seconds of an hour, by the day of their tasks (src/domain/record/count-calls.ts): so that a page of
-- records is found, and all of them counted, without walking over those before it. Only what lies before `counted_until` is in it, and that does not change any more.
create table call_count (
  account_id bigint not null,
  hour timestamptz not null,
  created_day date not null,
  total integer not null,
  -- Of the hour's 360 slots of ten seconds.
  slots integer[] not null check (cardinality(slots) = 360),
  primary key (account_id, hour, created_day)
);

create table call_counting (
  is_only_row boolean primary key default true check (is_only_row),
  -- All calls before it are counted; null: none yet.
  counted_until timestamptz
);
insert into call_counting default values;

-- The partitions of all tables that go by the day of the task come, and go, together. Which tables these are is asked of the catalog, so that a new one needs nothing but `partition by range (created_day)`.
create or replace function ensure_call_partitions(from_day date, to_day date) returns void language plpgsql as $$
declare
  d date := from_day;
  parent text;
  part text;
begin
  while d <= to_day loop
    for parent in
      select c.relname from pg_partitioned_table p join pg_class c on c.oid = p.partrelid
       where c.relnamespace = current_schema()::regnamespace order by c.relname
    loop
      part := parent || '_' || to_char(d, 'YYYYMMDD');
      continue when to_regclass(part) is not null;
      perform pg_advisory_xact_lock(hashtext('carillon partitions'));
      -- Somebody else may have made it while we waited; asked of the table itself, because to_regclass answers from a cache here.
      continue when exists (select from pg_class where relname = part and relnamespace = current_schema()::regnamespace);
      execute format('create table %I (like %I including defaults including constraints)', part, parent);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, part, d, d + 1);
    end loop;
    d := d + 1;
  end loop;
end $$;
