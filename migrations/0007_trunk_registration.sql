-- What each dialer process knows of a trunk beyond whether it takes calls; times by the process's clock.
alter table trunk_health
  -- The circuit (src/dialer/breaker.ts): {state, since, reason, nextTryAt, recentCalls, recentFailures}.
  add column circuit jsonb,
  -- {state, reason, expiresAt, nextTryAt}; null: the trunk does not register.
  add column registration jsonb,
  -- The last OPTIONS: {status, roundTripMs, at}; null: none was sent.
  add column options jsonb;
