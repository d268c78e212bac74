-- What tasks are listed by, beside their time: so that a listing by status or app is counted, and walked over, in the index alone (src/domain/paging/newest-first.ts). A task's counters
-- change all the time and are not in it; its status changes a few times, and is in other indexes already.
drop index task_listing;
create index task_listing on task (account_id, created_at desc, task_id desc) include (status, app_id) where not is_hidden;
