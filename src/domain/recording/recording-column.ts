import { sql } from 'kysely';

/**
 * A call's recording as JSON, for a query with `call k` and its `task t` in scope; null where none was to be made. Without a row it waits; a day after the call's end
 * it is given up (and still taken, should the dialer's disk come back), and where it would be older than the account keeps it, it was deleted.
 */
export const recordingColumn = sql`
  case when t.is_recorded and k.answered_at is not null then coalesce(
    (select jsonb_build_object('state', r.state, 'problem', r.problem, 'durationMs', r.duration_ms)
       from recording r where r.created_day = k.created_day and r.task_id = k.task_id and r.seq = k.seq),
    case
      when k.answered_at < now() - make_interval(days => (select a.recording_days from account a where a.account_id = k.account_id))
        then jsonb_build_object('state', 'deleted')
      when k.ended_at < now() - interval '1 day'
        then jsonb_build_object('state', 'lost', 'problem', 'the dialer process that recorded the call did not hand it over')
      else jsonb_build_object('state', 'waiting')
    end) end`;
