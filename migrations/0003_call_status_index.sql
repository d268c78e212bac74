-- group/call/records by callStatusList: counts and pages a task of 200,000 calls from the index alone.
create index call_by_status on call (task_id, created_day, call_status, seq) where call_status is not null;
