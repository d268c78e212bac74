-- What the far side said about the end of a call beyond the SIP status (RFC 3326, RFC 6432).
alter table call
  -- The ITU-T Q.850 cause, 1 to 127.
  add column q850_cause smallint,
  -- Its own words.
  add column end_reason text;
