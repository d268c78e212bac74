-- What a process holds of each limited resource (src/domain/process/usage.ts): { "trunk:1": 12, "account:1000": 3 }. Written with every
-- heartbeat and read by the others, so that one whose share just shrank is given time to hang up before somebody else uses the difference.
alter table process add column usage jsonb not null default '{}';
