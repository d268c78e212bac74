-- What was heard of a call, besides its keys; both null until it ended, and of a call that was not answered.
alter table call
  -- How its audio went: LegMediaStats (src/call/leg-media-stats.ts).
  add column media jsonb,
  -- Who was taken to have answered: CallMachine (src/call/call-machine.ts); null also where nobody asked.
  add column machine jsonb;
