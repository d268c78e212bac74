-- Direct calls (sendGroup, sendCode, sendIvr; src/domain/direct): each request is a task that its client never sees.

alter table task
  -- What records and reports call it: 1 group call, 2 verification code.
  add column call_type smallint not null default 1 check (call_type in (1, 2)),
  -- A direct call's: it is in no list, and its id leads nowhere in the dialect.
  add column is_hidden boolean not null default false,
  -- What the client wants back in records and reports of all its calls.
  add column called_info text,
  -- The dialect's dimensionId. Without a foreign key: it outlives the template, whose content was copied into the settings.
  add column template_id bigint,
  -- The round of a recall flow that it is; 0: none.
  add column recall_round smallint not null default 0,
  -- How many rounds may follow of a direct call of which only the last result counts; 0: every call of the task counts.
  add column rounds_left smallint not null default 0,
  -- The record id that its one call is known by, where that is another call's: the client was given the one of the first round.
  add column voice_id text;

update task t set recall_round = n.ordinal from recall_node n where n.task_id = t.task_id;

-- Direct calls have no names to be told apart by.
alter table task drop constraint task_account_id_task_name_key;
create unique index task_name_taken on task (account_id, task_name) where not is_hidden;

-- A million direct calls must not make anybody's list of tasks longer.
drop index task_listing;
create index task_listing on task (account_id, created_at desc, task_id desc) where not is_hidden;
-- How many tasks are in each state is counted from it alone.
create index task_count on task (status) where not is_hidden;
-- For retention, and for the operator who asks for them.
create index task_direct on task (created_day, task_id) where is_hidden;

alter table recall_flow add column is_hidden boolean not null default false;
drop index recall_flow_listing;
create index recall_flow_listing on recall_flow (account_id, created_at desc, flow_id desc) where not is_hidden;

-- A call of a later round of a direct call: in listings the first round's call stands for all of them, with the last result.
alter table call add column is_repeat boolean not null default false;
-- Partial, so that a listing is still counted from the index alone.
drop index call_listing;
create index call_listing on call (account_id, claimed_at desc, task_id desc, seq desc) where not is_repeat;

-- Texts of sendIvr with placeholders; the dialect's dimensionId is the id.
create table template (
  template_id bigint generated always as identity (start with 1000) primary key,
  account_id bigint not null references account,
  name text not null,
  -- Plain or SSML, with {Text1}..{Text10} or ${text1}..${text10}.
  text text not null,
  lan text not null,
  speaking_rate double precision check (speaking_rate between 0.25 and 4),
  -- 1 male, 2 female; null: female where there is a choice.
  ssml_gender smallint check (ssml_gender in (1, 2)),
  -- Country calling code; null: the language's default voice.
  accent text,
  display_num text,
  delay_play_s integer not null default 0,
  delay_hangup_s integer not null default 0,
  max_ringing_s integer not null default 60,
  loop_count integer not null default 1,
  max_call_s integer not null default 120,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, name)
);
