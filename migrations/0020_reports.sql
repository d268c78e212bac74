-- Where an app's calls are reported to (docs/reports.md).
alter table app
  -- null: they are not.
  add column report_url text,
  -- What reports are signed with, and kept readable for that; made when a URL is given for the first time.
  add column report_secret text,
  -- Arrays of up to 100 instead of one object for each POST.
  add column has_report_batches boolean not null default false,
  -- Reports wait, and new ones are made all the same.
  add column is_report_paused boolean not null default false,
  add constraint app_report_secret check (report_url is null or report_secret is not null);

-- Reports that are still to be delivered. Made in the transaction that ends the call, and gone in the one that settles it: so this table stays as small as what
-- waits, however many calls there were, and what is looked for in it all the time is always in memory.
create table report_due (
  task_id bigint not null,
  app_seq bigint not null,
  -- The call's end.
  made_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  -- The process that delivers it at the moment has it until then; null: nobody has. In no index, so that taking it writes no index (HOT).
  leased_until timestamptz,
  created_day date not null,
  seq integer not null,
  -- Failed ones since it was made, or asked for again. 0 is pending, anything else retrying.
  tries smallint not null default 0,
  primary key (task_id, seq)
) with (
  -- Half of a page is for the row's second version.
  fillfactor = 50,
  -- Rows come and go: swept when a few thousand are gone, not when a share of the table is.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_insert_scale_factor = 0.2,
  autovacuum_vacuum_cost_delay = 0
);
create index report_due_next on report_due (app_seq, due_at);

-- What became of reports, at most one row for each call; written once, after the last try, and again only when the report was asked for again.
create table report (
  created_day date not null,
  task_id bigint not null,
  seq integer not null,
  tries smallint not null,
  app_seq bigint not null,
  -- The call's end.
  made_at timestamptz not null,
  -- The last try; what was before it is in report_try.
  tried_at timestamptz not null,
  took_ms integer not null,
  -- Of the answer; null: there was none.
  http_status smallint,
  process_id uuid not null,
  -- The Carillon-Delivery of its POST.
  delivery_id uuid not null,
  state text not null check (state in ('delivered', 'dead')),
  -- Why it was not delivered; null: it was.
  problem text,
  primary key (created_day, task_id, seq)
) partition by range (created_day);
create index report_dead on report (app_seq, made_at) where state = 'dead';
-- Rows come nearly in the order of time, so that a range of time is found by an index of a few pages, which costs no insert anything.
create index report_made on report using brin (made_at) with (autosummarize = on);

-- Tries that were not the last one: those that another followed.
create table report_try (
  created_day date not null,
  task_id bigint not null,
  seq integer not null,
  took_ms integer not null,
  tried_at timestamptz not null,
  process_id uuid not null,
  -- The same for all reports of one POST.
  delivery_id uuid not null,
  http_status smallint,
  problem text
) partition by range (created_day);
create index report_try_of on report_try (created_day, task_id, seq);

-- For the days that have tasks already.
select ensure_call_partitions(day, day) from (select distinct created_day as day from task) days;
