-- How keys travel over a trunk (docs/trunks.md, src/call/dtmf-mode.ts).
alter table trunk
  add column dtmf text not null default 'auto' check (dtmf in ('auto', 'auto_info', 'rfc4733', 'info', 'inband', 'all'));
