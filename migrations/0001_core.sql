-- The tables of the main job. Words and states: ARCHITECTURE.md. Times are timestamptz; a name ending in _s or _ms carries its unit.

create table account (
  account_id bigint generated always as identity (start with 1000) primary key,
  name text not null unique,
  api_key text not null unique,
  -- Kept readable, because Sign is an MD5 over it (contract 1.2); access to the database is access to the accounts.
  api_secret text not null,
  time_zone text not null default 'Asia/Shanghai',
  language text not null default 'en' check (language in ('en', 'zh-CN')),
  -- Empty: any address may call.
  ip_allow_list cidr[] not null default '{}',
  -- Calls at once over all tasks; null: unlimited.
  max_concurrency integer check (max_concurrency > 0),
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table app (
  -- The dialect's idxAppId.
  app_seq bigint generated always as identity (start with 100) primary key,
  app_id text not null unique,
  account_id bigint not null references account,
  name text not null,
  kind text not null check (kind in ('voice', 'sms')),
  created_at timestamptz not null default now(),
  unique (account_id, name)
);

create table trunk (
  trunk_id bigint generated always as identity primary key,
  name text not null unique,
  host text not null,
  port integer not null default 5060 check (port between 1 and 65535),
  username text,
  password text,
  max_cps integer not null default 10 check (max_cps > 0),
  max_channels integer not null default 100 check (max_channels > 0),
  codecs text[] not null default '{PCMA,PCMU}',
  -- Used when a task has no displayNum of its own; empty: the username, else "anonymous".
  caller_ids text[] not null default '{}',
  -- Number prefixes the trunk serves; empty: all. The longest match wins before priority.
  prefixes text[] not null default '{}',
  -- Lower is tried first; equal priorities share by weight.
  priority integer not null default 10,
  weight integer not null default 1 check (weight > 0),
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- A running api or dialer process. A dialer whose heartbeat is older than its lease is dead, and says so to itself as well.
create table process (
  process_id uuid primary key,
  kind text not null check (kind in ('api', 'dialer')),
  host text not null,
  pid integer not null,
  status text not null default 'live' check (status in ('live', 'stopped', 'dead')),
  started_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now()
);

-- Circuit state of a trunk as each dialer process sees it.
create table trunk_health (
  trunk_id bigint not null references trunk on delete cascade,
  process_id uuid not null references process on delete cascade,
  state text not null check (state in ('up', 'down', 'probing')),
  reason text,
  active_calls integer not null default 0,
  updated_at timestamptz not null default now(),
  primary key (trunk_id, process_id)
);

-- Audio ready to be encoded for any codec: mono, signed 16 bit little endian. Keyed by what it was made from, so the same
-- upload or the same sentence is stored once.
create table prompt (
  prompt_id bigint generated always as identity primary key,
  cache_key text not null unique,
  sample_rate integer not null,
  duration_ms integer not null,
  pcm bytea not null,
  created_at timestamptz not null default now(),
  used_at timestamptz not null default now()
);
alter table prompt alter column pcm set storage external;

create table voice_file (
  -- The dialect's file id; keeps the extension.
  file_id text primary key,
  account_id bigint not null references account,
  file_name text not null,
  size_bytes integer not null,
  prompt_id bigint not null references prompt,
  created_at timestamptz not null default now(),
  unique (account_id, file_name)
);
create index voice_file_prompt on voice_file (prompt_id);
create index voice_file_listing on voice_file (account_id, created_at desc, file_id desc);

create table task (
  task_id bigint generated always as identity (start with 5000001) primary key,
  account_id bigint not null references account,
  app_id text not null references app (app_id),
  task_name text not null,
  -- 6 submitting, 0 waiting, 1 calling, 2 finished, 3 submission failed, 4 cancelled, 5 suspended
  status smallint not null check (status in (0, 1, 2, 3, 4, 5, 6)),
  -- What status 3 means for this task.
  status_reason text,
  display_num text,
  -- { content, hangUpSms, transfer }: the same shape as recall_node.settings (src/domain/task/settings.ts)
  settings jsonb not null,
  -- The prompt when it is the same for every callee; null while submitting and for text with variables.
  prompt_id bigint references prompt,
  -- What the synthesizer could not do as asked, e.g. an accent that it does not have.
  speech_note text,
  delay_play_s integer not null default 0,
  delay_hangup_s integer not null default 0,
  max_ringing_s integer not null default 60,
  loop_count integer not null default 1,
  max_call_s integer not null,
  send_time timestamptz,
  -- [{ "start": "HH:MM", "end": "HH:MM" }] in the account's zone; empty: always.
  windows jsonb not null default '[]',
  -- Why a task in status 1 makes no calls at the moment; null: it does.
  waiting_reason text,
  -- Set on a child task of a recall node and on a resend.
  source_task_id bigint references task (task_id),
  -- The day partition of this task's callees and calls (UTC).
  created_day date not null default (now() at time zone 'utc')::date,
  number_count integer not null check (number_count >= 0),
  duplicate_count integer not null default 0,
  invalid_count integer not null default 0,
  -- The cursor: the next callee to claim. Callees are 1..number_count.
  next_seq integer not null default 1,
  ended_count integer not null default 0,
  success_count integer not null default 0,
  fail_count integer not null default 0,
  key_feedback_count integer not null default 0,
  call_duration_s bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (account_id, task_name)
);
create index task_runnable on task (task_id) where status = 1;
-- What waits for a job, for the look after overdue ones.
create index task_unstarted on task (task_id) where status in (0, 6);
create index task_listing on task (account_id, created_at desc, task_id desc);
create index task_prompt on task (prompt_id) where prompt_id is not null;
create index task_children on task (source_task_id) where source_task_id is not null;

create table callee (
  created_day date not null,
  task_id bigint not null,
  seq integer not null,
  number text not null,
  -- text1..text10; null: none.
  variables text[],
  primary key (created_day, task_id, seq)
) partition by range (created_day);

-- One row per callee and task, written before the INVITE leaves, so that the key itself forbids a second call in the round.
create table call (
  created_day date not null,
  task_id bigint not null,
  seq integer not null,
  account_id bigint not null,
  process_id uuid not null,
  trunk_id bigint,
  -- The trunk attempt that the SIP Call-ID was derived from, from 1.
  attempt smallint not null default 1,
  number text not null,
  display_num text,
  state text not null default 'dialing' check (state in ('dialing', 'ringing', 'answered', 'ended')),
  claimed_at timestamptz not null default now(),
  invited_at timestamptz,
  ringing_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  -- The outcome (src/call/outcome.ts); null until ended.
  outcome_class text check (outcome_class in ('success', 'callee', 'trunk', 'platform', 'indeterminate')),
  call_status smallint check (call_status in (10, 20, 30, 40, 50, 60)),
  termination_code text,
  termination_reason text,
  sip_status smallint,
  -- First digit pressed; all of them in digits.
  feedback_value text,
  digits text,
  primary key (created_day, task_id, seq)
) partition by range (created_day);
create index call_open on call (process_id) where state <> 'ended';
-- The record query (contract 8.2).
create index call_listing on call (account_id, claimed_at desc, task_id desc, seq desc);

-- Attached instead of created in place: ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, which stops nobody's reads and writes, where
-- CREATE TABLE ... PARTITION OF takes ACCESS EXCLUSIVE and would hold up every dialer until the caller commits.
create function ensure_call_partitions(from_day date, to_day date) returns void language plpgsql as $$
declare
  d date := from_day;
  parent text;
  part text;
begin
  while d <= to_day loop
    foreach parent in array array['callee', 'call'] loop
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

create table recall_flow (
  flow_id bigint generated always as identity primary key,
  account_id bigint not null references account,
  -- The parent task.
  task_id bigint not null unique references task (task_id),
  -- 0 all again, 1 only those that failed
  recall_type smallint not null check (recall_type in (0, 1)),
  interval_min integer not null check (interval_min between 1 and 1440),
  recall_num smallint not null check (recall_num between 1 and 10),
  -- 0 pending, 1 in progress, 2 completed, 3 cancelled, 4 execution exception
  status smallint not null default 0 check (status in (0, 1, 2, 3, 4)),
  status_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index recall_flow_listing on recall_flow (account_id, created_at desc, flow_id desc);

create table recall_node (
  node_id bigint generated always as identity (start with 1000) primary key,
  flow_id bigint not null references recall_flow on delete cascade,
  -- The round, 1..recall_num.
  ordinal smallint not null,
  status smallint not null default 0 check (status in (0, 1, 2, 3, 4)),
  status_reason text,
  -- The node's own settings; null: those of the last given node before it, else the parent's.
  settings jsonb,
  -- When the round before ended plus the interval; null until then.
  due_at timestamptz,
  -- The child task, once it runs.
  task_id bigint unique references task (task_id),
  updated_at timestamptz not null default now(),
  unique (flow_id, ordinal)
);
create index recall_node_due on recall_node (due_at) where status = 0;
