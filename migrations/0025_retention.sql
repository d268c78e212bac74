-- An entry of an account's ledger outlives the task that it was charged for (src/domain/retention).
alter table balance_entry drop constraint balance_entry_task_id_fkey;
