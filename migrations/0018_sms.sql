-- Where SMS leave: a carrier's SMPP server, another platform's HTTP API, or an outbox that only keeps them. Used by one api process at a time, because an
-- account with a carrier is allowed a number of connections and of messages a second.
create table sms_channel (
  sms_channel_id bigint generated always as identity primary key,
  name text not null unique,
  kind text not null check (kind in ('smpp', 'http', 'outbox')),
  -- What the kind needs (src/sms/channel-settings.ts), without what is secret.
  settings jsonb not null default '{}',
  -- Passwords and keys by their names; written and never shown.
  secrets jsonb not null default '{}',
  -- The sender of messages that name none; null: the channel's own.
  sender_id text,
  max_tps integer not null default 10 check (max_tps > 0),
  -- How long a message may wait to be taken.
  validity_s integer not null default 86400 check (validity_s > 0),
  is_enabled boolean not null default true,
  -- Counts changes, so that whoever uses it opens it anew.
  version integer not null default 1,
  -- The api process that uses it, and for how long unless it says so again; by the server's clock.
  holder_id uuid,
  lease_until timestamptz,
  -- As its holder sees it; null: nobody has used it yet.
  state text check (state in ('connecting', 'up', 'down')),
  state_reason text,
  state_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- The channel of an app of kind sms.
alter table app add column sms_channel_id bigint references sms_channel;
create index app_sms_channel on app (sms_channel_id) where sms_channel_id is not null;

-- What the end of a call asks of its task, so that it need not read the settings: whether an SMS may follow.
alter table task add column has_hang_up_sms boolean not null
  generated always as (coalesce(settings #>> '{hangUpSms,hangUpSms}' = '1', false)) stored;
-- Messages that a channel has accepted.
alter table task add column sms_sent_count integer not null default 0;

create sequence sms_id_seq as bigint;

-- One row for each message. The one that follows a call carries the call's key, which makes it the only one.
create table sms_message (
  -- Of a call's message the call's day, of another one the day on which it was taken (UTC).
  created_day date not null,
  sms_id bigint not null default nextval('sms_id_seq'),
  -- Null: the operator's own, to test a channel.
  account_id bigint,
  app_id text,
  sms_channel_id bigint,
  task_id bigint,
  seq integer,
  -- What made it.
  trigger text not null check (trigger in ('success', 'feedback', 'failed', 'ring', 'request', 'test')),
  number text not null,
  -- Null: the task's, else the channel's.
  sender_id text,
  -- Null: the task's template, filled with the callee's variables.
  content text,
  -- The client's own id.
  order_id text,
  state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'unknown')),
  due_at timestamptz not null,
  expires_at timestamptz not null,
  -- Who is sending it, or sent it.
  process_id uuid,
  attempt smallint not null default 0,
  -- How many SMS it was to the channel, and by which names; null: not accepted.
  provider_ids text[],
  -- The channel's code and words for the last refusal, failure or doubt.
  code text,
  reason text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  done_at timestamptz,
  primary key (created_day, sms_id)
) partition by range (created_day);
create unique index sms_message_call on sms_message (created_day, task_id, seq) where task_id is not null;
create index sms_message_queue on sms_message (sms_channel_id, due_at) where state = 'queued';
create index sms_message_sending on sms_message (sms_channel_id) where state = 'sending';
create index sms_message_listing on sms_message (app_id, created_at, sms_id);

-- Accepted messages whose receipts are still to come, by the channel's names for their parts. Small, whatever was sent before.
create table sms_receipt_due (
  sms_channel_id bigint not null references sms_channel on delete cascade,
  provider_id text not null,
  created_day date not null,
  sms_id bigint not null,
  sent_at timestamptz not null,
  primary key (sms_channel_id, provider_id, sms_id)
);
create index sms_receipt_due_message on sms_receipt_due (sms_id);
create index sms_receipt_due_age on sms_receipt_due (sms_channel_id, sent_at);

select ensure_call_partitions(day, day)
  from (select distinct created_day as day from task) days;
