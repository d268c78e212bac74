-- What few records have, from tables that have a partition for every day. As subqueries they would make PostgreSQL plan all of these partitions for every query of
-- records, 20 ms, whether a row asks for them or not. A function of its own is planned when it is called, for the one day that is asked for; in SQL it would become a subquery again.

-- What a callee's texts were filled with.
create function callee_variables(day date, task bigint, place integer) returns text[] language plpgsql stable as $$
begin
  return (select variables from callee where created_day = day and task_id = task and seq = place);
end $$;

-- The message that followed a call (src/domain/sms/sms-column.ts).
create function call_sms(day date, task bigint, place integer) returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('smsId', sms_id, 'trigger', trigger, 'state', state, 'reason', reason)
      from sms_message where created_day = day and task_id = task and seq = place);
end $$;
