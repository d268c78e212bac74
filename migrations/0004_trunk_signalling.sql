-- How a trunk is spoken to, what it is shown, and when it is given up on (docs/trunks.md).
alter table trunk
  -- null: found by DNS (RFC 3263), else the transport's own port.
  alter column port drop not null,
  alter column port drop default,
  -- null: what DNS says, else UDP.
  add column transport text check (transport in ('udp', 'tcp', 'tls')),
  -- A SIP URI that every request goes through first.
  add column outbound_proxy text,
  -- The digest user where it is not username.
  add column auth_username text,
  add column registers boolean not null default false,
  add column register_expires_s integer not null default 3600 check (register_expires_s between 60 and 86400),
  -- PEM; null: the certificates that the system trusts.
  add column tls_ca_certificates text,
  add column tls_certificate text,
  add column tls_private_key text,
  -- The name that the certificate must carry; null: the host.
  add column tls_server_name text,
  add column tls_is_verified boolean not null default true,
  add column media_encryption text not null default 'none' check (media_encryption in ('none', 'sdes')),
  add column offer text not null default 'early' check (offer in ('early', 'late')),
  -- RFC 4028; null: no session timer is asked for.
  add column session_expires_s integer default 1800 check (session_expires_s between 90 and 86400),
  -- 0: a 3xx is not followed.
  add column max_redirects smallint not null default 0 check (max_redirects between 0 and 10),
  -- Number rewriting: cut off, put in front, and a plus before it all.
  add column strip_prefix text not null default '',
  add column add_prefix text not null default '',
  add column has_plus boolean not null default false,
  -- Which of caller_ids a call shows.
  add column caller_id_choice text not null default 'by_callee' check (caller_id_choice in ('fixed', 'round_robin', 'by_callee')),
  add column caller_id_has_plus boolean not null default false,
  add column from_user text not null default 'username' check (from_user in ('username', 'caller_id')),
  add column from_domain text,
  add column identity text not null default 'none' check (identity in ('none', 'p_asserted', 'remote_party')),
  add column is_private boolean not null default false,
  -- [["name", "value"]], in order.
  add column headers jsonb not null default '[]',
  -- 0: OPTIONS is sent only when calls fail.
  add column options_interval_s integer not null default 30 check (options_interval_s between 0 and 3600),
  -- Failures in a row, and their share of the calls of the last while, at which no more calls are made over the trunk.
  add column breaker_failures integer not null default 5 check (breaker_failures between 1 and 1000),
  add column breaker_failure_percent integer not null default 50 check (breaker_failure_percent between 1 and 100);
