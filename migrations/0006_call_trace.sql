-- Which calls are traced: those that fit every condition of a rule that has not expired and has calls left. All conditions null: every call.
create table trace_rule (
  trace_rule_id bigint generated always as identity primary key,
  task_id bigint references task (task_id) on delete cascade,
  trunk_id bigint references trunk (trunk_id) on delete cascade,
  -- The callee, as the task has it.
  number text,
  max_calls integer not null check (max_calls > 0),
  -- Traces written for this rule.
  traced_calls integer not null default 0,
  -- Calls that fitted, but were not traced because too much was in memory already, or whose trace could not be written.
  lost_calls integer not null default 0,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);

-- What a traced call said on the wire, written after its end by the process that made it; one that dies takes its traces along.
create table call_trace (
  created_day date not null,
  task_id bigint not null,
  seq integer not null,
  process_id uuid not null,
  -- What the events' times count from.
  started_at timestamptz not null,
  -- TraceEvent[] (src/call/trace.ts) as JSON in UTF-8. Not jsonb, which cannot hold every byte that a message may have.
  events bytea not null,
  -- Over the bounds of a trace.
  dropped_events integer not null,
  primary key (created_day, task_id, seq)
) partition by range (created_day);

-- The partitions of all three tables come, and go, by the day.
create or replace function ensure_call_partitions(from_day date, to_day date) returns void language plpgsql as $$
declare
  d date := from_day;
  parent text;
  part text;
begin
  while d <= to_day loop
    foreach parent in array array['callee', 'call', 'call_trace'] loop
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

select ensure_call_partitions(day, day)
  from (select distinct created_day as day from task) days;
