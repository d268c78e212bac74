-- A trunk that an operator wants looked at now: each live dialer process looks for itself, because a carrier knows machines by their addresses. Lives for seconds.
create table trunk_test (
  trunk_test_id bigint generated always as identity primary key,
  trunk_id bigint not null references trunk on delete cascade,
  requested_at timestamptz not null default now()
);

create table trunk_test_report (
  trunk_test_id bigint not null references trunk_test on delete cascade,
  process_id uuid not null,
  -- TrunkExamination (src/call/engine.ts)
  examination jsonb not null,
  primary key (trunk_test_id, process_id)
);
