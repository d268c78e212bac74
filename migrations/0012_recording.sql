-- Whether a task's answered calls are recorded; taken over by its recall rounds.
alter table task add column is_recorded boolean not null default false;

-- How long an account's recordings are kept. Looked at when the sweeper comes by, so a change holds for what there is, too.
alter table account add column recording_days integer not null default 60 check (recording_days between 1 and 3650);

-- What became of a call's recording once that is known: at most one row for each call of a task that records. While there is none, it is recorded, or waits for
-- being stored.
create table recording (
  created_day date not null,
  task_id bigint not null,
  seq integer not null,
  account_id bigint not null references account,
  state text not null check (state in ('stored', 'lost')),
  -- Why it is lost, or what is wrong with what is stored; null: nothing.
  problem text,
  -- Where it lies (src/storage/blob-store.ts); null: it is lost.
  store text check (store in ('file', 's3')),
  blob_name text,
  bytes bigint,
  duration_ms integer,
  -- The answer: what its age counts from.
  started_at timestamptz not null,
  written_at timestamptz not null default now(),
  primary key (created_day, task_id, seq),
  check ((state = 'stored') = (store is not null and blob_name is not null and bytes is not null and duration_ms is not null))
);
create index recording_age on recording (account_id, started_at);

-- What this installation signs with, one for each purpose; made at first use.
create table secret (
  purpose text primary key,
  value bytea not null,
  created_at timestamptz not null default now()
);
