-- Who speaks the account's texts.
alter table account
  add column speech_provider text not null default 'espeak' check (speech_provider in ('espeak', 'google'));
