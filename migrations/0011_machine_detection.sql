-- Whether a machine is told from a person in a task's calls, and what is done with it: 1 it is hung up on, 2 it gets the message after its beep.
alter table task
  add column detects_machine boolean not null default false,
  add column machine_action smallint not null default 1 check (machine_action in (1, 2));
